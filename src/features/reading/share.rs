//! What sends a post on: its address, and a letter that has it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::queries::Article;
use crate::web::SiteOrigin;

pub struct Share {
    /// Where the post stands, whole.
    pub address: String,
    /// The same in a letter that is yet to be addressed: `mailto:?…`.
    pub letter: String,
}

impl Share {
    pub fn of(article: &Article, origin: &SiteOrigin) -> Share {
        let address = article.address(origin);
        let name = article.card.name(&article.site.time_zone);
        Share {
            letter: letter(&name, &address),
            address,
        }
    }
}

/// As RFC 6068 has it.
fn letter(subject: &str, text: &str) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    format!(
        "mailto:?subject={}&body={}",
        encoded(subject),
        encoded(text)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_title_adds_to_the_letter() {
        assert_eq!(
            letter("A & B?body=c", "https://blog.example/@ann/a"),
            "mailto:?subject=A%20%26%20B%3Fbody%3Dc&body=https%3A%2F%2Fblog%2Eexample%2F%40ann%2Fa"
        );
    }
}
