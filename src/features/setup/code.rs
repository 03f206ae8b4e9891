//! The code that tells the operator of an empty site from everyone else who finds it: `masthead serve` prints it when it
//! starts, and set-up asks for it. Every node derives the same one from the site's key. It is worth nothing once the site
//! has an owner. Where certainly only this machine can reach the site, no code is asked for.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HOST;
use data_encoding::BASE32_NOPAD;
use hmac::Mac;
use url::{Host, Url};

use crate::features::site;
use crate::state::AppState;
use crate::web::client_address::is_from_this_machine;
use crate::web::site_key::{Signature, SiteKey};

/// 128 bits.
const BYTES: usize = 16;
/// Between two looks whether the database is there.
const AGAIN: Duration = Duration::from_secs(1);

fn signature(key: &SiteKey) -> Signature {
    key.key_for("set-up code 1")
}

/// As it is printed.
pub fn code(key: &SiteKey) -> String {
    let signed = signature(key).finalize().into_bytes();
    BASE32_NOPAD.encode(&signed[..BYTES]).to_lowercase()
}

/// In constant time. Blanks, hyphens and case do not count.
pub fn is_right(key: &SiteKey, typed: &str) -> bool {
    let typed: String = typed
        .chars()
        .take(100)
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let decoded = BASE32_NOPAD.decode(typed.to_uppercase().as_bytes());
    // The length is looked at first: a shorter beginning would verify too.
    decoded.is_ok_and(|bytes| {
        bytes.len() == BYTES && signature(key).verify_truncated_left(&bytes).is_ok()
    })
}

/// Whether this request has to bring the code: unless the site's address, the peer and the name that was asked for are all
/// of this machine, and no proxy has left a trace.
pub fn is_needed(req: &HttpRequest, app: &AppState) -> bool {
    let host = req
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    !(is_local(&app.origin) && is_local(&format!("http://{host}")) && is_from_this_machine(req))
}

fn is_local(origin: &str) -> bool {
    Url::parse(origin).is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

/// Says at the start how an empty site is set up, as soon as the database can tell that it is empty.
pub async fn announce(app: &AppState) {
    loop {
        match app.db.ask_fresh(async |conn| site::load(conn).await).await {
            Ok(site) if site.set_up => return,
            Ok(_) => {
                let link = app.url(&format!("/setup?code={}", code(&app.key)));
                tracing::warn!("this site has no owner yet: open {link} to set it up");
                return;
            }
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;

    #[test]
    fn only_the_whole_code_is_right() {
        let key = |byte| SiteKey::new(SecretBox::new(Box::new([byte; 32])));
        let code = code(&key(1));
        assert_eq!(code.len(), 26);
        assert!(
            is_right(&key(1), &code)
                && is_right(
                    &key(1),
                    &format!(" {}-{} ", &code[..13].to_uppercase(), &code[13..])
                )
        );
        for wrong in [
            "",
            "a",
            &code[..8],
            &code[..24],
            &code[..25],
            &format!("{code}a"),
            &"a".repeat(26),
            &code.repeat(2),
        ] {
            assert!(!is_right(&key(1), wrong), "{wrong}");
        }
        assert!(!is_right(&key(2), &code));
    }

    #[test]
    fn names_of_this_machine() {
        for local in [
            "http://localhost",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:8080",
            "http://a.localhost",
        ] {
            assert!(is_local(local), "{local}");
        }
        for other in [
            "http://",
            "http://blog.example",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
        ] {
            assert!(!is_local(other), "{other}");
        }
    }
}
