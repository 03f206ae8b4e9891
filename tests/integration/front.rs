//! The front page: what leads, what stands in the tier, and the rest by month.

use crate::support::TestApp;

/// Listed posts of Ann's, one a month, each a month older than the one before, until the site has so many.
async fn have(app: &TestApp, count: i64) {
    sqlx::query(
        "with made as (
             insert into posts (public_id, kind, owner_id, title, slug, status, published_at, changed_at, listed_at)
             select gen_random_uuid(), 'post', u.id, 'Post ' || n, 'post-' || n, 'published', at, at, at
             from users u, generate_series((select count(*) + 1 from posts), $1) n,
                  lateral (select '2024-12-15T12:00:00Z'::timestamptz - make_interval(months => n::int) as at) t
             where username = 'ann' returning id, owner_id, listed_at)
         insert into post_authors (post_id, user_id, position, listed_at) select id, owner_id, 0, listed_at from made",
    )
    .bind(count)
    .execute(&app.database)
    .await
    .unwrap();
    app.forget_pages();
}

#[actix_web::test]
async fn it_looks_meant_with_any_number_of_posts() {
    let app = TestApp::new().await;
    app.author("ann").await;
    let mut reader = app.anonymous();
    let empty = reader.get("/").await;
    assert!(empty.all(".lead-story").is_empty());
    assert_eq!(
        empty.all("h1").len(),
        1,
        "the site has its name all the same"
    );
    for (posts, tier, listed) in [
        (1, 0, 0),
        (2, 1, 0),
        (3, 2, 0),
        (4, 2, 1),
        (5, 4, 0),
        (6, 4, 1),
        (20, 4, 15),
        (21, 4, 15),
    ] {
        have(&app, posts).await;
        let page = reader.get("/").await;
        assert_eq!(page.all(".lead-story .p-name"), ["Post 1"]);
        let found = [".tier-story", ".rows-dated li", ".month h2"].map(|part| page.all(part).len());
        assert_eq!(found, [tier, listed, listed], "{posts} posts");
        assert_eq!(page.all("a[rel=next]").len(), usize::from(posts == 21));
    }
    let months = reader.get("/").await.all(".month h2");
    assert_eq!(months[..2], ["June 2024", "May 2024"]);
}

#[actix_web::test]
async fn the_newest_post_with_first_lines_leads() {
    let app = TestApp::new().await;
    app.author("ann").await;
    have(&app, 6).await;
    let mut reader = app.anonymous();
    for (shows, leads) in [(6, 1), (3, 3), (2, 2)] {
        sqlx::query("update posts set description = 'First lines.' where slug = 'post-' || $1")
            .bind(shows.to_string())
            .execute(&app.database)
            .await
            .unwrap();
        app.forget_pages();
        let page = reader.get("/").await;
        assert_eq!(page.all(".lead-story .p-name"), [format!("Post {leads}")]);
        let mut others = page.all(".tier-story .p-name");
        others.extend(page.all(".rows-dated .p-name"));
        assert_eq!(others.len(), 5, "each post stands there once");
    }
}

#[actix_web::test]
async fn authors_are_named_once_beside_their_posts_and_with_commas_above() {
    let app = TestApp::new().await;
    for name in ["ann", "ben", "cleo"] {
        app.author(name).await;
    }
    have(&app, 2).await;
    sqlx::query(
        "insert into post_authors (post_id, user_id, position, listed_at)
         select p.id, u.id, array_position(array['ann', 'ben', 'cleo'], u.username) - 1, p.listed_at
         from posts p, users u where p.slug = 'post-1' and u.username in ('ben', 'cleo')",
    )
    .execute(&app.database)
    .await
    .unwrap();
    app.forget_pages();
    let page = app.anonymous().get("/").await;
    let above = page.all(".lead-story .meta").concat();
    assert!(above.starts_with("ann, ben and cleo"), "{above}");
    assert_eq!(page.all(".faces li bdi"), ["ann", "ben", "cleo"]);
}
