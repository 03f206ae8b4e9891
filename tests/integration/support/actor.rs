use std::collections::BTreeMap;

use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::{Response, TestApp};

/// Somebody in front of the site: keeps cookies, follows no redirect by itself.
#[derive(Clone)]
pub struct Actor {
    app: TestApp,
    cookies: BTreeMap<String, String>,
    /// Addresses of the forms on the pages seen, by the id that stands in them.
    forms: BTreeMap<String, String>,
    pub username: String,
}

/// A text published by [`Actor::publish`].
pub struct Published {
    pub id: String,
    pub path: String,
}

impl Actor {
    pub fn new(app: TestApp) -> Actor {
        Actor {
            app,
            cookies: BTreeMap::new(),
            forms: BTreeMap::new(),
            username: String::new(),
        }
    }

    /// The same browser at another node.
    pub fn at(&self, app: &TestApp) -> Actor {
        Actor {
            app: app.clone(),
            ..self.clone()
        }
    }

    pub fn named(mut self, username: &str) -> Actor {
        self.username = username.to_owned();
        self
    }

    pub async fn get(&mut self, path: &str) -> Response {
        self.send(TestRequest::with_uri(path)).await
    }

    /// A form from a page of this site. One with an id brings along, as a browser does, what its page put into the address.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        let path = self.address(path, form);
        self.post_to(&path, form).await
    }

    /// A form, sent to exactly this address.
    pub async fn post_to(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        self.send(form_request(path, form).insert_header(("sec-fetch-site", "same-origin")))
            .await
    }

    fn address(&self, path: &str, form: &[(&str, &str)]) -> String {
        let id = form
            .iter()
            .find(|(name, _)| *name == "id")
            .map_or("", |(_, id)| *id);
        match self.forms.get(id).and_then(|known| known.split_once('?')) {
            Some((_, signature)) if !path.contains('?') && !path.starts_with("/p/") => {
                format!("{path}?{signature}")
            }
            _ => path.to_owned(),
        }
    }

    /// The same by the site's script, which wants JSON.
    pub async fn post_json(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = form_request(&self.address(path, form), form)
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header(("accept", "application/json"));
        self.send(request).await
    }

    /// Any request, with this actor's cookies.
    pub async fn send(&mut self, mut request: TestRequest) -> Response {
        for (name, value) in &self.cookies {
            request = request.cookie(Cookie::new(name.clone(), value.clone()));
        }
        let response = self.app.call(request).await;
        for header in response.headers.get_all("set-cookie") {
            let cookie = Cookie::parse(header.to_str().unwrap().to_owned()).unwrap();
            if cookie.value().is_empty() {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies
                    .insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        if memchr::memmem::find(&response.body, b"action=\"")
            .is_some_and(|_| response.text().contains("?id_signature="))
        {
            self.forms.insert(response.field("id"), response.action());
        }
        response
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Opens the editor, saves, and gives the id of the draft.
    pub async fn draft(&mut self, fields: &[(&str, &str)]) -> String {
        let id = self.get("/new").await.field("id");
        let mut form = vec![
            ("id", id.as_str()),
            ("kind", "post"),
            ("version", "0"),
            ("action", "save"),
        ];
        form.extend_from_slice(fields);
        self.post("/new", &form).await.assert_status(303);
        id
    }

    /// Publishes a new post; title and text are the least it needs.
    pub async fn publish(&mut self, title: &str, markdown: &str) -> Published {
        self.publish_with(&[("title", title), ("markdown", markdown)])
            .await
    }

    pub async fn publish_with(&mut self, fields: &[(&str, &str)]) -> Published {
        let id = self.draft(fields).await;
        let done = self.post(&format!("/p/{id}/publish"), &[]).await;
        done.assert_status(303);
        Published {
            id,
            path: done.path().to_owned(),
        }
    }

    /// Publishes a new page.
    pub async fn publish_page(&mut self, title: &str, markdown: &str) -> Published {
        let id = self.get("/new?kind=page").await.field("id");
        let form = [
            ("id", id.as_str()),
            ("kind", "page"),
            ("version", "0"),
            ("title", title),
            ("markdown", markdown),
            ("action", "save"),
        ];
        self.post("/new", &form).await.assert_status(303);
        let done = self.post(&format!("/p/{id}/publish"), &[]).await;
        done.assert_status(303);
        Published {
            id,
            path: done.path().to_owned(),
        }
    }

    /// Says yes to whoever has named this person as author of a post.
    pub async fn accept(&mut self, post: &str) {
        self.post(&format!("/p/{post}/byline/accept"), &[])
            .await
            .assert_status(303);
    }

    /// Saves over the newest version and presses a button.
    pub async fn edit(&mut self, id: &str, fields: &[(&str, &str)], action: &str) -> Response {
        let editor = self.get(&format!("/p/{id}/edit")).await;
        editor.assert_status(200);
        let kept = [
            "id",
            "kind",
            "version",
            "title",
            "markdown",
            "slug",
            "tags",
            "excerpt",
            "canonical_url",
            "cover_url",
            "cover_alt",
            "language",
            "comment_policy",
            "authors",
        ];
        let values: Vec<(&str, String)> = kept
            .iter()
            .filter(|name| !fields.iter().any(|(field, _)| field == *name))
            .map(|name| (*name, editor.field(name)))
            .collect();
        let mut form: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        form.extend_from_slice(fields);
        form.push(("action", action));
        self.post(&format!("/p/{id}/edit"), &form).await
    }
}

fn form_request(path: &str, form: &[(&str, &str)]) -> TestRequest {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    TestRequest::with_uri(path)
        .method(Method::POST)
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .set_payload(body)
}
