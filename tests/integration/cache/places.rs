//! Every address of the table with something behind it, so that a test can walk all of them.

use actix_web::http::Method;
use masthead::features::accounts::Access;
use masthead::routes;

use crate::support::{Actor, TestApp};

/// A site with one of everything that an address can name.
pub struct Places {
    pub app: TestApp,
    pub ann: Actor,
    /// Published by ann.
    pub post: String,
    pub path: String,
    pub draft: String,
    comment: String,
    session: String,
    person: String,
    invitation: String,
}

/// What stands in the draft that nobody but its author may see.
pub const DRAFT: &str = "kanarie-draft-title";
pub const DRAFT_TEXT: &str = "kanarie-draft-text";

impl Places {
    pub async fn new() -> Places {
        Places::on(TestApp::new().await).await
    }

    pub async fn on(app: TestApp) -> Places {
        let mut ann = app.author("ann").await;
        let fields = [
            ("title", "On the shore"),
            ("markdown", "Sand.\n\n## Water\n\nSalt."),
            ("tags", "sea"),
        ];
        let post = ann.publish_with(&fields).await;
        let draft = ann
            .draft(&[("title", DRAFT), ("markdown", DRAFT_TEXT)])
            .await;
        ann.post(
            &format!("{}/comment", post.path),
            &[("markdown", "A remark."), ("action", "save")],
        )
        .await
        .assert_status(303);
        let comment = app.text("select public_id::text from comments").await;
        let mut owner = app.owner().await;
        owner
            .post(
                "/admin/invitations",
                &[("role", "author"), ("max_uses", "1"), ("days", "1")],
            )
            .await;
        let invitation = app.text("select public_id::text from invitations").await;
        let session = app
            .text("select s.public_id::text from sessions s join users u on u.id = s.user_id where u.username = 'ann' limit 1")
            .await;
        let person = app
            .text("select public_id::text from users where username = 'ann'")
            .await;
        Places {
            app,
            ann,
            post: post.id,
            path: post.path,
            draft,
            comment,
            session,
            person,
            invitation,
        }
    }

    /// All addresses of a method, with their patterns. Where an id of a text stands, once for the post and once for
    /// the draft.
    pub fn all(&self, method: &Method) -> Vec<(&'static str, Access, String)> {
        let mut all = Vec::new();
        for line in routes::table().iter().filter(|line| line.method == *method) {
            for id in self.ids(line.path) {
                all.push((line.path, line.access, self.fill(line.path, id)));
            }
        }
        all
    }

    fn ids(&self, pattern: &str) -> Vec<&str> {
        match pattern.split('/').nth(1) {
            Some("p") => vec![&self.post, &self.draft],
            Some("comments") => vec![&self.comment],
            Some("settings") => vec![&self.session],
            Some("admin") if pattern.contains("people") => vec![&self.person],
            _ => vec![&self.invitation],
        }
    }

    fn fill(&self, pattern: &str, id: &str) -> String {
        pattern
            .replace("{id}", id)
            .replace("/@{author}/{slug}", &self.path)
            .replace("{format}", "atom")
            .replace("{tag}", "sea")
            .replace("{author}", "ann")
            .replace("{name}", "none")
            .replace("{part}", "posts-1")
            .replace("{path:.*}", "nothing-here")
    }
}

/// An upload of a new picture.
pub fn picture() -> actix_web::test::TestRequest {
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 64)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let mut body =
        b"--x\r\ncontent-disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n".to_vec();
    body.extend(png.into_inner());
    body.extend(b"\r\n--x--\r\n");
    actix_web::test::TestRequest::with_uri("/settings/avatar")
        .method(actix_web::http::Method::POST)
        .insert_header(("content-type", "multipart/form-data; boundary=x"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload(body)
}
