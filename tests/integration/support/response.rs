use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use scraper::{Html, Selector};

/// A whole answer.
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Response {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("a text answer")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|v| v.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
            .unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.text()))
    }

    /// Where it leads, without the part of that page.
    pub fn path(&self) -> &str {
        self.location().split('#').next().unwrap()
    }

    /// Texts of all elements that match, white space folded.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.text());
        let selector = Selector::parse(selector).unwrap();
        document
            .select(&selector)
            .map(|e| {
                e.text()
                    .collect::<String>()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    /// Text of the first element that matches.
    pub fn one(&self, selector: &str) -> String {
        self.all(selector)
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("no {selector} in {}", self.text()))
    }

    /// The same with its white space, for scripts and code.
    pub fn one_raw(&self, selector: &str) -> String {
        let document = Html::parse_document(&self.text());
        let selector = Selector::parse(selector).unwrap();
        document
            .select(&selector)
            .next()
            .map(|e| e.text().collect())
            .unwrap_or_else(|| panic!("nothing matches"))
    }

    /// An attribute of the first element that matches.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let document = Html::parse_document(&self.text());
        let selector = Selector::parse(selector).unwrap();
        document
            .select(&selector)
            .next()
            .and_then(|e| e.value().attr(name).map(str::to_owned))
    }

    /// Where the links inside of an element lead.
    pub fn links(&self, within: &str) -> Vec<String> {
        let document = Html::parse_document(&self.text());
        let selector = Selector::parse(&format!("{within} a[href]")).unwrap();
        document
            .select(&selector)
            .filter_map(|e| e.value().attr("href").map(str::to_owned))
            .collect()
    }

    /// The value that a form field would send.
    pub fn field(&self, name: &str) -> String {
        let document = Html::parse_document(&self.text());
        let named = Selector::parse(&format!("[name={name}]")).unwrap();
        let element = document
            .select(&named)
            .next()
            .unwrap_or_else(|| panic!("no field {name} in {}", self.text()));
        match element.value().name() {
            "textarea" => {
                let text: String = element.text().collect();
                text.strip_prefix('\n').unwrap_or(&text).to_owned()
            }
            "select" => {
                let chosen = Selector::parse("option[selected]").unwrap();
                element
                    .select(&chosen)
                    .next()
                    .and_then(|o| o.value().attr("value"))
                    .unwrap_or_default()
                    .to_owned()
            }
            _ => element.value().attr("value").unwrap_or_default().to_owned(),
        }
    }

    /// Where the form goes that makes something new: its address carries the signature of its id.
    pub fn action(&self) -> String {
        self.attribute("form[action*=id_signature]", "action")
            .unwrap_or_else(|| panic!("no such form in {}", self.text()))
    }

    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}
