//! What the generator would not have shown is not public here, and the report says why.

use std::fmt::Write as _;

use super::folder::{Folder, Told, import, masthead};
use crate::support::TestApp;

const DRAFT: &str = "draft";
const UNLISTED: &str = "unlisted";
const PUBLIC: &str = "public";

/// Settings in YAML, and what becomes of the post. They hold for every generator, whichever knows them.
const SETTINGS: &[(&str, &str)] = &[
    ("draft: true", DRAFT),
    ("draft: false", PUBLIC),
    ("draft:", PUBLIC),
    ("draft: [true]", DRAFT),
    ("isDraft: yes", DRAFT),
    ("published: false", DRAFT),
    ("published: true", PUBLIC),
    ("published: 2019-01-01", PUBLIC),
    ("published: 2999-01-01", DRAFT),
    ("publish: no", DRAFT),
    ("publishDate: 2999-01-01", DRAFT),
    ("publishdate: 2019-01-01", PUBLIC),
    ("publish_date: 2999-01-01T10:00:00Z", DRAFT),
    ("publishDate: soon", DRAFT),
    ("pubDate: 32503680000", DRAFT),
    ("expiryDate: 2020-02-01", DRAFT),
    ("expirydate: 2999-01-01", PUBLIC),
    ("unpublishdate: 2020-02-01", DRAFT),
    ("expires: 2020-02-01", DRAFT),
    ("expiryDate: sometime", DRAFT),
    ("headless: true", DRAFT),
    ("_build: {render: never}", DRAFT),
    ("build: {render: false}", DRAFT),
    ("build: {render: link}", DRAFT),
    ("build: {list: never}", UNLISTED),
    ("_build: {list: local}", UNLISTED),
    ("build: {list: always, render: always}", PUBLIC),
    ("outputs: []", DRAFT),
    ("render: false", DRAFT),
    ("permalink: false", DRAFT),
    ("private: true", DRAFT),
    ("password: open sesame", DRAFT),
    ("password: ''", PUBLIC),
    ("encrypted: true", DRAFT),
    ("sage: true", DRAFT),
    ("unlisted: true", UNLISTED),
    ("hidden: true", UNLISTED),
    ("hidden: false", PUBLIC),
    ("hiddenFromHomePage: true", UNLISTED),
    ("noindex: true", UNLISTED),
    ("robots: 'noindex, nofollow'", UNLISTED),
    ("robots: index", PUBLIC),
    ("seo: {noindex: true}", UNLISTED),
    ("sitemap: false", UNLISTED),
    ("sitemap: {disable: true}", UNLISTED),
    ("sitemap: {priority: 0.5}", PUBLIC),
    ("listed: false", UNLISTED),
    ("visibility: private", DRAFT),
    ("visibility: members", DRAFT),
    ("visibility: unlisted", UNLISTED),
    ("visibility: public", PUBLIC),
    ("visibility: board", DRAFT),
    ("status: draft", DRAFT),
    ("status: Private", DRAFT),
    ("status: hidden", UNLISTED),
    ("status: published", PUBLIC),
    ("status: accepted", PUBLIC),
    ("type: draft", DRAFT),
    ("layout: draft", DRAFT),
    ("type: review", PUBLIC),
    ("layout: link", PUBLIC),
    ("params: {private: true}", DRAFT),
    ("extra: {hidden: true}", UNLISTED),
    ("hide: [toc]", PUBLIC),
    ("index: 0", PUBLIC),
    ("access: members", DRAFT),
    ("unlisted: true\nprivate: true", DRAFT),
];

async fn shown(app: &TestApp) -> String {
    app.text(
        "select coalesce(string_agg(title || ' ' || case when status = 'draft' then 'draft' when unlisted then 'unlisted' else 'public' end,
                                    E'\\n' order by title), '') from posts",
    )
    .await
}

fn run(app: &TestApp, folder: &Folder, more: &[&str]) -> Told {
    let mut args = vec!["import", "markdown", folder.0.to_str().unwrap()];
    args.extend_from_slice(more);
    let told = masthead(app, &args);
    assert_eq!(told.code, Some(0), "{}", told.summary);
    told
}

#[actix_web::test]
async fn settings_of_every_generator_hide() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[]);
    let mut expected = Vec::new();
    for (number, (setting, becomes)) in SETTINGS.iter().enumerate() {
        let title = format!("N{number:02}");
        folder.write(
            &format!("posts/n{number:02}.md"),
            format!("---\ntitle: {title}\ndate: 2020-01-01\n{setting}\n---\nx\n").as_bytes(),
        );
        expected.push(format!("{title} {becomes}"));
    }
    let told = run(&app, &folder, &[]);
    let found = shown(&app).await;
    let wrong: Vec<String> = found
        .lines()
        .zip(SETTINGS)
        .filter(|(line, _)| !expected.contains(&(*line).to_owned()))
        .map(|(line, (setting, _))| format!("{setting}: {line}"))
        .collect();
    assert_eq!(wrong, [""; 0]);
    assert_eq!(found, expected.join("\n"));
    for (number, (setting, becomes)) in SETTINGS.iter().enumerate() {
        let line = told.of(&format!("posts/n{number:02}.md"));
        assert_eq!(
            line.contains("note: "),
            *becomes != PUBLIC,
            "{setting}\n{line}"
        );
    }
    let hidden = SETTINGS
        .iter()
        .filter(|(_, becomes)| *becomes == DRAFT)
        .count();
    let line = told
        .summary
        .lines()
        .find(|line| line.starts_with("Drafts: "))
        .unwrap();
    let counted: usize = line
        .split([' ', ','])
        .filter_map(|word| word.parse::<usize>().ok())
        .sum();
    assert_eq!(counted, hidden, "{line}");
}

/// Documents that their place, their section or the site's settings hide.
#[actix_web::test]
async fn sections_and_settings_hide_what_is_below() {
    let post =
        |title: &str, more: &str| format!("---\ntitle: {title}\ndate: 2020-01-01\n{more}---\nx\n");
    let hugo: Vec<(&str, String)> = vec![
        ("hugo.toml", "ignoreFiles = ['\\.bak\\.md$']\ndisableLanguages = ['fr']\n[frontmatter]\npublishDate = ['go_live', ':default']\n[[cascade]]\n[cascade._target]\npath = '/posts/secret/**'\n[cascade.build]\nrender = 'never'\n".into()),
        ("content/posts/a.md", post("a public", "")),
        ("content/posts/b.bak.md", post("b draft", "")),
        ("content/posts/secret/c.md", post("c draft", "")),
        ("content/news/_index.md", "---\ntitle: News\ncascade:\n  draft: true\n---\n".into()),
        ("content/news/d.md", post("d draft", "")),
        ("content/news/e.md", post("e public", "draft: false\n")),
        ("content/talks/_index.md", "---\ntitle: T\ncascade:\n- target: {path: '/talks/old/**'}\n  params: {hidden: true}\n---\n".into()),
        ("content/talks/f.md", post("f public", "")),
        ("content/talks/old/g.md", post("g unlisted", "")),
        ("content/posts/h/index.md", post("h public", "")),
        ("content/posts/h/notes.md", post("i draft", "")),
        ("content/posts/j.md", post("j draft", "outputs: [json]\n")),
        ("content/posts/l.fr.md", post("l draft", "")),
        ("content/posts/m.md", post("m draft", "go_live: 2999-01-01\n")),
        ("content/broken/_index.md", "---\ntitle: [\n---\n".into()),
        ("content/broken/k.md", post("k draft", "")),
    ];
    let jekyll: Vec<(&str, String)> = vec![
        (
            "_config.yml",
            "exclude: [attic, '*.tmp.md']\ncollections: {recipes: {output: true}, notes: {output: false}}\ndefaults:\n- scope: {path: private}\n  \
             values: {published: false}\n- scope: {path: '', type: recipes}\n  values: {hidden: true}\n"
                .into(),
        ),
        ("_posts/2020-01-01-a.md", post("a public", "")),
        ("_posts/2020-01-01-b.tmp.md", post("b draft", "")),
        ("attic/c.md", post("c draft", "")),
        ("_drafts/d.md", post("d draft", "")),
        ("private/_posts/2020-01-01-e.md", post("e draft", "")),
        ("_notes/f.md", post("f draft", "")),
        ("_recipes/g.md", post("g unlisted", "")),
        ("_posts/undated.md", post("i draft", "")),
        ("_posts/2999-01-01-h.md", "---\ntitle: h draft\n---\nx\n".into()),
    ];
    let zola: Vec<(&str, String)> = vec![
        (
            "zola.toml",
            "base_url = 'https://example.org'\nignored_content = ['*.tmp.md']\n".into(),
        ),
        (
            "content/blog/a.md",
            "+++\ntitle = 'a public'\ndate = 2020-01-01\n+++\nx\n".into(),
        ),
        (
            "content/blog/b.md",
            "+++\ntitle = 'b draft'\ndate = 2020-01-01\nrender = false\n+++\nx\n".into(),
        ),
        ("content/soon/_index.md", "+++\ndraft = true\n+++\n".into()),
        (
            "content/soon/c.md",
            "+++\ntitle = 'c draft'\ndate = 2020-01-01\ndraft = false\n+++\nx\n".into(),
        ),
        (
            "content/blog/d.tmp.md",
            "+++\ntitle = 'd draft'\ndate = 2020-01-01\n+++\nx\n".into(),
        ),
    ];
    let hexo: Vec<(&str, String)> = vec![
        (
            "_config.yml",
            "source_dir: source\nencrypt:\n  tags:\n  - {name: diary, password: x}\nskip_render: ['raw/**']\n".into(),
        ),
        ("source/_posts/a.md", post("a public", "")),
        ("source/_posts/b.md", post("b draft", "tags: [diary]\n")),
        ("source/_drafts/c.md", post("c draft", "")),
        ("source/raw/d.md", post("d draft", "")),
        ("source/_posts/e.md", post("e draft", "layout: false\n")),
        ("source/_own/f.md", post("f draft", "")),
    ];
    for (name, files) in [
        ("Hugo", hugo),
        ("Jekyll", jekyll),
        ("Zola", zola),
        ("Hexo", hexo),
    ] {
        let app = TestApp::new().await;
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect();
        import(&app, &Folder::new(&files).0).await;
        let mut wrong = String::new();
        for line in shown(&app).await.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            if words[1] != words[2] {
                let _ = writeln!(wrong, "{name}: {line}");
            }
        }
        assert_eq!(wrong, "");
    }
}

/// A part of a site is judged by the settings that lie above it.
#[actix_web::test]
async fn settings_above_the_folder_count() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        (
            "_config.yml",
            "defaults:\n- scope: {path: '', type: posts}\n  values: {published: false}\n",
        ),
        ("_posts/2020-01-01-a.md", "---\ntitle: A\n---\nx\n"),
    ]);
    import(&app, &folder.0.join("_posts")).await;
    assert_eq!(shown(&app).await, "A draft");
}

#[actix_web::test]
async fn expired_posts_are_counted_and_chosen_for() {
    let old = "---\ntitle: Old\ndate: 2019-01-01\nexpirydate: 2020-01-01\n---\nx\n";
    let folder = Folder::new(&[
        ("posts/old.md", old),
        (
            "posts/new.md",
            "---\ntitle: New\ndate: 2020-01-01\n---\nx\n",
        ),
    ]);
    for (more, becomes) in [
        (&[][..], DRAFT),
        (&["--expired=unlisted"], UNLISTED),
        (&["--expired=keep"], PUBLIC),
    ] {
        let app = TestApp::new().await;
        let told = run(&app, &folder, more);
        assert_eq!(shown(&app).await, format!("New public\nOld {becomes}"));
        assert!(
            told.first_line()
                .starts_with("1 of 2 documents are past their expiry date"),
            "{}",
            told.summary
        );
        assert!(
            told.first_line().contains("--expired=keep|unlisted|draft"),
            "{}",
            told.summary
        );
        assert!(told.of("posts/old.md").contains("it expired on 2020-01-01"));
    }
    // What was public here before stays so, and is told.
    let app = TestApp::new().await;
    run(&app, &folder, &["--expired=keep"]);
    for _ in 0..2 {
        let told = run(&app, &folder, &[]);
        assert!(
            told.first_line()
                .contains("but 1 that were public here before stay so"),
            "{}",
            told.summary
        );
        assert_eq!(shown(&app).await, "New public\nOld public");
    }
}

#[actix_web::test]
async fn what_the_folder_shows_at_last_becomes_public() {
    let app = TestApp::new().await;
    let folder = Folder::new(&[
        (
            "posts/a.md",
            "---\ntitle: A\ndate: 2020-01-01\ndraft: true\n---\nx\n",
        ),
        (
            "posts/b.md",
            "---\ntitle: B\ndate: 2020-01-01\nunlisted: true\n---\nx\n",
        ),
    ]);
    import(&app, &folder.0).await;
    assert_eq!(shown(&app).await, "A draft\nB unlisted");
    folder.write("posts/a.md", b"---\ntitle: A\ndate: 2020-01-01\n---\nx\n");
    folder.write("posts/b.md", b"---\ntitle: B\ndate: 2020-01-01\n---\nx\n");
    import(&app, &folder.0).await;
    assert_eq!(shown(&app).await, "A public\nB public");
}
