//! A client that has just changed something sees it, whichever node and whichever database answers next.
//!
//! After a change that readers see, the answer carries a cookie for half a minute: up to where the log of the primary was
//! written then. A node that is asked with it answers from memory only if it has heard of everything up to there, and
//! reads from a replica only if that has come so far. The cookie is signed: a made-up position would send every read to
//! the primary. Its age is told by the clock of the database: nodes have clocks of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::body::BoxBody;
use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieDuration};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, web};
use data_encoding::HEXLOWER;
use hmac::Mac;
use uuid::Uuid;

use crate::db::{self, Db, Position};
use crate::metrics::Registry;
use crate::web::site_key::{Signature, SiteKey};

/// Seconds; replicas that are further behind are not asked at all.
const LIFE: i64 = 30;
/// A node of an older version writes the time of its own clock, which may be ahead by so many seconds.
const SKEW: i64 = 300;
/// Bytes. A position so far beyond what the primary has written is of another database.
const MOST_AHEAD: u64 = 64 * 1024 * 1024;
/// Longer ones are not looked at.
const LONGEST: usize = 128;

/// Signs and reads the cookie. One for each process, with the key of the site.
pub struct ReadYourWrites {
    key: Signature,
    https: bool,
    node: [u8; 4],
    rejected: [AtomicU64; Reason::ALL.len()],
}

/// What a cookie says that is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenUpTo {
    /// Where the log ended after the last change of this browser.
    pub position: Position,
    /// This process wrote it, and knows what was changed.
    pub from_here: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Malformed,
    Signature,
    Age,
    Ahead,
}

impl Reason {
    const ALL: [(Reason, &'static str); 4] = [
        (Reason::Malformed, "malformed"),
        (Reason::Signature, "signature"),
        (Reason::Age, "age"),
        (Reason::Ahead, "ahead"),
    ];
}

impl ReadYourWrites {
    /// `site_key` is what all nodes of a site share.
    pub fn new(site_key: &SiteKey, https: bool, node: Uuid) -> Self {
        let key = site_key.key_for("read your writes 1");
        // The last bytes of an id are the random ones.
        let id = node.as_bytes();
        ReadYourWrites {
            key,
            https,
            node: [id[12], id[13], id[14], id[15]],
            rejected: Default::default(),
        }
    }

    /// What the request's cookie says, if it is in order. What is not is as if it had not been sent, and counted.
    pub fn token(&self, req: &HttpRequest, db: &Db) -> Option<WrittenUpTo> {
        let cookie = req.cookie(self.name())?;
        let end = db.end_of_log();
        self.read(cookie.value(), db.now().timestamp(), end)
            .inspect_err(|reason| {
                self.rejected[*reason as usize].fetch_add(1, Ordering::Relaxed);
            })
            .ok()
    }

    /// How many cookies were not in order.
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        let own = self.clone();
        registry.register(move |scrape| {
            scrape.counters(
                "masthead_ryw_token_rejected_total",
                "Cookies of own writes that were not in order.",
                |family| {
                    for ((_, reason), count) in Reason::ALL.iter().zip(&own.rejected) {
                        family.add(&[("reason", reason)], count.load(Ordering::Relaxed));
                    }
                },
            );
        });
    }

    fn cookie(&self, position: Position, now: i64) -> Cookie<'static> {
        Cookie::build(self.name(), self.write(position, now))
            .path("/")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Lax)
            .max_age(CookieDuration::seconds(LIFE))
            .finish()
    }

    /// Browsers accept the `__Host-` prefix only with `Secure`, which plain http cannot have.
    fn name(&self) -> &'static str {
        if self.https { "__Host-ryw" } else { "ryw" }
    }

    fn write(&self, position: Position, at: i64) -> String {
        let node = HEXLOWER.encode(&self.node);
        let said = format!("v1.{:x}.{:x}.{at}.{node}", position.timeline, position.lsn);
        let mac = HEXLOWER.encode(&self.sign(&said).finalize().into_bytes()[..16]);
        format!("{said}.{mac}")
    }

    /// `end` is where the log of the primary ended when it was last looked at.
    fn read(&self, text: &str, now: i64, end: Option<Position>) -> Result<WrittenUpTo, Reason> {
        if text.len() > LONGEST {
            return Err(Reason::Malformed);
        }
        let (said, mac) = text.rsplit_once('.').ok_or(Reason::Malformed)?;
        let mac = HEXLOWER
            .decode(mac.as_bytes())
            .map_err(|_| Reason::Malformed)?;
        if mac.len() != 16 || self.sign(said).verify_truncated_left(&mac).is_err() {
            return Err(Reason::Signature);
        }
        let parts: Vec<&str> = said.split('.').collect();
        let ["v1", timeline, lsn, at, node] = parts[..] else {
            return Err(Reason::Malformed);
        };
        let position = Position {
            timeline: u32::from_str_radix(timeline, 16).map_err(|_| Reason::Malformed)?,
            lsn: u64::from_str_radix(lsn, 16).map_err(|_| Reason::Malformed)?,
        };
        let at: i64 = at.parse().map_err(|_| Reason::Malformed)?;
        if !(-SKEW..=LIFE).contains(&(now - at)) {
            return Err(Reason::Age);
        }
        let ahead = end.is_some_and(|end| {
            end.timeline == position.timeline && position.lsn > end.lsn.saturating_add(MOST_AHEAD)
        });
        if ahead {
            return Err(Reason::Ahead);
        }
        Ok(WrittenUpTo {
            position,
            from_here: node == HEXLOWER.encode(&self.node),
        })
    }

    fn sign(&self, said: &str) -> Signature {
        let mut mac = self.key.clone();
        mac.update(said.as_bytes());
        mac
    }
}

/// Middleware: gives the cookie to a client that has changed what readers see.
pub async fn remember(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if req.method().is_safe() {
        return next.call(req).await;
    }
    let (response, position) = db::tracking_writes(next.call(req)).await;
    let mut response = response?;
    if let Some(position) = position
        && let Some(own) = response
            .request()
            .app_data::<web::Data<ReadYourWrites>>()
            .cloned()
        && let Some(db) = response.request().app_data::<web::Data<Db>>()
        && let Ok(value) =
            HeaderValue::from_str(&own.cookie(position, db.now().timestamp()).to_string())
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_site_has_signed_a_moment_ago_counts() {
        let key = |byte| SiteKey::new(Box::new([byte; 32]).into());
        let own = ReadYourWrites::new(&key(7), true, Uuid::from_u128(1));
        let other_node = ReadYourWrites::new(&key(7), true, Uuid::from_u128(2));
        let other_site = ReadYourWrites::new(&key(8), true, Uuid::from_u128(1));
        let position = Position {
            timeline: 3,
            lsn: 0xABCDEF,
        };
        let text = own.write(position, 1000);
        let read = |text: &str, now| own.read(text, now, None);
        assert_eq!(
            read(&text, 1030),
            Ok(WrittenUpTo {
                position,
                from_here: true
            })
        );
        assert_eq!(
            other_node.read(&text, 1000, None),
            Ok(WrittenUpTo {
                position,
                from_here: false
            })
        );
        assert_eq!(other_site.read(&text, 1000, None), Err(Reason::Signature));
        assert_eq!(read(&text, 1031), Err(Reason::Age));
        assert_eq!(
            read(&text, 700),
            Ok(WrittenUpTo {
                position,
                from_here: true
            }),
            "a clock may be slow"
        );
        assert_eq!(read(&text, 699), Err(Reason::Age));
        assert_eq!(
            read(&text.replace("abcdef", "ffffffffffffffff"), 1000),
            Err(Reason::Signature)
        );
        assert_eq!(read(&text[..text.len() - 2], 1000), Err(Reason::Signature));
        for garbage in ["", ".", "v1", "v1....", "\u{fffd}", &"v".repeat(4096)] {
            assert!(
                matches!(
                    read(garbage, 1000),
                    Err(Reason::Malformed | Reason::Signature)
                ),
                "{garbage}"
            );
        }
        let end = Position {
            timeline: 3,
            lsn: 0x1000,
        };
        let far = own.write(
            Position {
                timeline: 3,
                lsn: 0x1000 + MOST_AHEAD + 1,
            },
            1000,
        );
        assert_eq!(own.read(&far, 1000, Some(end)), Err(Reason::Ahead));
        assert_eq!(
            own.read(&far, 1000, Some(Position { timeline: 4, ..end }))
                .map(|t| t.position.timeline),
            Ok(3)
        );
        let unknown = own.write(Position::UNKNOWN, 1000);
        assert_eq!(
            own.read(&unknown, 1000, Some(end)).map(|t| t.position),
            Ok(Position::UNKNOWN)
        );
    }
}
