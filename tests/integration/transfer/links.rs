//! What a site says of itself is heeded: where its documents were, what its topics are called, where its clock stood.

use super::folder::{Folder, import, masthead};
use crate::support::TestApp;

const DATED: &str = "---\ntitle: The other one\ndate: 2020-02-02\n---\nText.\n";

/// Every link in the text of `from` leads to `to`, by the address that redirects there.
async fn links_lead(app: &TestApp, from: &str, to: &str, old: &[&str]) {
    let mut reader = app.anonymous();
    let page = reader.get(from).await;
    page.assert_status(200);
    let links = page.links(".e-content");
    let without_part: Vec<&str> = links
        .iter()
        .map(|link| link.split('#').next().unwrap())
        .collect();
    assert_eq!(without_part, old, "{from}");
    for link in without_part {
        let mut path = link.to_owned();
        // A slash at the end is taken off first.
        for _ in 0..2 {
            if path != to {
                path = reader.get(&path).await.location().to_owned();
            }
        }
        assert_eq!(path, to, "{link} in {from}");
    }
}

#[actix_web::test]
async fn links_between_documents_lead_to_where_the_old_address_leads() {
    let app = TestApp::new().await;
    let jekyll = Folder::new(&[
        ("_config.yml", "permalink: /blog/:year/:title/\n"),
        ("_posts/2020-02-02-jb.md", DATED),
        ("about.md", "---\ntitle: About\n---\nText.\n"),
        (
            "_posts/2020-01-01-ja.md",
            "---\ntitle: One\n---\n[a]({% post_url 2020-02-02-jb %}) [b]({% link _posts/2020-02-02-jb.md %}) [c](2020-02-02-jb.md#part)\n\
             [d]({% post_url /2020-02-02-jb.md %})\n\n[e]: 2020-02-02-jb.md\n\n[e]\n",
        ),
        (
            "_posts/2020-01-02-jc.md",
            "---\ntitle: Two\n---\n[a]({% link about.md %}) [b](../about.md)\n",
        ),
    ]);
    import(&app, &jekyll.0).await;
    links_lead(&app, "/@olga/ja", "/@olga/jb", &["/blog/2020/jb/"; 5]).await;
    links_lead(&app, "/@olga/jc", "/about", &["/about/"; 2]).await;

    let hugo = Folder::new(&[
        ("hugo.toml", "[permalinks]\nposts = \"/:year/:slug/\"\n"),
        ("content/posts/hb.md", DATED),
        (
            "content/posts/hd/index.fr.md",
            "---\ntitle: Autre\ndate: 2020-03-02\n---\nText.\n",
        ),
        (
            "content/posts/ha.md",
            "---\ntitle: One\ndate: 2020-01-01\n---\n[a]({{< ref \"hb.md\" >}}) [b]({{< relref \"posts/hb\" >}}) [c]({{% ref \"/posts/hb.md#part\" %}})\n\
             [d](hb.md) [e](../posts/hb.md#part) `[f](hb.md)`\n",
        ),
        (
            "content/posts/hc.fr.md",
            "---\ntitle: Un\ndate: 2020-01-02\n---\n[a]({{< ref \"/posts/hd\" >}}) [b](hd/)\n",
        ),
    ]);
    import(&app, &hugo.0).await;
    links_lead(&app, "/@olga/ha", "/@olga/hb", &["/2020/hb/"; 5]).await;
    let page = app.anonymous().get("/@olga/hc").await;
    assert_eq!(page.links(".e-content")[0], "/2020/hd/");

    let zola = Folder::new(&[
        ("config.toml", "base_url = \"https://example.org\"\n"),
        (
            "content/blog/zb.md",
            "+++\ntitle = \"Other\"\ndate = 2020-02-02\npath = \"old/zb\"\n+++\nText.\n",
        ),
        (
            "content/blog/za.md",
            "+++\ntitle = \"One\"\ndate = 2020-01-01\n+++\n[a](@/blog/zb.md) [b](@/blog/zb.md#part) [c](zb.md)\n",
        ),
    ]);
    import(&app, &zola.0).await;
    links_lead(&app, "/@olga/za", "/@olga/zb", &["/old/zb/"; 3]).await;

    let hexo = Folder::new(&[
        ("_config.yml", "permalink: :year/:title/\n"),
        ("source/_posts/xb.md", DATED),
        (
            "source/_posts/xa.md",
            "---\ntitle: One\ndate: 2020-01-01\n---\n{% post_link xb %} {% post_link xb 'Look here' %} [c]({% post_path xb %})\n",
        ),
    ]);
    import(&app, &hexo.0).await;
    links_lead(&app, "/@olga/xa", "/@olga/xb", &["/2020/xb/"; 3]).await;
    let page = app.anonymous().get("/@olga/xa").await;
    assert_eq!(
        page.all(".e-content a"),
        ["The other one", "Look here", "c"]
    );
}

#[actix_web::test]
async fn links_that_lead_to_no_document_stay_and_are_told() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        ("hugo.toml", ""),
        (
            "content/posts/a.md",
            "---\ntitle: One\ndate: 2020-01-01\n---\n[a](gone.md) [b](../../../../etc/passwd.md) [c]({{< ref \"gone.md\" >}})\n",
        ),
    ]);
    let told = masthead(&app, &["import", "markdown", folder.0.to_str().unwrap()]);
    assert!(
        told.of("content/posts/a.md")
            .contains("check that it still leads there"),
        "{}",
        told.items
    );
    let page = app.anonymous().get("/@olga/a").await;
    assert_eq!(
        page.links(".e-content"),
        ["gone.md", "../../../../etc/passwd.md", "/gone/"]
    );
}

#[actix_web::test]
async fn topics_are_called_what_their_pages_are_called() {
    let app = TestApp::new().await;
    app.owner()
        .await
        .publish_with(&[("title", "Here"), ("markdown", "x"), ("tags", "Sea")])
        .await;
    let folder = Folder::new(&[
        ("hugo.toml", "title = \"Old\"\n"),
        (
            "content/tags/open-gov/_index.md",
            "---\ntitle: Open government\n---\n",
        ),
        (
            "content/topics/sea/_index.md",
            "---\ntitle: The seven seas\n---\n",
        ),
        (
            "content/categories/bad/_index.md",
            "---\ntitle: \"!!!\"\n---\n",
        ),
        (
            "content/posts/a.md",
            "---\ntitle: A\ndate: 2020-01-01\ntags: [Open-Gov, sea, bad]\n---\nText.\n",
        ),
        (
            "content/posts/b.md",
            "---\ntitle: B\ndate: 2020-01-02\ntags: [open gov, \"Open Government\"]\n---\nText.\n",
        ),
    ]);
    let run = || masthead(&app, &["import", "markdown", folder.0.to_str().unwrap()]);
    let told = run();
    assert!(told.summary.contains("2 added"), "{}", told.summary);
    let tags =
        "select string_agg(name || ' ' || slug || ' ' || post_count, ', ' order by name) from tags";
    let expected = "Open government open-government 2, Sea sea 2, bad bad 1";
    assert_eq!(app.text(tags).await, expected);
    app.forget_pages();
    assert_eq!(
        app.anonymous().get("/@olga/b").await.all(".p-category"),
        ["Open government"]
    );
    assert!(run().summary.contains("2 unchanged"));
    // Not even where its text changes does a tag change its name.
    folder.write(
        "content/posts/a.md",
        b"---\ntitle: A\ndate: 2020-01-01\ntags: [Open-Gov, sea, bad]\n---\nNew.\n",
    );
    assert!(run().summary.contains("1 updated, 1 unchanged"));
    assert_eq!(app.text(tags).await, expected);
}

#[actix_web::test]
async fn clock_times_are_those_of_the_old_site() {
    let app = TestApp::new().await;
    let post = |name: &str| format!("---\ntitle: {name}\ndate: 2020-06-01 22:30:00\n---\nText.\n");
    let times = "select string_agg(title || ' ' || to_char(published_at at time zone 'utc', 'MM-DD HH24:MI'), ', ' order by title) from posts";
    for (config, settings, name) in [
        (
            "_config.yml",
            "timezone: America/New_York\npermalink: /:year/:month/:day/:title/\n",
            "_posts/2020-06-01-jekyll.md",
        ),
        (
            "hugo.toml",
            "timeZone = \"Asia/Tokyo\"\n",
            "content/posts/hugo.md",
        ),
        (
            "_config.yml",
            "timezone: Middle/Earth\nsource_dir: source\n",
            "source/_posts/hexo.md",
        ),
    ] {
        let title = name
            .rsplit(['/', '-'])
            .next()
            .unwrap()
            .trim_end_matches(".md");
        let folder = Folder::new(&[(config, settings), (name, &post(title))]);
        let told = masthead(&app, &["import", "markdown", folder.0.to_str().unwrap()]);
        assert_eq!(told.code, Some(0), "{}", told.summary);
        assert_eq!(
            told.of(name).contains("UTC was assumed"),
            title == "hexo",
            "{}",
            told.items
        );
        assert_eq!(
            told.summary
                .contains("The time zone \"Middle/Earth\" of the settings is not known"),
            title == "hexo",
            "{}",
            told.summary
        );
    }
    assert_eq!(
        app.text(times).await,
        "hexo 06-01 22:30, hugo 06-01 13:30, jekyll 06-02 02:30"
    );
    // The old address has the day that was written.
    assert_eq!(
        app.anonymous().get("/2020/06/01/jekyll").await.location(),
        "/@olga/jekyll"
    );
}
