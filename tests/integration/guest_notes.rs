//! Notes that people without an account leave on a text by a preview link.

mod authors;
mod guests;
mod hostile;
mod limits;

use scraper::{Html, Selector};

use crate::support::{Actor, Response, TestApp};

const TEXT: &str = "# Tides\n\nThe sea is *calm* today.\n\nBoats lie at anchor.\n\n- one\n- two";

/// Somebody who holds a link, and has no account.
struct Guest {
    who: Actor,
    link: String,
}

/// A draft with [`TEXT`], and a link to it that allows notes.
async fn shared(app: &TestApp) -> (Actor, String, Guest) {
    let mut ann = app.author("ann").await;
    let id = ann.draft(&[("title", "At sea"), ("markdown", TEXT)]).await;
    let link = share(&mut ann, &id).await;
    let guest = Guest::new(app, &link);
    (ann, id, guest)
}

/// Makes a link that allows notes; gives its path.
async fn share(who: &mut Actor, id: &str) -> String {
    let form = [("days", "7"), ("notes", "on")];
    let page = who.post(&format!("/p/{id}/preview-links"), &form).await;
    page.assert_status(200);
    let link = page.one(".note .code");
    link[link.find("/preview/").unwrap()..].to_owned()
}

impl Guest {
    fn new(app: &TestApp, link: &str) -> Guest {
        Guest {
            who: app.anonymous(),
            link: link.to_owned(),
        }
    }

    async fn read(&mut self) -> Response {
        self.who.get(&self.link.clone()).await
    }

    /// Where the forms of the paragraphs are.
    async fn ways(&mut self) -> Vec<String> {
        let page = self.read().await;
        page.assert_status(200);
        page.links(".note-way")
    }

    /// The page with the form of this paragraph, counted from 0.
    async fn open(&mut self, paragraph: usize) -> Response {
        let way = self.ways().await[paragraph].clone();
        let page = self.who.get(&format!("{}{}", self.link, plain(&way))).await;
        page.assert_status(200);
        page
    }

    /// Sends the form of a page as a browser would, with these fields filled in.
    async fn send(&mut self, page: &Response, fields: &[(&str, &str)]) -> Response {
        let action = page.attribute(".note-form form", "action").unwrap();
        let id = page.attribute(".note-form [name=id]", "value").unwrap();
        let form = [&[("id", id.as_str())], fields].concat();
        let address = format!("{}{}", self.link, plain(&action));
        self.who.post_to(&address, &form).await
    }

    async fn leave(&mut self, paragraph: usize, fields: &[(&str, &str)]) -> Response {
        let page = self.open(paragraph).await;
        self.send(&page, fields).await
    }

    async fn comment(&mut self, paragraph: usize, comment: &str) {
        let sent = self.leave(paragraph, &[("comment", comment)]).await;
        sent.assert_status(303);
    }

    async fn suggest(&mut self, paragraph: usize, suggestion: &str) {
        let sent = self.leave(paragraph, &[("suggestion", suggestion)]).await;
        sent.assert_status(303);
    }
}

/// An address without its fragment.
fn plain(address: &str) -> &str {
    address.split('#').next().unwrap()
}

/// The page of the author.
async fn notes(who: &mut Actor, id: &str) -> Response {
    let page = who.get(&format!("/p/{id}/notes")).await;
    page.assert_status(200);
    page
}

/// The addresses of an act on the notes of a page, in their order.
fn acts(page: &Response, act: &str) -> Vec<String> {
    let document = Html::parse_document(&page.text());
    let forms = Selector::parse(&format!("form[action$={act}]")).unwrap();
    let forms = document.select(&forms);
    forms
        .map(|form| form.attr("action").unwrap().to_owned())
        .collect()
}

/// That of the first.
fn act(page: &Response, act: &str) -> String {
    let first = acts(page, act).into_iter().next();
    first.unwrap_or_else(|| panic!("nothing to {act} in {}", page.text()))
}

async fn markdown(who: &mut Actor, id: &str) -> String {
    who.get(&format!("/p/{id}/edit")).await.field("markdown")
}

async fn run(app: &TestApp, statement: &'static str) {
    sqlx::query(statement).execute(&app.database).await.unwrap();
}
