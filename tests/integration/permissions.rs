//! The matrix: every writing route of the table, tried as everybody. A route that is not written down here
//! fails the test, so nobody adds one without deciding who may use it.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use masthead::features::accounts::Access;
use masthead::routes;

use crate::support::{Actor, PASSWORD, Response, TestApp};

/// Who asks. `Ann` wrote the post and the comment; `Ben` is another author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anonymous,
    Reader,
    Contributor,
    Ben,
    Ann,
    Editor,
    Moderator,
    Admin,
    Owner,
}
use Who::{Admin, Ann, Anonymous, Ben, Contributor, Editor, Moderator, Owner, Reader};

/// A time to come, within the years for which a post can be planned.
const LATER: &str = "2034-01-01T12:00";

const EVERYBODY: [Who; 9] = [
    Anonymous,
    Reader,
    Contributor,
    Ben,
    Ann,
    Editor,
    Moderator,
    Admin,
    Owner,
];
const SIGNED_IN: &[Who] = &[
    Reader,
    Contributor,
    Ben,
    Ann,
    Editor,
    Moderator,
    Admin,
    Owner,
];
const WRITERS: &[Who] = &[Contributor, Ben, Ann, Editor, Moderator, Admin, Owner];
const STAFF: &[Who] = &[Admin, Owner];
/// The post's author, editors and admins.
const EDITORS: &[Who] = &[Ann, Editor, Admin, Owner];
/// What changes for readers is not for contributors, not even of their own posts.
const PUBLISHERS_ROUTES: [&str; 8] = [
    "/p/{id}/correct",
    "/p/{id}/publish",
    "/p/{id}/unpublish",
    "/p/{id}/schedule",
    "/p/{id}/unschedule",
    "/p/{id}/pin",
    "/p/{id}/unpin",
    "/p/{id}/review/send-back",
];

/// What becomes of a form, by who sends it: who may gets `done` and something is written; everybody else gets `refused`,
/// strangers 401 with what they typed, and nothing is written.
struct Rule {
    allowed: &'static [Who],
    done: u16,
    refused: u16,
}

fn rule(path: &str) -> Rule {
    let rule = |allowed, refused| Rule {
        allowed,
        done: 303,
        refused,
    };
    match path {
        "/signup" | "/login" | "/logout" => rule(&EVERYBODY, 403),
        // By a link that allows it, whoever holds it.
        "/preview/{token}" => rule(&EVERYBODY, 404),
        // Only on an empty site.
        "/setup" => rule(&[], 404),
        "/settings/profile"
        | "/settings/account"
        | "/settings/password"
        | "/settings/avatar"
        | "/settings/avatar/remove"
        | "/settings/sessions/revoke" => rule(SIGNED_IN, 403),
        // The session is Ann's.
        "/settings/sessions/{id}/revoke" => rule(&[Ann], 404),
        "/new" => rule(WRITERS, 403),
        "/preview" => Rule {
            done: 200,
            ..rule(WRITERS, 403)
        },
        "/p/{id}/preview-links" | "/p/{id}/merge" | "/p/{id}/compare" => Rule {
            done: 200,
            ..rule(EDITORS, 404)
        },
        // The post is Ann's.
        "/p/{id}/edit"
        | "/p/{id}/publish"
        | "/p/{id}/unpublish"
        | "/p/{id}/schedule"
        | "/p/{id}/correct"
        | "/p/{id}/review"
        | "/p/{id}/review/withdraw"
        | "/p/{id}/review/send-back"
        | "/p/{id}/preview-links/{link}/revoke"
        | "/p/{id}/notes/{note}/accept"
        | "/p/{id}/notes/{note}/dismiss"
        | "/p/{id}/notes/{note}/reopen"
        | "/p/{id}/unschedule"
        | "/p/{id}/duplicate"
        | "/p/{id}/template"
        | "/p/{id}/untemplate"
        | "/p/{id}/trash"
        | "/p/{id}/restore"
        | "/p/{id}/history/{number}/restore" => rule(EDITORS, 404),
        // On the page of the account that asks, which has to be an author of the post.
        "/p/{id}/pin" | "/p/{id}/unpin" => rule(&[Ann], 404),
        "/p/{id}/pin-to-front" | "/p/{id}/unpin-from-front" => rule(STAFF, 403),
        // The only post of the form is Ann's.
        "/dashboard/bulk" => Rule {
            done: 200,
            ..rule(EDITORS, 404)
        },
        // Each with a ticket of their own, where they could trash Ann's post; else with hers.
        "/dashboard/undo" => rule(EDITORS, 400),
        // Ann has named Ben, and nobody else answers for him.
        "/p/{id}/byline/accept" | "/p/{id}/byline/decline" => rule(&[Ben], 404),
        "/@{author}/{slug}/comment" => rule(SIGNED_IN, 403),
        // The comment is the reader's, under Ann's post.
        "/comments/{id}/edit" | "/comments/{id}/delete" => rule(&[Reader], 403),
        "/comments/{id}/report" => rule(
            &[Contributor, Ben, Ann, Editor, Moderator, Admin, Owner],
            403,
        ),
        "/comments/{id}/decide" => rule(&[Ann, Moderator, Admin, Owner], 403),
        "/admin/invitations" => Rule {
            done: 200,
            ..rule(STAFF, 403)
        },
        "/admin/site"
        | "/admin/site/{picture}"
        | "/admin/site/{picture}/remove"
        | "/admin/invitations/{id}/revoke"
        | "/admin/samples/remove"
        | "/admin/jobs/retry"
        | "/admin/jobs/{id}/retry" => rule(STAFF, 403),
        // The person is Ben, the role given is reader.
        "/admin/people/{id}/role" => rule(STAFF, 403),
        // The handle is one that Ben gave up.
        "/admin/people/{id}/handles" => rule(STAFF, 403),
        "/admin/tags/{tag}" | "/admin/tags/{tag}/description" | "/admin/tags/{tag}/merge" => {
            rule(STAFF, 403)
        }
        other => panic!("{other} is not in the matrix: decide who may use it"),
    }
}

/// Their forms hold a file.
const UPLOADS: [&str; 2] = ["/settings/avatar", "/admin/site/{picture}"];

fn expected(path: &str, who: Who) -> u16 {
    let rule = rule(path);
    match who {
        _ if rule.allowed.contains(&who) => rule.done,
        // Readers are turned away before anything is looked up.
        Reader if path.starts_with("/p/") && !path.ends_with("/decline") => 403,
        Contributor if PUBLISHERS_ROUTES.contains(&path) => 403,
        Reader if path == "/dashboard/bulk" => 403,
        Anonymous if path == "/setup" => 404,
        // An upload is led to sign in: a file cannot be given back.
        Anonymous if UPLOADS.contains(&path) => 303,
        Anonymous => 401,
        // It stands at Ann's own address: she is told so.
        Ann if path.contains("/byline/") => 403,
        _ => rule.refused,
    }
}

/// Whether it writes where it is allowed.
fn writes(path: &str, who: Who) -> bool {
    let only_shows = ["/preview", "/p/{id}/merge", "/p/{id}/compare"];
    !(only_shows.contains(&path) || (path == "/logout" && who == Anonymous))
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
        app.person("cora", "contributor").await;
        app.person("edda", "editor").await;
        app.person("moss", "moderator").await;
        app.person("adam", "admin").await;
        let published = ann
            .publish_with(&[
                ("title", "On the stage"),
                ("markdown", "Text."),
                ("authors", "ann, ben"),
            ])
            .await;
        reader
            .post(
                &format!("{}/comment", published.path),
                &[("markdown", "A remark."), ("action", "save")],
            )
            .await;
        let comment = app.text("select public_id::text from comments").await;
        (
            Stage {
                app,
                post: published.id,
                path: published.path,
                comment,
            },
            ann,
        )
    }

    async fn actor(&self, who: Who) -> Actor {
        match who {
            Anonymous => self.app.anonymous(),
            Reader => self.app.sign_in("rita").await,
            Contributor => self.app.sign_in("cora").await,
            Editor => self.app.sign_in("edda").await,
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
            Some("admin") if pattern.contains("jobs") => {
                self.app.text("select coalesce(max(id), 0)::text from jobs where failed_at is not null").await
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
        let link = "select coalesce((select public_id from preview_links order by id desc limit 1), gen_random_uuid())::text";
        let link = self.app.text(link).await;
        let note = "select coalesce((select public_id from guest_notes), gen_random_uuid())::text";
        let note = self.app.text(note).await;
        let paragraph = "select '1-' || encode(substr(sha256(E'Text.\\n'), 1, 6), 'hex')";
        let paragraph = self.app.text(paragraph).await;
        pattern
            .replace("{token}", &format!("stage?note={paragraph}"))
            .replace("{note}", &note)
            .replace("{id}", &id)
            .replace("{tag}", "stage")
            .replace("{picture}", "logo")
            .replace("{link}", &link)
            .replace("{number}", "1")
            .replace("/@{author}/{slug}", &self.path)
    }
}

impl Stage {
    async fn unpublish(&self, ann: &mut Actor) {
        ann.post(&format!("/p/{}/unpublish", self.post), &[])
            .await
            .assert_status(303);
    }

    /// Saved, and not public.
    async fn change(&self, ann: &mut Actor) {
        ann.edit(&self.post, &[("markdown", "Newer text.")], "save")
            .await
            .assert_status(303);
    }

    /// A note by a link of which the token is known.
    async fn leave_note(&self) {
        let left = "with link as (
                        insert into preview_links (public_id, post_id, token_hash, created_by, expires_at, allows_notes)
                        select gen_random_uuid(), id, sha256('stage'), owner_id, now() + interval '1 day', true from posts
                        where public_id = $1::uuid returning id)
                    insert into guest_notes (public_id, link_id, name, comment, paragraph, paragraph_hash, position)
                    select gen_random_uuid(), id, '', 'Well.', 'Text.', substr(sha256(E'Text.\\n'), 1, 16), 0 from link";
        sqlx::query(left)
            .bind(&self.post)
            .execute(&self.app.database)
            .await
            .unwrap();
    }

    /// What the act needs in order to change something.
    async fn prepare(&self, pattern: &str) {
        let mut ann = self.app.sign_in("ann").await;
        match pattern {
            "/p/{id}/publish" | "/p/{id}/correct" | "/p/{id}/history/{number}/restore" => {
                self.change(&mut ann).await
            }
            "/p/{id}/review" => self.change(&mut ann).await,
            "/p/{id}/review/withdraw" | "/p/{id}/review/send-back" => {
                self.change(&mut ann).await;
                ann.post(&format!("/p/{}/review", self.post), &[])
                    .await
                    .assert_status(303);
            }
            "/p/{id}/preview-links/{link}/revoke" => {
                ann.post(&format!("/p/{}/preview-links", self.post), &[("days", "7")])
                    .await
                    .assert_status(200);
            }
            "/preview/{token}" | "/p/{id}/notes/{note}/accept" | "/p/{id}/notes/{note}/dismiss" => {
                self.unpublish(&mut ann).await;
                self.leave_note().await;
            }
            "/p/{id}/notes/{note}/reopen" => {
                self.leave_note().await;
                let dismissed = "update guest_notes set state = 'dismissed', decided_at = now()";
                sqlx::query(dismissed)
                    .execute(&self.app.database)
                    .await
                    .unwrap();
            }
            "/p/{id}/schedule" | "/p/{id}/template" => self.unpublish(&mut ann).await,
            "/p/{id}/untemplate" => {
                self.unpublish(&mut ann).await;
                ann.post(&format!("/p/{}/template", self.post), &[])
                    .await
                    .assert_status(303);
            }
            "/p/{id}/unschedule" => {
                self.unpublish(&mut ann).await;
                let form = [("at", LATER), ("zone", "UTC")];
                ann.post(&format!("/p/{}/schedule", self.post), &form)
                    .await
                    .assert_status(303);
            }
            "/admin/tags/{tag}" | "/admin/tags/{tag}/description" | "/admin/tags/{tag}/merge" => {
                ann.edit(&self.post, &[("tags", "stage, other")], "publish")
                    .await
                    .assert_status(303);
            }
            "/admin/people/{id}/handles" => {
                let mut ben = self.app.sign_in("ben").await;
                for username in ["benno", "ben"] {
                    let form = [
                        ("username", username),
                        ("email", "ben@example.org"),
                        ("current_password", PASSWORD),
                    ];
                    ben.post("/settings/account", &form)
                        .await
                        .assert_status(303);
                }
            }
            "/admin/jobs/retry" | "/admin/jobs/{id}/retry" => fail_a_job(&self.app).await,
            "/p/{id}/restore" => {
                ann.post(&format!("/p/{}/trash", self.post), &[])
                    .await
                    .assert_status(303);
            }
            _ => {}
        }
    }

    /// What an account can undo that may move the post to the trash: that. Else what Ann can.
    async fn ticket(&self, actor: &mut Actor) -> String {
        let path = format!("/p/{}/trash", self.post);
        let own = actor.post(&path, &[]).await;
        if own.status == 303 && own.location().contains("undo=") {
            return ticket_of(&own);
        }
        let mut ann = self.app.sign_in("ann").await;
        ann.post(&format!("/p/{}/restore", self.post), &[]).await;
        ticket_of(&ann.post(&path, &[]).await)
    }

    async fn send(&self, actor: &mut Actor, pattern: &str, path: &str, ticket: &str) -> Response {
        if pattern == "/dashboard/undo" {
            return actor.post(path, &[("ticket", ticket)]).await;
        }
        if pattern == "/dashboard/bulk" {
            let post = format!("{}.1", self.post);
            let form = [("act", "trash"), ("confirmed", "yes"), ("post", &post)];
            return actor.post(path, &form).await;
        }
        if UPLOADS.contains(&pattern) {
            return actor.send(picture(path)).await;
        }
        let form = form_of(pattern, &actor.username.clone());
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        actor.post(path, &form).await
    }

    /// Everything that a form could have changed.
    async fn written(&self) -> String {
        self.app
            .text(
                "select concat_ws(' ',
                     (select md5(string_agg(p::text, '|' order by p.id)) from posts p),
                     (select count(*) from revisions),
                     (select md5(string_agg(b::text, '|' order by b::text)) from byline_requests b),
                     (select md5(string_agg(a::text, '|' order by a::text)) from post_authors a),
                     (select md5(string_agg(c::text, '|' order by c.id)) from comments c),
                     (select md5(string_agg(u::text, '|' order by u.id)) from users u),
                     (select md5(string_agg(h::text, '|' order by h.username_key)) from username_history h),
                     (select md5(string_agg(concat(email, password_hash, bio, website), '|' order by user_id)) from user_profiles),
                     (select md5(string_agg(i::text, '|' order by i.id)) from invitations i),
                     (select md5(string_agg(t::text, '|' order by t.id)) from tags t),
                     (select md5(string_agg(s::text, '|' order by s.id)) from submissions s),
                     (select md5(s::text) from site s), (select count(*) from reports), (select count(*) from audit_log),
                     (select string_agg(id::text, '|' order by id) from sessions))",
            )
            .await
    }
}

async fn fail_a_job(app: &TestApp) {
    let failed = "insert into jobs (kind, payload, run_at, max_attempts, attempts, failed_at) values ('none', '{}', now(), 1, 1, now())";
    sqlx::query(failed).execute(&app.database).await.unwrap();
}

/// The ticket in the address that an act led to.
fn ticket_of(response: &Response) -> String {
    let (_, rest) = response.location().split_once("undo=").unwrap();
    rest.split(['&', '#']).next().unwrap().to_owned()
}

fn form_of(path: &str, username: &str) -> Vec<(&'static str, String)> {
    let fields: &[(&'static str, &str)] = match path {
        "/signup" => &[
            ("username", "newcomer"),
            ("email", "newcomer@example.org"),
            ("password", PASSWORD),
        ],
        "/login" => &[("login", "rita"), ("password", PASSWORD)],
        "/settings/profile" => &[("name", "Another Name")],
        "/settings/account" => &[
            ("username", username),
            ("email", "another@example.org"),
            ("current_password", PASSWORD),
        ],
        "/settings/password" => &[
            ("current_password", PASSWORD),
            ("password", "eleven slow ferries"),
        ],
        "/admin/people/{id}/role" => &[("role", "reader")],
        "/admin/people/{id}/handles" => &[("username", "benno")],
        "/admin/tags/{tag}" => &[("name", "Stage lights"), ("slug", "lights")],
        "/admin/tags/{tag}/description" => &[("description", "About stages.")],
        "/admin/tags/{tag}/merge" => &[("into", "other")],
        "/admin/invitations" => &[("role", "author"), ("max_uses", "1"), ("days", "1")],
        "/admin/site" => &[
            ("name", "Lighthouse"),
            ("language", "en"),
            ("sign_up", "open"),
            ("sign_up_role", "author"),
            ("comment_policy", "members"),
        ],
        "/comments/{id}/decide" => &[
            ("decision", "hide"),
            ("reason", "Off the subject."),
            ("version", "1"),
        ],
        "/comments/{id}/report" => &[("reason", "spam")],
        "/comments/{id}/edit" => &[("markdown", "A better remark.")],
        "/@{author}/{slug}/comment" => &[("markdown", "Another remark.")],
        "/new" | "/preview" => &[("title", "x"), ("markdown", "x"), ("action", "save")],
        "/p/{id}/history/{number}/restore" => &[("newest", "2")],
        "/p/{id}/correct" => &[("remark", "It was Tuesday.")],
        "/p/{id}/review/send-back" => &[("reply", "Shorter, please.")],
        "/p/{id}/schedule" => &[("at", LATER), ("zone", "UTC")],
        "/p/{id}/preview-links" => &[("days", "7")],
        "/preview/{token}" => &[("comment", "Well said.")],
        "/p/{id}/edit" | "/p/{id}/merge" | "/p/{id}/compare" => &[
            ("version", "1"),
            ("title", "x"),
            ("markdown", "x"),
            ("authors", "ann"),
            ("action", "save"),
        ],
        _ => &[],
    };
    fields
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

/// A form with a picture: one field is the avatar's, the other that of the site.
fn picture(path: &str) -> TestRequest {
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 64)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let field = if path.starts_with("/admin") {
        "picture"
    } else {
        "avatar"
    };
    let head = format!(
        "--x\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n"
    );
    let body = [head.as_bytes(), &png.into_inner(), b"\r\n--x--\r\n"].concat();
    TestRequest::with_uri(path)
        .method(Method::POST)
        .insert_header(("content-type", "multipart/form-data; boundary=x"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload(body)
}

#[actix_web::test]
async fn every_writing_route_as_everybody() {
    for line in routes::table().iter().filter(|line| !line.method.is_safe()) {
        let mut stage = None;
        for who in EVERYBODY {
            let allowed = rule(line.path).allowed.contains(&who);
            // What the one before did must not decide for the next.
            let now = match stage.take().filter(|_| !allowed) {
                Some(same) => same,
                None => {
                    let fresh = Stage::new().await.0;
                    fresh.prepare(line.path).await;
                    fresh
                }
            };
            // Signing in and filling the address write too, so both come before.
            let mut actor = now.actor(who).await;
            let path = now.fill(line.path).await;
            if let Some(upload) = path.strip_suffix("/remove").filter(|_| allowed)
                && (line.path.contains("avatar") || line.path.contains("{picture}"))
            {
                actor.send(picture(upload)).await.assert_status(303);
            }
            let ticket = match line.path {
                "/dashboard/undo" => now.ticket(&mut actor).await,
                _ => String::new(),
            };
            let before = now.written().await;
            let response = now.send(&mut actor, line.path, &path, &ticket).await;
            let what = format!("{who:?} {} {}", line.path, response.status);
            assert_eq!(
                response.status.as_u16(),
                expected(line.path, who),
                "{what}: {}",
                response.text()
            );
            let led_to_sign_in =
                response.status == 303 && response.location().starts_with("/login?next=");
            assert_eq!(led_to_sign_in, !allowed && response.status == 303, "{what}");
            assert_eq!(
                now.written().await != before,
                allowed && writes(line.path, who),
                "{what}: what was written"
            );
            if !allowed {
                stage = Some(now);
            }
        }
    }
}

#[actix_web::test]
async fn no_reading_route_below_its_policy_answers_strangers() {
    let (stage, _) = Stage::new().await;
    for line in routes::table()
        .iter()
        .filter(|line| line.method == Method::GET)
    {
        let path = stage.fill_reading(line.path).await;
        let response = stage.app.anonymous().get(&path).await;
        assert!(
            response.status.as_u16() < 500,
            "{path}: {}",
            response.text()
        );
        let open = matches!(
            line.access,
            Access::CachedPublic | Access::Anonymous | Access::OptionalUser
        );
        if !open {
            response.assert_status(303);
            let next =
                percent_encoding::utf8_percent_encode(&path, percent_encoding::NON_ALPHANUMERIC)
                    .to_string();
            let next = ["%2E", "%2D", "%5F", "%7E"]
                .iter()
                .zip([".", "-", "_", "~"])
                .fold(next, |next, (code, sign)| next.replace(code, sign));
            assert_eq!(
                response.location(),
                format!("/login?next={next}"),
                "{path} is open to strangers"
            );
        }
        assert!(
            !(response
                .header("cache-control")
                .is_some_and(|c| c.contains("public"))
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
            // Its page has no name to send along, and its address is the secret.
            if line.path == "/preview/{token}" && headers == [("origin", "null")] {
                continue;
            }
            let mut owner = stage.app.owner().await;
            let mut request = TestRequest::with_uri(&path).method(Method::POST);
            for (name, value) in headers {
                request = request.insert_header((*name, *value));
            }
            owner.send(request).await.assert_status(403);
        }
    }
    assert_eq!(
        stage
            .app
            .count("select count(*) from posts where status = 'published' and deleted_at is null")
            .await,
        1
    );
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
