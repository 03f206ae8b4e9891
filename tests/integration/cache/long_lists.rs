//! Lists of many posts: what happens in one place of a list is seen on all of its pages, and costs few of them their copy.

use std::collections::BTreeSet;

use super::later_pages::next_page;
use crate::support::{Actor, Published, Response, TestApp};

const LISTS: [&str; 3] = ["/newest", "/@ann", "/t/sea"];

/// A site with posts of one author under one tag, each a while older than the next, and copies of all pages that show them.
struct LongLists {
    app: TestApp,
    plain: TestApp,
    ann: Actor,
    /// The oldest first.
    posts: Vec<Published>,
    paths: Vec<String>,
}

impl LongLists {
    async fn with(count: usize, apart: &str) -> LongLists {
        let app = TestApp::new().await;
        let mut ann = app.author("ann").await;
        let mut posts = Vec::new();
        for n in 0..count {
            let title = format!("Post {n}");
            let fields = [("title", &*title), ("markdown", "Text."), ("tags", "sea")];
            posts.push(ann.publish_with(&fields).await);
        }
        for statement in [
            "update posts p set published_at = now() - (n * $1::interval) from
             (select id, row_number() over (order by id desc) as n from posts) o where o.id = p.id",
            "update posts set listed_at = published_at where $1::text <> ''",
            "update post_tags t set listed_at = p.published_at from posts p where p.id = t.post_id and $1::text <> ''",
            "update post_authors a set listed_at = p.published_at from posts p where p.id = a.post_id and $1::text <> ''",
        ] {
            let set = sqlx::query(statement).bind(apart);
            set.execute(&app.database).await.unwrap();
        }
        app.forget_pages();
        // A node that hears nothing of others trusts its copies for a while only.
        app.follow().await;
        let plain = app.without_memory().await;
        let mut lists = LongLists {
            app,
            plain,
            ann,
            posts,
            paths: Vec::new(),
        };
        lists.crawl().await;
        lists
    }

    /// Every public page that leads from page to page.
    async fn crawl(&mut self) {
        let mut found: BTreeSet<String> = ["/sitemap.xml", "/sitemap-posts-1.xml", "/robots.txt"]
            .map(str::to_owned)
            .into();
        let mut left = vec!["/".to_owned()];
        while let Some(path) = left.pop() {
            if !found.insert(path.clone()) {
                continue;
            }
            let page = self.plain.anonymous().get(&path).await;
            let links = page.links("html").into_iter();
            let ours = links.filter_map(|link| {
                let link = link.split('#').next().unwrap_or_default().to_owned();
                let ours = link.starts_with('/') && !link.starts_with("//");
                let public = ![
                    "/new",
                    "/login",
                    "/signup",
                    "/assets",
                    "/comments",
                    "/avatars",
                ]
                .iter()
                .any(|private| link == *private || link.starts_with(&format!("{private}/")))
                    && !link.contains("/comment");
                (ours && public).then_some(link)
            });
            left.extend(ours);
        }
        self.paths = found.into_iter().collect();
    }

    async fn warm(&self) {
        for path in &self.paths {
            for _ in 0..2 {
                self.app.anonymous().get(path).await;
            }
        }
    }

    /// Pages whose copy is gone, without filling the memory again. What is moved is kept for seconds anyway.
    async fn lost(&self) -> Vec<String> {
        let mut lost = Vec::new();
        let pages = self.paths.iter().filter(|path| !path.starts_with("/p/"));
        for path in pages {
            let answer = self.app.anonymous().get(path).await;
            if !answer.header("cache-status").unwrap().contains("; hit") {
                lost.push(path.clone());
            }
        }
        lost
    }

    /// Fills the memory where there is no copy.
    async fn same_after(&self, change: &str) {
        for path in &self.paths {
            let shown = self.app.anonymous().get(path).await;
            let right = self.plain.anonymous().get(path).await;
            assert_eq!(told(&shown), told(&right), "{path} is old after: {change}");
        }
    }

    async fn press(&mut self, post: usize, button: &str) {
        let path = format!("/p/{}/{button}", self.posts[post].id);
        self.ann.post(&path, &[]).await.assert_status(303);
    }
}

fn told(answer: &Response) -> (u16, Option<String>, String) {
    let location = answer.header("location").map(str::to_owned);
    (answer.status.as_u16(), location, answer.text())
}

#[actix_web::test]
async fn a_change_in_the_middle_is_seen_on_all_pages() {
    for apart in ["7 hours", "9 days", "130 days"] {
        let mut lists = LongLists::with(65, apart).await;
        lists.paths.retain(|path| !path.starts_with("/@ann/"));
        lists.same_after("nothing").await;
        for (post, button) in [
            (31, "unpublish"),
            (31, "publish"),
            (8, "trash"),
            (8, "restore"),
            // The first of a page, where the next one begins, and the last of all.
            (45, "unpublish"),
            (45, "publish"),
            (0, "unpublish"),
            (0, "publish"),
        ] {
            lists.press(post, button).await;
            lists
                .same_after(&format!("{button} of {post}, {apart} apart"))
                .await;
        }
        let id = lists.posts[30].id.clone();
        for (tags, what) in [("", "a tag less"), ("sea", "a tag more")] {
            lists.ann.edit(&id, &[("tags", tags)], "publish").await;
            lists.same_after(&format!("{what}, {apart} apart")).await;
        }
        let mut owner = lists.app.owner().await;
        let about = [("description", "Of waves.")];
        let done = owner.post("/admin/tags/sea/description", &about).await;
        done.assert_status(303);
        lists
            .same_after(&format!("a description, {apart} apart"))
            .await;
        let ocean = [("name", "Ocean"), ("slug", "ocean")];
        owner
            .post("/admin/tags/sea", &ocean)
            .await
            .assert_status(303);
        lists
            .same_after(&format!("another name, {apart} apart"))
            .await;
    }
}

/// However long a list is, publishing and commenting cost few pages their copies, and none of those further back.
#[actix_web::test]
async fn a_new_post_and_a_comment_leave_older_pages_alone() {
    let mut lists = LongLists::with(130, "5 hours").await;
    let mut reader = lists.app.person("rob", "reader").await;
    lists.warm().await;
    let older = |path: &&String| path.contains("before=");
    let all = lists.paths.iter().filter(older).count();
    assert!(all >= 3 * 6, "{all} of {:?}", lists.paths);
    let fields = [("title", "Newest"), ("markdown", "Text."), ("tags", "sea")];
    lists.ann.publish_with(&fields).await;
    let lost = lists.lost().await;
    assert!(lost.len() <= 50, "{} lost: {lost:?}", lost.len());
    for path in ["/", "/newest", "/@ann", "/t/sea", "/feed.atom", "/archive"] {
        assert!(lost.iter().any(|lost| lost == path), "{path} is as it was");
    }
    // The last page of each list waits for what may come behind it.
    let gone: Vec<&String> = lost.iter().filter(older).collect();
    assert!(gone.len() <= LISTS.len() + 1, "{gone:?}");
    lists.same_after("a new post").await;

    let post = lists.posts[60].path.clone();
    let comment = [("markdown", "Indeed.")];
    reader
        .post(&format!("{post}/comment"), &comment)
        .await
        .assert_status(303);
    let lost = lists.lost().await;
    assert!(lost.contains(&post) && lost.len() <= 8, "{lost:?}");
    lists.same_after("a comment").await;
}

/// However many authors there are, what one of them publishes costs the pages of those who joined at other times nothing.
#[actix_web::test]
async fn a_post_leaves_pages_of_other_authors_alone() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    ann.publish("First", "Text.").await;
    app.publishing_people("early", 190).await;
    let mut late = app.author("late").await;
    app.publishing_people("later", 190).await;
    app.forget_pages();
    app.follow().await;
    let mut paths = vec!["/authors".to_owned()];
    while let Some(next) = {
        let page = app.anonymous().get(paths.last().unwrap()).await;
        page.attribute("a[rel=next]", "href")
    } {
        paths.push(next);
    }
    let parts = ["/sitemap-authors-1.xml", "/sitemap-posts-1.xml"].map(str::to_owned);
    paths.extend(parts.clone());
    let mut lists = LongLists {
        plain: app.without_memory().await,
        app,
        ann,
        posts: Vec::new(),
        paths,
    };
    let pages = |of: &[usize]| -> Vec<String> {
        let lists = of.iter().map(|page| lists.paths[*page].clone());
        lists.chain(parts.clone()).collect()
    };
    // The last page, of 7, waits for what may come behind it; accounts are named by fifties, which may lie on two pages.
    let (first, middle, last) = (pages(&[0, 6]), pages(&[2, 3, 6]), pages(&[5, 6]));
    lists.warm().await;
    lists.ann.publish("Second", "Text.").await;
    assert_eq!(lists.lost().await, first);
    lists.same_after("another post of the first author").await;

    // An account of the middle is an author now, and none again.
    lists.warm().await;
    let post = late.publish("Late", "Text.").await;
    assert_eq!(lists.lost().await, middle);
    lists.same_after("a first post in the middle").await;
    let on_page = lists.app.anonymous().get(&lists.paths[3]).await;
    assert!(on_page.all(".h-card h2").contains(&"late".to_owned()));
    lists.warm().await;
    late.post(&format!("/p/{}/unpublish", post.id), &[])
        .await
        .assert_status(303);
    assert_eq!(lists.lost().await, middle);
    lists
        .same_after("the last post of an author in the middle")
        .await;

    lists.warm().await;
    let mut last_one = lists.app.author("zoe").await;
    last_one.publish("Last", "Text.").await;
    assert_eq!(lists.lost().await, last);
    lists.same_after("a first post at the end").await;
}

/// Where a list goes on is asked for on each of its pages, so that no page is forgotten above.
#[actix_web::test]
async fn every_page_of_a_long_list_is_reached() {
    let lists = LongLists::with(65, "9 days").await;
    for list in LISTS {
        let mut page = lists.plain.anonymous().get(list).await;
        for _ in 0..3 {
            let next = next_page(&page, "");
            assert!(lists.paths.contains(&next), "{next}");
            page = lists.plain.anonymous().get(&next).await;
        }
        assert_eq!(page.attribute("a[rel=next]", "href"), None);
    }
}
