//! Tickets: a few words that the site gives to one account for some minutes, and believes when they come back in a form. They
//! are signed, not secret.

use data_encoding::BASE64URL_NOPAD;
use hmac::Mac;
use uuid::Uuid;

use super::site_key::{Signature, SiteKey};

/// Half of HMAC-SHA-256: 128 bits.
const SIGNATURE_BYTES: usize = 16;

/// Makes and reads the tickets of one account for one purpose. Every node of the site reads those of the others.
pub struct Tickets {
    key: Signature,
}

/// Why a ticket is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Not made by this site, or for another account or purpose.
    #[error("the ticket is not this site's")]
    Forged,
    /// Its time is over.
    #[error("the ticket has expired")]
    Expired,
}

impl Tickets {
    /// `account` is the public id of the account that they are made for.
    pub fn new(key: &SiteKey, purpose: &str, account: Uuid) -> Self {
        let key = key.key_for(purpose).chain_update(account);
        Tickets { key }
    }

    /// A ticket that is good until a moment, in seconds since 1970.
    pub fn make(&self, words: &str, until: i64) -> String {
        let said = format!("{until}.{}", BASE64URL_NOPAD.encode(words.as_bytes()));
        let mac = self.key.clone().chain_update(&said).finalize().into_bytes();
        format!("{said}.{}", BASE64URL_NOPAD.encode(&mac[..SIGNATURE_BYTES]))
    }

    /// The words of a ticket; `now` in seconds since 1970.
    ///
    /// # Errors
    ///
    /// Where it is not this site's own, for this account and this purpose, or its time is over.
    pub fn read(&self, ticket: &str, now: i64) -> Result<String, TicketError> {
        let said = self.signed(ticket).ok_or(TicketError::Forged)?;
        let (until, words) = said.split_once('.').ok_or(TicketError::Forged)?;
        let until: i64 = until.parse().map_err(|_| TicketError::Forged)?;
        if until < now {
            return Err(TicketError::Expired);
        }
        BASE64URL_NOPAD
            .decode(words.as_bytes())
            .ok()
            .and_then(|words| String::from_utf8(words).ok())
            .ok_or(TicketError::Forged)
    }

    /// What stands before the signature, where that is right. Compared in constant time; its length is looked at first, since a
    /// shorter beginning would verify too.
    fn signed<'a>(&self, ticket: &'a str) -> Option<&'a str> {
        let (said, mac) = ticket.rsplit_once('.')?;
        let mac = BASE64URL_NOPAD.decode(mac.as_bytes()).ok()?;
        let key = self.key.clone().chain_update(said);
        (mac.len() == SIGNATURE_BYTES && key.verify_truncated_left(&mac).is_ok()).then_some(said)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;

    fn tickets(purpose: &str, account: u128) -> Tickets {
        let key = SiteKey::new(SecretBox::new(Box::new([7; 32])));
        Tickets::new(&key, purpose, Uuid::from_u128(account))
    }

    #[test]
    fn a_ticket_is_good_for_its_account_its_purpose_and_its_time() {
        let ticket = tickets("undo", 1).make("trash é", 100);
        assert_eq!(
            tickets("undo", 1).read(&ticket, 100).as_deref(),
            Ok("trash é")
        );
        assert_eq!(
            tickets("undo", 1).read(&ticket, 101),
            Err(TicketError::Expired)
        );
        for other in [tickets("undo", 2), tickets("redo", 1)] {
            assert_eq!(other.read(&ticket, 100), Err(TicketError::Forged));
        }
    }

    #[test]
    fn no_part_of_a_ticket_can_be_changed() {
        let own = tickets("undo", 1);
        let ticket = own.make("trash", 100);
        let later = ticket.replacen("100", "900", 1);
        let shorter = &ticket[..ticket.len() - 1];
        for changed in [
            later.as_str(),
            shorter,
            "",
            ".",
            "..",
            "100..",
            "100.dHJhc2g",
        ] {
            assert_eq!(own.read(changed, 50), Err(TicketError::Forged), "{changed}");
        }
    }
}
