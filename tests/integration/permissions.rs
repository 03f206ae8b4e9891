//! The matrix: every writing route of the table, tried as everybody. A route that is not written down here
//! fails the test, so nobody adds one without deciding who may use it.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use masthead::features::accounts::Policy;
use masthead::routes;

use crate::support::{Actor, Response, TestApp};

/// Who asks. `Ann` wrote the post and the comment; `Ben` is another author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anonymous,
    Reader,
    Ben,
    Ann,
    Moderator,
    Admin,
    Owner,
}
use Who::{Admin, Ann, Anonymous, Ben, Moderator, Owner, Reader};

const EVERYBODY: [Who; 7] = [Anonymous, Reader, Ben, Ann, Moderator, Admin, Owner];
const SIGNED_IN: &[Who] = &[Reader, Ben, Ann, Moderator, Admin, Owner];
const WRITERS: &[Who] = &[Ben, Ann, Moderator, Admin, Owner];
const STAFF: &[Who] = &[Admin, Owner];
/// The post's author, and admins.
const EDITORS: &[Who] = &[Ann, Admin, Owner];

fn allowed(path: &str) -> &'static [Who] {
    match path {
        "/signup" | "/login" | "/logout" => &EVERYBODY,
        // Only on an empty site.
        "/setup" => &[],
        "/settings/profile"
        | "/settings/account"
        | "/settings/password"
        | "/settings/avatar"
        | "/settings/avatar/remove"
        | "/settings/sessions/revoke" => SIGNED_IN,
        // The session is Ann's.
        "/settings/sessions/{id}/revoke" => &[Ann],
        "/new" | "/preview" => WRITERS,
        "/p/{id}/edit" | "/p/{id}/publish" | "/p/{id}/unpublish" | "/p/{id}/trash" | "/p/{id}/restore" => EDITORS,
        // Ann has named Ben, and nobody else answers for him.
        "/p/{id}/byline/accept" | "/p/{id}/byline/decline" => &[Ben],
        "/@{author}/{slug}/comment" => SIGNED_IN,
        // The comment is the reader's, under Ann's post.
        "/comments/{id}/edit" | "/comments/{id}/delete" => &[Reader],
        "/comments/{id}/report" => &[Ben, Ann, Moderator, Admin, Owner],
        "/comments/{id}/decide" => &[Ann, Moderator, Admin, Owner],
        "/admin/site" | "/admin/invitations" | "/admin/invitations/{id}/revoke" => STAFF,
        // The person is Ben, the role given is reader.
        "/admin/people/{id}/role" => STAFF,
        other => panic!("{other} is not in the matrix: decide who may use it"),
    }
}

struct Stage {
    app: TestApp,
    post: String,
    path: String,
    comment: String,
}

impl Stage {
    /// A fresh stage for each try: an allowed act changes what the next would find.
    async fn new() -> (Stage, Actor) {
        let app = TestApp::new().await;
        let mut ann = app.author("ann").await;
        app.author("ben").await;
        let mut reader = app.person("rita", "reader").await;
        app.person("moss", "moderator").await;
        app.person("adam", "admin").await;
        let published = ann.publish_with(&[("title", "On the stage"), ("markdown", "Text."), ("authors", "ann, ben")]).await;
        reader.post(&format!("{}/comment", published.path), &[("markdown", "A remark."), ("action", "save")]).await;
        let comment = app.text("select public_id::text from comments").await;
        (Stage { app, post: published.id, path: published.path, comment }, ann)
    }

    async fn actor(&self, who: Who) -> Actor {
        match who {
            Anonymous => self.app.anonymous(),
            Reader => self.app.sign_in("rita").await,
            Ben => self.app.sign_in("ben").await,
            Ann => self.app.sign_in("ann").await,
            Moderator => self.app.sign_in("moss").await,
            Admin => self.app.sign_in("adam").await,
            Owner => self.app.owner().await,
        }
    }

    async fn fill(&self, pattern: &str) -> String {
        let id = match pattern.split('/').nth(1) {
            Some("p") => self.post.clone(),
            Some("comments") => self.comment.clone(),
            Some("settings") => {
                self.app
                    .text("select s.public_id::text from sessions s join users u on u.id = s.user_id where u.username = 'ann' order by s.id limit 1")
                    .await
            }
            Some("admin") if pattern.contains("people") => {
                self.app.text("select public_id::text from users where username = 'ben'").await
            }
            _ => {
                let mut owner = self.app.owner().await;
                owner.post("/admin/invitations", &[("role", "author"), ("max_uses", "1"), ("days", "1")]).await;
                self.app.text("select public_id::text from invitations order by id desc limit 1").await
            }
        };
        pattern.replace("{id}", &id).replace("/@{author}/{slug}", &self.path)
    }
}

fn form_of(path: &str) -> Vec<(&'static str, &'static str)> {
    match path {
        "/admin/people/{id}/role" => vec![("role", "reader")],
        "/comments/{id}/decide" => vec![("decision", "hide"), ("reason", "Off the subject."), ("version", "1")],
        "/comments/{id}/report" => vec![("reason", "spam")],
        "/new" => vec![("id", "0199aaaa-0000-7000-8000-000000000001"), ("title", "x"), ("markdown", "x"), ("action", "save")],
        _ => vec![],
    }
}

/// Refused: led to sign in, forbidden, or told that there is nothing.
fn refused(response: &Response) -> bool {
    match response.status.as_u16() {
        303 => response.location().starts_with("/login?next="),
        401 | 403 | 404 => true,
        500.. => panic!("a fault of ours: {}", response.text()),
        _ => false,
    }
}

#[actix_web::test]
async fn every_writing_route_as_everybody() {
    for line in routes::table().iter().filter(|line| !line.method.is_safe()) {
        let allowed = allowed(line.path);
        let mut stage = Stage::new().await.0;
        for who in EVERYBODY {
            if allowed.contains(&who) && allowed.len() > 1 {
                // What the one before did must not decide for the next.
                stage = Stage::new().await.0;
            }
            let path = stage.fill(line.path).await;
            let response = stage.actor(who).await.post(&path, &form_of(line.path)).await;
            assert_eq!(!refused(&response), allowed.contains(&who), "{who:?} {} {}", line.path, response.status);
        }
    }
}

#[actix_web::test]
async fn no_reading_route_below_its_policy_answers_strangers() {
    let (stage, _) = Stage::new().await;
    for line in routes::table().iter().filter(|line| line.method == Method::GET) {
        let path = stage.fill_reading(line.path).await;
        let response = stage.app.anonymous().get(&path).await;
        assert!(response.status.as_u16() < 500, "{path}: {}", response.text());
        let open = matches!(line.policy, Policy::Page | Policy::Public | Policy::Open);
        if !open {
            assert!(refused(&response), "{path} is open to strangers: {}", response.status);
        }
        assert!(
            !(response.header("cache-control").is_some_and(|c| c.contains("public"))
                && response.headers.contains_key("set-cookie")),
            "{path} is storable and sets a cookie"
        );
    }
}

impl Stage {
    async fn fill_reading(&self, pattern: &str) -> String {
        let filled = self.fill(pattern).await;
        filled
            .replace("{format}", "atom")
            .replace("{tag}", "none")
            .replace("{author}", "ann")
            .replace("{name}", "none")
            .replace("{part}", "1")
            .replace("{slug}", "on-the-stage")
            .replace("{path:.*}", "nothing-here")
    }
}

#[actix_web::test]
async fn other_sites_change_nothing() {
    let (stage, _) = Stage::new().await;
    let ways: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("referer", "http://blog.example.evil.example/")],
        &[],
    ];
    for line in routes::table().iter().filter(|line| !line.method.is_safe()) {
        let path = stage.fill(line.path).await;
        for headers in ways {
            let mut owner = stage.app.owner().await;
            let mut request = TestRequest::with_uri(&path).method(Method::POST);
            for (name, value) in headers {
                request = request.insert_header((*name, *value));
            }
            owner.send(request).await.assert_status(403);
        }
    }
    assert_eq!(stage.app.count("select count(*) from posts where status = 'published' and deleted_at is null").await, 1);
}

#[actix_web::test]
async fn crooked_forms_of_guarded_paths_are_refused_alike() {
    let (stage, _) = Stage::new().await;
    let mut ben = stage.app.sign_in("ben").await;
    for path in ["/admin/site", "/admin/people", "/admin/invitations"] {
        ben.get(path).await.assert_status(403);
        for crooked in [
            "//admin/site",
            "/admin//site",
            "/admin/%2e/site",
            "/Admin/site",
            "/admin/site;a=b",
            "/admin/site%2f",
            "/admin/..;/admin/site",
        ] {
            let status = ben.get(crooked).await.status.as_u16();
            assert!(matches!(status, 301 | 403 | 404), "{crooked} {status}");
        }
        let slash = ben.get(&format!("{path}/")).await;
        assert_eq!(slash.location(), path);
    }
}
