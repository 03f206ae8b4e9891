//! What stands below and beside a post: its contents, its neighbours, posts about the same, and its address.

use masthead::features::reading::jobs::relate_posts;

use crate::support::{Actor, Published, TestApp};

/// More than nine hundred words in chapters.
fn long(chapters: &[&str]) -> String {
    let words = "One word after another makes a sentence of ten words. ".repeat(30);
    let chapter = |heading: &&str| format!("{heading}\n\n{words}\n\n");
    chapters.iter().map(chapter).collect()
}

#[actix_web::test]
async fn a_long_post_has_a_table_of_its_headings() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let chapters = [
        "## Flour",
        "### Rye & wheat",
        "## Water",
        "#### Cold",
        "## Salt",
    ];
    let post = ann.publish("Bread", &long(&chapters)).await;
    let page = app.anonymous().get(&post.path).await;
    assert_eq!(
        page.all("nav.toc a"),
        ["Flour", "Rye & wheat", "Water", "Salt"]
    );
    assert_eq!(page.all("nav.toc li ol a"), ["Rye & wheat"]);
    for link in page.links("nav.toc") {
        let id = link.strip_prefix('#').unwrap();
        assert!(page.text().contains(&format!(" id=\"{id}\"")), "{link}");
    }
    for (title, markdown) in [
        (
            "Short",
            "## One\n\na\n\n## Two\n\nb\n\n## Three\n\nc".to_owned(),
        ),
        ("Few", long(&["## One", "Two", "## Three", "Four"])),
        (
            "Own",
            format!("- [Flour](#flour)\n- [Salt](#salt)\n\n{}", long(&chapters)),
        ),
    ] {
        let post = ann.publish(title, &markdown).await;
        let page = app.anonymous().get(&post.path).await;
        assert_eq!(page.all("nav.toc"), [] as [&str; 0], "{title}");
    }
}

/// Titles of the previous and the next post.
async fn neighbours(app: &TestApp, post: &Published) -> [Vec<String>; 2] {
    let page = app.anonymous().get(&post.path).await;
    page.assert_status(200);
    ["prev", "next"].map(|rel| page.all(&format!(".neighbours [rel={rel}] b")))
}

async fn posts<const N: usize>(actor: &mut Actor, titles: [&str; N]) -> [Published; N] {
    let mut made = Vec::new();
    for title in titles {
        made.push(actor.publish(title, "Words.").await);
    }
    made.try_into().ok().unwrap()
}

#[actix_web::test]
async fn a_post_leads_to_those_before_and_after_it_of_its_author() {
    let app = TestApp::new().await;
    let (mut ann, mut bob) = (app.author("ann").await, app.author("bob").await);
    let [first, second] = posts(&mut ann, ["First", "Second"]).await;
    bob.publish("Between", "Of somebody else.").await;
    let fields = [("title", "Aside"), ("markdown", "a"), ("unlisted", "on")];
    let aside = ann.publish_with(&fields).await;
    let [third] = posts(&mut ann, ["Third"]).await;
    assert_eq!(neighbours(&app, &first).await, [vec![], vec!["Second"]]);
    assert_eq!(
        neighbours(&app, &second).await,
        [vec!["First"], vec!["Third"]]
    );
    assert_eq!(neighbours(&app, &third).await, [vec!["Second"], vec![]]);
    assert_eq!(
        neighbours(&app, &aside).await,
        [vec![], vec![]] as [Vec<&str>; 2]
    );
    ann.edit(&second.id, &[("title", "Middle")], "publish")
        .await;
    assert_eq!(neighbours(&app, &third).await, [vec!["Middle"], vec![]]);
    ann.edit(&aside.id, &[("unlisted", "")], "publish").await;
    assert_eq!(neighbours(&app, &third).await, [vec!["Aside"], vec![]]);
    ann.post(&format!("/p/{}/trash", aside.id), &[]).await;
    assert_eq!(neighbours(&app, &third).await, [vec!["Middle"], vec![]]);
}

/// Whether a page comes from memory, which it is in afterwards.
async fn is_kept(app: &TestApp, path: &str) -> bool {
    let answer = app.anonymous().get(path).await;
    answer.assert_status(200);
    answer.header("cache-status").unwrap().contains("; hit")
}

async fn kept<const N: usize>(app: &TestApp, posts: [&Published; N]) -> [bool; N] {
    let mut kept = [false; N];
    for (post, kept) in posts.into_iter().zip(&mut kept) {
        *kept = is_kept(app, &post.path).await;
    }
    kept
}

#[actix_web::test]
async fn a_new_post_costs_no_page_but_those_of_its_neighbours() {
    let app = TestApp::new().await;
    let (mut ann, mut bob) = (app.author("ann").await, app.author("bob").await);
    let [first, second, third] = posts(&mut ann, ["First", "Second", "Third"]).await;
    let [other] = posts(&mut bob, ["Other"]).await;
    let all = [&first, &second, &third, &other];
    kept(&app, all).await;
    assert_eq!(kept(&app, all).await, [true; 4]);
    ann.publish("Fourth", "Words.").await;
    assert_eq!(kept(&app, all).await, [true, true, false, true]);
    ann.post(&format!("/p/{}/unpublish", second.id), &[]).await;
    assert_eq!(
        kept(&app, [&first, &third, &other]).await,
        [false, false, true]
    );
    ann.post(&format!("/p/{}/publish", second.id), &[]).await;
    assert_eq!(kept(&app, all).await, [false, false, false, true]);
    // In the list of bob now too, whose posts have it as a neighbour.
    ann.edit(&third.id, &[("authors", "ann, bob")], "publish")
        .await;
    kept(&app, all).await;
    bob.accept(&third.id).await;
    assert!(!is_kept(&app, &other.path).await);
    assert_eq!(neighbours(&app, &other).await, [vec!["Third"], vec![]]);
}

/// Titles of the posts that a page names as related.
async fn related(app: &TestApp, post: &Published) -> Vec<String> {
    let page = app.anonymous().get(&post.path).await;
    page.assert_status(200);
    page.all(".related b")
}

async fn tagged(actor: &mut Actor, title: &str, tags: &str) -> Published {
    let fields = [("title", title), ("markdown", "Words."), ("tags", tags)];
    actor.publish_with(&fields).await
}

#[actix_web::test]
async fn posts_about_the_same_are_found_by_their_rarest_tags() {
    let app = TestApp::new().await;
    let (mut ann, mut bob) = (app.author("ann").await, app.author("bob").await);
    let mut carl = app.author("carl").await;
    let rye = tagged(&mut ann, "Rye", "bread, rye").await;
    let mut hidden = None;
    for (title, tags) in [
        ("Loaf", "bread"),
        ("Crust", "bread"),
        ("Dark loaf", "bread, rye"),
        ("Whisky", "rye"),
        ("Bicycle", "wheels"),
    ] {
        let made = tagged(&mut bob, title, tags).await;
        hidden = Some(made).filter(|_| title == "Whisky").or(hidden);
    }
    let aside = [
        ("title", "Aside"),
        ("tags", "rye"),
        ("unlisted", "on"),
        ("markdown", "a"),
    ];
    carl.publish_with(&aside).await;
    assert_eq!(related(&app, &rye).await, [] as [&str; 0]);
    relate_posts(&app.db()).await.unwrap();
    let found = ["Dark loaf", "Whisky", "Crust"];
    assert_eq!(related(&app, &rye).await, found);
    let whisky = hidden.unwrap();
    bob.post(&format!("/p/{}/trash", whisky.id), &[]).await;
    let rest = ["Dark loaf", "Crust", "Loaf"];
    assert_eq!(related(&app, &rye).await, rest, "gone at once");
    bob.post(&format!("/p/{}/restore", whisky.id), &[]).await;
    assert_eq!(related(&app, &rye).await, found, "and back at once");
    bob.edit(&whisky.id, &[("unlisted", "on")], "publish").await;
    assert_eq!(related(&app, &rye).await, rest, "not of any list");
}

#[actix_web::test]
async fn posts_of_the_author_fill_the_list_but_stand_there_once() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let titles = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth"];
    let [first, _, third, ..] = posts(&mut ann, titles).await;
    relate_posts(&app.db()).await.unwrap();
    assert_eq!(related(&app, &third).await, ["Sixth", "Fifth", "First"]);
    assert_eq!(related(&app, &first).await, ["Sixth", "Fifth", "Fourth"]);
    assert_eq!(
        neighbours(&app, &third).await,
        [vec!["Second"], vec!["Fourth"]]
    );
}

#[actix_web::test]
async fn a_round_of_the_job_costs_only_the_pages_whose_lists_change() {
    let app = TestApp::new().await;
    let (mut ann, mut bob) = (app.author("ann").await, app.author("bob").await);
    let rye = tagged(&mut ann, "Rye", "rye").await;
    let wheels = tagged(&mut bob, "Wheels", "wheels").await;
    relate_posts(&app.db()).await.unwrap();
    kept(&app, [&rye, &wheels]).await;
    relate_posts(&app.db()).await.unwrap();
    assert_eq!(kept(&app, [&rye, &wheels]).await, [true, true]);
    tagged(&mut app.author("carl").await, "Whisky", "rye").await;
    assert_eq!(kept(&app, [&rye, &wheels]).await, [true, true]);
    relate_posts(&app.db()).await.unwrap();
    assert_eq!(kept(&app, [&rye, &wheels]).await, [false, true]);
    assert_eq!(related(&app, &rye).await, ["Whisky"]);
}

#[actix_web::test]
async fn the_walk_goes_over_all_posts_and_begins_again() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let old = tagged(&mut ann, "Old", "rye").await;
    // Newer ones, more than a round looks at.
    sqlx::query(
        "with made as (
             insert into posts (public_id, kind, owner_id, title, slug, status, published_at, changed_at, listed_at)
             select gen_random_uuid(), 'post', owner_id, 'Copy ' || n, 'copy-' || n, 'published', at, at, at
             from posts, generate_series(1, 300) n, lateral (select listed_at + make_interval(secs => n * 0.000001) as at) t
             where slug = 'old' returning id, owner_id, listed_at)
         insert into post_authors (post_id, user_id, position, listed_at) select id, owner_id, 0, listed_at from made",
    )
    .execute(&app.database)
    .await
    .unwrap();
    relate_posts(&app.db()).await.unwrap();
    let whisky = tagged(&mut app.author("bob").await, "Whisky", "rye").await;
    let names_it = |titles: Vec<String>| titles.first().is_some_and(|title| title == "Whisky");
    relate_posts(&app.db()).await.unwrap();
    assert!(
        !names_it(related(&app, &old).await),
        "the walk is beyond it"
    );
    assert_eq!(
        related(&app, &whisky).await,
        ["Old"],
        "and has come to this one"
    );
    relate_posts(&app.db()).await.unwrap();
    assert!(names_it(related(&app, &old).await), "it began again");
}

#[actix_web::test]
async fn the_address_of_a_post_can_be_sent_on() {
    let app = TestApp::new().await;
    let post = app.author("ann").await.publish("A & B", "Words.").await;
    let page = app.anonymous().get(&post.path).await;
    let address = page.one(".share-address");
    assert!(
        address.ends_with(&post.path) && address.starts_with("http"),
        "{address}"
    );
    let letter = page.attribute(".share a[href^='mailto:']", "href").unwrap();
    assert!(
        letter.starts_with("mailto:?subject=A%20%26%20B&body=http"),
        "{letter}"
    );
}

/// Readers find a post at its own address, also where it names another one as the first.
#[actix_web::test]
async fn what_was_published_is_said_to_be_where_it_is() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let post = ann
        .publish_with(&[
            ("title", "Tides"),
            ("markdown", "Text."),
            ("canonical_url", "https://elsewhere.example/tides"),
        ])
        .await;
    let page = app.anonymous().get(&post.path).await;
    let address = page.one("#published a");
    assert!(
        address.starts_with("http") && address.ends_with(&post.path),
        "{address}"
    );
    assert!(!address.contains("elsewhere"), "{address}");
}
