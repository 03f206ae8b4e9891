//! The addresses of the old site, where only a part of it is imported and its settings lie above.

use super::folder::{Folder, import, masthead};
use crate::support::TestApp;

const DATED: &str = "---\ntitle: A\ndate: 2020-03-01\n---\nText.\n";

/// Of each generator: the files of a site, the part that is imported, and the old address of its document.
#[actix_web::test]
async fn old_addresses_follow_the_settings_above_the_folder() {
    let app = TestApp::new().await;
    let hugo =
        "[permalinks]\nposts = \"/2-hugo/:year/:month/:slug/\"\nnotes = \"/2-notes/:slug/\"\n";
    let jekyll = "permalink: /2-jekyll/:year/:title/\n";
    let hexo = "permalink: 2-hexo/:year/:title/\n";
    for (config, settings, document, part, old) in [
        (
            "hugo.toml",
            hugo,
            "content/posts/hugo.md",
            "content",
            "/2-hugo/2020/03/hugo",
        ),
        (
            "config/_default/hugo.toml",
            hugo,
            "content/posts/inner.md",
            "content/posts",
            "/2-hugo/2020/03/inner",
        ),
        (
            "config.yaml",
            "contentDir: texts\npermalinks: {notes: /2-texts/:slug/}\n",
            "texts/notes/texts.md",
            "texts",
            "/2-texts/texts",
        ),
        (
            "config.toml",
            "base_url = \"https://example.org\"\n",
            "content/blog/zola.md",
            "content",
            "/blog/zola",
        ),
        (
            "zola.toml",
            "base_url = \"https://example.org\"\n",
            "content/blog/deep.md",
            "content/blog",
            "/blog/deep",
        ),
        (
            "_config.yml",
            jekyll,
            "_posts/2020-03-01-jekyll.md",
            "_posts",
            "/2-jekyll/2020/jekyll",
        ),
        (
            "_config.yml",
            jekyll,
            "blog/_posts/2020-03-01-category.md",
            "blog",
            "/2-jekyll/2020/category",
        ),
        (
            "_config.yml",
            "source: src\npermalink: /2-src/:title/\n",
            "src/_posts/2020-03-01-src.md",
            "src/_posts",
            "/2-src/src",
        ),
        (
            "_config.yml",
            hexo,
            "source/_posts/hexo.md",
            "source/_posts",
            "/2-hexo/2020/hexo",
        ),
        (
            "_config.yml",
            hexo,
            "source/_posts/source.md",
            "source",
            "/2-hexo/2020/source",
        ),
    ] {
        let folder = Folder::new(&[(config, settings), (document, DATED)]);
        import(&app, &folder.0.join(part)).await;
        let name = old.rsplit('/').next().unwrap();
        let answer = app.anonymous().get(old).await;
        assert!(
            answer
                .header("location")
                .is_some_and(|new| new.ends_with(&format!("/{name}"))),
            "{old}: {}",
            answer.status
        );
    }
}

/// Settings of another generator, and those further up than the generator's layout has them, are another site's.
#[actix_web::test]
async fn settings_of_another_site_are_not_heeded() {
    let app = TestApp::new().await;
    let hugo = "[permalinks]\nposts = \"/3-hugo/:slug/\"\n_posts = \"/3-hugo/:slug/\"\n";
    let zola = "+++\ntitle = \"A\"\ndate = 2020-03-01\n[extra]\nx = 1\n+++\nText.\n";
    for (config, settings, document, part, old) in [
        (
            "hugo.toml",
            hugo,
            "site/content/posts/far.md",
            "site/content",
            "/3-hugo/far",
        ),
        (
            "hugo.toml",
            hugo,
            "_posts/2020-03-01-other.md",
            "_posts",
            "/3-hugo/other",
        ),
        (
            "hugo.toml",
            hugo,
            "content/_posts/2020-03-01-inside.md",
            "content",
            "/3-hugo/inside",
        ),
        (
            "_config.yml",
            "permalink: /3-jekyll/:title/\n",
            "content/posts/hugo.md",
            "content",
            "/3-jekyll/hugo",
        ),
        (
            "_config.yml",
            "permalink: /3-jekyll/:title/\n",
            "my/site/_posts/2020-03-01-far-off.md",
            "my/site/_posts",
            "/3-jekyll/far-off",
        ),
        (
            "_config.yml",
            "permalink: 3-hexo/:title/\n",
            "blog/source/_posts/away.md",
            "blog/source/_posts",
            "/3-hexo/away",
        ),
    ] {
        let folder = Folder::new(&[(config, settings), (document, DATED)]);
        import(&app, &folder.0.join(part)).await;
        app.anonymous().get(old).await.assert_status(404);
    }
    let folder = Folder::new(&[("hugo.toml", hugo), ("content/posts/zola.md", zola)]);
    import(&app, &folder.0.join("content")).await;
    app.anonymous().get("/3-hugo/zola").await.assert_status(404);
}

/// Imported before the settings were there, or by a release that did not read them.
#[actix_web::test]
async fn importing_again_adds_old_addresses_and_changes_no_other() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        ("content/posts/a.fr.md", DATED),
        ("content/posts/b.md", DATED),
    ]);
    let content = folder.0.join("content");
    const STATE: &str = "select string_agg(import_key || ' ' || slug || ' ' || version, ', ' order by import_key) from posts";
    import(&app, &content).await;
    let before = app.text(STATE).await;
    folder.write("hugo.toml", b"[permalinks]\nposts = \"/4/:year/:slug/\"\n");
    import(&app, &content).await;
    assert_eq!(app.text(STATE).await, before);
    for (old, slug) in [("/4/2020/a", "/a-fr"), ("/4/2020/b", "/b")] {
        assert!(
            app.anonymous().get(old).await.location().ends_with(slug),
            "{old}"
        );
    }
    let keys = "select string_agg(key_prefix, ' ') from import_sources";
    let sources = app.text(keys).await;
    import(&app, &content).await;
    assert_eq!(
        (app.text(keys).await, app.text(STATE).await),
        (sources, before)
    );
}

#[actix_web::test]
async fn settings_that_cannot_be_read_are_a_note() {
    let app = TestApp::new().await;
    for (config, document, part) in [
        ("hugo.toml", "content/posts/a.md", "content"),
        ("hugo.toml", "content/posts/b.md", ""),
        ("_config.yml", "source/_posts/c.md", "source/_posts"),
    ] {
        let folder = Folder::new(&[(config, "permalinks: [\n= {\n"), (document, DATED)]);
        let told = masthead(
            &app,
            &["import", "markdown", folder.0.join(part).to_str().unwrap()],
        );
        assert_eq!(told.code, Some(0), "{}", told.summary);
        assert!(
            told.summary
                .contains(&format!("/{config} cannot be read: line ")),
            "{}",
            told.summary
        );
        assert!(told.summary.contains("1 added"), "{}", told.summary);
    }
}
