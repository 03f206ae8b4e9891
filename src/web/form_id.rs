//! Ids that forms carry, so that a form which is sent twice makes one thing.
//!
//! The site makes them and signs them: each for one account and for one kind of thing. A public id names what is made
//! everywhere, in cache tags too, so a browser must not choose it. Signatures are made with the key that all nodes share
//! and do not run out: a form may lie open for weeks. They travel in the address that the form is sent to, not among its
//! fields, because nodes of the release before refuse fields that they do not know.
//!
//! A form whose id has no good signature (it was opened before the site was updated, or in another account) is not taken
//! and comes back with everything that was typed, under a new id.

use std::fmt;

use actix_web::HttpRequest;
use data_encoding::BASE64URL_NOPAD;
use hmac::Mac;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::site_key::{Signature, SiteKey};
use crate::db::public_id;
use crate::messages::{Message, text};

/// Query parameter of the address that a form is sent to.
const FIELD: &str = "id_signature";
/// Bytes of the HMAC: guessing one takes as many tries as guessing the id itself.
const SIGNATURE_BYTES: usize = 16;

/// What a form makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Makes {
    /// A post or a page.
    Post,
    /// A comment, or an answer to one.
    Comment,
    /// An invitation of an admin.
    Invitation,
    /// An account, by sign-up.
    Account,
    /// A note of a guest. Its ids are signed for the link that it is left by.
    GuestNote,
}

impl Makes {
    fn purpose(self) -> &'static str {
        match self {
            Makes::Post => "post",
            Makes::Comment => "comment",
            Makes::Invitation => "invitation",
            Makes::Account => "account",
            Makes::GuestNote => "guest note",
        }
    }
}

/// The hidden field `id` of a form. Deserialised, it is what a browser sent; [`FormIds::read`] makes it the site's own.
#[derive(Clone, Debug, Default)]
pub struct FormId {
    text: String,
    /// Empty until the site has signed it.
    signature: String,
}

impl FormId {
    /// The id of something that is there already: it needs no signature.
    pub fn of(id: Uuid) -> FormId {
        FormId {
            text: id.to_string(),
            signature: String::new(),
        }
    }

    /// As it stands in the field, right or not.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the browser sent none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Where the form is sent to: the path, with the signature of its id.
    pub fn action(&self, path: &str) -> String {
        if self.signature.is_empty() {
            path.to_owned()
        } else {
            let and = if path.contains('?') { '&' } else { '?' };
            format!("{path}{and}{FIELD}={}", self.signature)
        }
    }
}

impl fmt::Display for FormId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for FormId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(FormId {
            text: String::deserialize(deserializer)?,
            signature: String::new(),
        })
    }
}

/// The id that came with a form is not one that the site made for it.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub struct Unsigned;

impl Unsigned {
    /// What people are told.
    pub fn message(&self) -> Message {
        text::forms_unsigned()
    }
}

/// Makes, signs and reads the ids of one kind of form for one account.
pub struct FormIds {
    key: Signature,
}

impl FormIds {
    /// `account` is the public id of the account that is signed in, if any.
    pub fn new(key: &SiteKey, makes: Makes, account: Option<Uuid>) -> Self {
        // Both ids have 16 bytes and stand behind the only part of another length, so nothing can be cut elsewhere.
        let key = key
            .key_for("form ids 1")
            .chain_update(makes.purpose())
            .chain_update(account.unwrap_or_default());
        FormIds { key }
    }

    /// A new id, for a form that was not sent yet.
    pub fn fresh(&self) -> FormId {
        self.sign(public_id())
    }

    /// The id of a form that was sent. It is replaced by a new one where it is not the site's own, and where there is none.
    ///
    /// # Errors
    ///
    /// When the form has to be sent again, since it came under an id that the site did not make for it.
    pub fn read(&self, req: &HttpRequest, typed: &mut FormId) -> Result<Uuid, Unsigned> {
        let sent = Uuid::parse_str(&typed.text)
            .ok()
            .filter(|id| self.is_signed(req, *id));
        match sent {
            Some(id) => {
                *typed = self.sign(id);
                Ok(id)
            }
            None if typed.text.trim().is_empty() => Ok(self.renew(typed)),
            None => {
                self.renew(typed);
                Err(Unsigned)
            }
        }
    }

    /// Gives a form a new id: sent again, it makes something else.
    pub fn renew(&self, typed: &mut FormId) -> Uuid {
        let id = public_id();
        *typed = self.sign(id);
        id
    }

    fn sign(&self, id: Uuid) -> FormId {
        let mac = self.key.clone().chain_update(id).finalize().into_bytes();
        FormId {
            text: id.to_string(),
            signature: BASE64URL_NOPAD.encode(&mac[..SIGNATURE_BYTES]),
        }
    }

    fn is_signed(&self, req: &HttpRequest, id: Uuid) -> bool {
        let mut fields = url::form_urlencoded::parse(req.query_string().as_bytes());
        let sent = fields
            .find(|(name, _)| name == FIELD)
            .and_then(|(_, value)| BASE64URL_NOPAD.decode(value.as_bytes()).ok());
        // Compared in constant time.
        sent.filter(|mac| mac.len() == SIGNATURE_BYTES)
            .is_some_and(|mac| {
                self.key
                    .clone()
                    .chain_update(id)
                    .verify_truncated_left(&mac)
                    .is_ok()
            })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use secrecy::SecretBox;

    use super::*;

    fn key(byte: u8) -> SiteKey {
        SiteKey::new(SecretBox::new(Box::new([byte; 32])))
    }

    fn sent(form: &FormId) -> (HttpRequest, FormId) {
        let req = TestRequest::with_uri(&form.action("/new")).to_http_request();
        (
            req,
            FormId {
                text: form.text.clone(),
                signature: String::new(),
            },
        )
    }

    #[test]
    fn an_id_is_good_for_one_account_one_purpose_and_one_site() {
        let (ann, ben) = (Some(public_id()), Some(public_id()));
        let ids = FormIds::new(&key(1), Makes::Post, ann);
        let form = ids.fresh();
        let (req, typed) = sent(&form);
        let reads = |ids: FormIds| ids.read(&req, &mut typed.clone()).is_ok();
        assert!(
            reads(FormIds::new(&key(1), Makes::Post, ann)),
            "on any node, and after a restart"
        );
        assert!(!reads(FormIds::new(&key(1), Makes::Post, ben)));
        assert!(!reads(FormIds::new(&key(1), Makes::Post, None)));
        assert!(!reads(FormIds::new(&key(1), Makes::Comment, ann)));
        assert!(!reads(FormIds::new(&key(2), Makes::Post, ann)));
    }

    #[test]
    fn an_id_that_is_refused_is_replaced_by_one_that_is_good() {
        let ids = FormIds::new(&key(1), Makes::Comment, None);
        let chosen = "0199aaaa-0000-7000-8000-000000000001";
        for query in [
            "",
            "?id_signature=",
            "?id_signature=AAAA",
            "?id_signature=AAAAAAAAAAAAAAAAAAAAAA",
            "?id_signature=%00",
        ] {
            let mut typed = FormId {
                text: chosen.into(),
                signature: String::new(),
            };
            let req = TestRequest::with_uri(&format!("/new{query}")).to_http_request();
            assert!(ids.read(&req, &mut typed).is_err(), "{query}");
            assert_ne!(typed.text, chosen);
            let (req, mut again) = sent(&typed);
            assert_eq!(ids.read(&req, &mut again).unwrap().to_string(), typed.text);
        }
        let mut none = FormId::default();
        assert!(
            ids.read(&TestRequest::default().to_http_request(), &mut none)
                .is_ok()
        );
        assert!(!none.is_empty());
    }
}
