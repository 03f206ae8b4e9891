//! Mail addresses of accounts.

use crate::messages::{Message, text};
use crate::web::form::is_default_ignorable;

/// A mail address, loosely checked: one `@`, a domain with a dot or `localhost`, no blanks.
#[derive(Clone, Debug)]
pub struct Email(String);

impl Email {
    pub const MOST_BYTES: usize = 254;

    pub fn parse(text: &str) -> Result<Email, Message> {
        let text = text.trim();
        let fault = || Err(text::accounts_email_incomplete());
        if text.len() > Email::MOST_BYTES {
            return Err(text::accounts_email_too_long(Email::MOST_BYTES));
        }
        let Some((local, domain)) = text.rsplit_once('@') else {
            return fault();
        };
        if local.is_empty() || local.len() > 64 || !is_clean(local) || !is_clean(domain) {
            return fault();
        }
        let domain_ok = domain == "localhost"
            || (domain.contains('.') && domain.split('.').all(|label| !label.is_empty()));
        if !domain_ok {
            return fault();
        }
        Ok(Email(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

fn is_clean(part: &str) -> bool {
    part.chars().all(|c| {
        !c.is_whitespace()
            && !c.is_control()
            && !is_default_ignorable(c)
            && !"<>()[],;:\\\"@".contains(c)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "ann@example.org",
            "a+b@sub.example.org",
            "root@localhost",
            "ü@bücher.example",
        ] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@example",
            "a b@example.org",
            "a@b@example.org",
            "<a@b.c>",
            "a@b..c",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }
}
