//! Tags say here what their pages on the old site said of them.

use masthead::access::{Actor, Role};
use masthead::features::transfer::{Options, import_markdown};

use super::folder::{Folder, import, import_with};
use crate::support::TestApp;

const POST: &str = "---\ntitle: A\ndate: 2020-01-01\ntags: [open-gov, Sea, sun, \"Slow Bread\", sand, here]\n---\nText.\n";

const SITE: &[(&str, &str)] = &[
    ("hugo.toml", "defaultContentLanguage = \"de\"\n"),
    ("content/posts/a.md", POST),
    (
        "content/tags/open-gov/_index.md",
        "---\ntitle: Open government\ndeck: \"For *all*\"\nsummary: Data &amp; source\n---\nMore.\n",
    ),
    // A page in the site's own language says more than one in another.
    (
        "content/de/tags/sea/_index.md",
        "---\ntitle: Das Meer\ndescription: Vom Meer.\n---\n",
    ),
    (
        "content/fr/tags/sea/_index.md",
        "---\ntitle: La mer\ndescription: De la mer.\n---\n",
    ),
    (
        "content/categories/sun/_index.en.md",
        "---\ndescription: Of the sun.\n---\n",
    ),
    // Without a title it is called what documents call it.
    (
        "content/topics/slow-bread/_index.md",
        "---\ndescription: Of time.\n---\n",
    ),
    ("content/topics/sand/_index.md", "---\ntitle: Sand\n---\n"),
    (
        "content/topics/here/_index.md",
        "---\ndescription: Of there.\n---\n",
    ),
    (
        "content/topics/unused/_index.md",
        "---\ndescription: Of nothing.\n---\n",
    ),
];

async fn told(app: &TestApp) -> String {
    app.text("select string_agg(name || ': ' || coalesce(description, '-'), ', ' order by slug) from tags")
        .await
}

#[actix_web::test]
async fn tags_say_what_their_old_pages_said_until_an_admin_says_more() {
    let app = TestApp::new().await;
    let mut owner = app.owner().await;
    let here = [("title", "Here"), ("markdown", "x"), ("tags", "Here")];
    owner.publish_with(&here).await;
    let say = async |owner: &mut crate::support::Actor, slug: &str, text: &str| {
        owner
            .post(
                &format!("/admin/tags/{slug}/description"),
                &[("description", text)],
            )
            .await
            .assert_status(303);
    };
    say(&mut owner, "here", "Of this place.").await;
    let folder = Folder::new(SITE);
    let dry = Options {
        dry_run: true,
        ..Options::default()
    };
    import_with(&app, &folder.0, &dry).await.unwrap();
    assert_eq!(told(&app).await, "Here: Of this place.");
    import(&app, &folder.0).await;
    let expected = "Das Meer: Vom Meer., Here: Of this place., Open government: Data & source, sand: -, \
                    Slow Bread: Of time., sun: Of the sun.";
    assert_eq!(told(&app).await, expected);
    app.forget_pages();
    let page = app.anonymous().get("/t/open-government").await;
    assert_eq!(page.one("main .lead"), "Data & source");
    let acts = "select count(*) from audit_log where act = 'tag.describe'";
    assert_eq!(app.count(acts).await, 5);
    import(&app, &folder.0).await;
    assert_eq!(app.count(acts).await, 5, "nothing changed");

    // Words that an admin wrote or took away stay so; of the others the folder goes on speaking.
    say(&mut owner, "open-government", "Of all of us.").await;
    say(&mut owner, "slow-bread", "").await;
    folder.write(
        "content/categories/sun/_index.en.md",
        b"---\ndescription: Of every sun.\n---\n",
    );
    let long = "x".repeat(1001);
    folder.write(
        "content/topics/sand/_index.md",
        format!("---\ndescription: {long}\n---\n").as_bytes(),
    );
    import(&app, &folder.0).await;
    let expected = format!(
        "Das Meer: Vom Meer., Here: Of this place., Open government: Of all of us., sand: {}, Slow Bread: -, sun: Of every sun.",
        &long[..1000]
    );
    assert_eq!(told(&app).await, expected);
}

/// The live site holds a tag for a moment: the import waits. Where the database refuses for good, the documents stay.
#[actix_web::test]
async fn tags_are_described_again_where_something_was_in_the_way() {
    let app = TestApp::new().await;
    app.owner().await;
    sqlx::raw_sql(
        "create sequence refused;
         create function refuse() returns trigger language plpgsql security definer as $$ begin
             if nextval('refused') <= 2 then raise exception using errcode = '55P03'; end if;
             return new; end $$;
         create trigger refuse before update of description on tags for each row execute function refuse()",
    )
    .execute(&app.database)
    .await
    .unwrap();
    let folder = Folder::new(SITE);
    import(&app, &folder.0).await;
    assert!(told(&app).await.contains("sun: Of the sun."));

    sqlx::raw_sql("create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'never'; end $$")
        .execute(&app.database)
        .await
        .unwrap();
    folder.write("content/posts/b.md", b"---\ntitle: B\n---\nText.\n");
    folder.write(
        "content/categories/sun/_index.en.md",
        b"---\ndescription: Of every sun.\n---\n",
    );
    let error = import_with(&app, &folder.0, &Options::default())
        .await
        .unwrap_err();
    assert!(format!("{error:#}").contains("import again"), "{error:#}");
    assert_eq!(
        app.count("select count(*) from posts where title = 'B'")
            .await,
        1
    );
}

/// A later door, such as an import by a form, must not bring it to accounts that may not manage the site.
#[actix_web::test]
async fn an_actor_who_may_not_manage_the_site_imports_nothing() {
    let app = TestApp::new().await;
    let folder = Folder::new(SITE);
    let author = Actor {
        id: Some(1),
        role: Role::Author,
        ..Actor::command("ann")
    };
    let refused = import_markdown(&app.db(), &folder.0, &Options::default(), &author).await;
    assert!(refused.unwrap_err().to_string().contains("can't do this"));
    assert_eq!(app.count("select count(*) from posts").await, 0);
}
