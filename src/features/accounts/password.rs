//! Passwords: argon2id and the look for guessable ones, on a bounded pool of threads (19 MiB a hash).

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::messages::{Message, text};
use crate::web::cpu_pool::CpuPool;
use crate::web::{Error, FormErrors, Result};

/// Length of a password in characters.
const LEAST: usize = 8;
const MOST: usize = 256;
/// No password of [`MOST`] characters is longer, however it was typed.
const MOST_BYTES: usize = 16 * MOST;
/// zxcvbn's time grows steeply with the length of what it sees, and a hundred characters chosen for it take a second of
/// CPU time. What is not guessable in so many characters is not guessable with more.
const LOOKED_AT: usize = 30;

/// Cost of one hash. OWASP's floor is 19 MiB, two passes.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Cost {
    pub const DEFAULT: Cost = Cost {
        memory_kib: 19_456,
        passes: 2,
    };
    /// For tests: as cheap as the algorithm allows.
    pub const CHEAPEST: Cost = Cost {
        memory_kib: 8,
        passes: 1,
    };
}

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    pool: CpuPool,
    dummy: Arc<str>,
}

/// The outcome of a verification.
#[derive(Debug, PartialEq, Eq)]
pub enum Verified {
    Wrong,
    Right,
    /// Right, and stored with other costs than today's or in another form: store this instead.
    RightRehashed(String),
}

impl Hasher {
    /// `at_once`: hashes that may run side by side; each takes `cost.memory_kib`.
    pub fn new(cost: Cost, at_once: usize) -> anyhow::Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)
            .map_err(|e| anyhow::anyhow!("argon2 cost: {e}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash(&argon2, "no account has this password")?;
        Ok(Hasher {
            argon2,
            pool: CpuPool::new("password", at_once)?,
            dummy: dummy.into(),
        })
    }

    /// Notes a password that is too short, too long or guessable. `known` are words of the account itself.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when too many passwords wait already.
    pub async fn check_strength(
        &self,
        password: &SecretString,
        known: &[&str],
        field: &'static str,
        faults: &mut FormErrors,
    ) -> Result<()> {
        if faults.take(field, check_length(password)).is_none() {
            return Ok(());
        }
        let password = password.clone();
        let known: Vec<String> = known.iter().map(|word| cut(word)).collect();
        let look = move || is_guessable(&password, &known);
        if self.pool.run(look).await? {
            faults.add(field, text::accounts_password_guessable());
        }
        Ok(())
    }

    /// Where everything runs that this type does.
    pub fn pool(&self) -> &CpuPool {
        &self.pool
    }

    /// Hashes the form of a password that does not depend on the keyboard.
    pub async fn hash(&self, password: SecretString) -> Result<String> {
        self.run(move |argon2| hash(argon2, &opaque(password.expose_secret())))
            .await
    }

    /// Verifies against `stored`, or, where there is no account, against a dummy: both take the same time,
    /// so the answer does not tell who has an account. Older hashes are of the bytes as they were received: these are
    /// tried too where they differ.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<Verified> {
        let dummy = self.dummy.clone();
        self.run(move |argon2| match stored {
            Some(stored) => verify(argon2, &password, &stored),
            None => verify(argon2, &password, &dummy).map(|_| Verified::Wrong),
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T> {
        let argon2 = self.argon2.clone();
        self.pool
            .run(move || work(&argon2))
            .await?
            .map_err(Error::internal)
    }
}

fn verify(
    argon2: &Argon2<'static>,
    password: &SecretString,
    stored: &str,
) -> anyhow::Result<Verified> {
    let parsed = PasswordHash::new(stored).map_err(|e| anyhow::anyhow!("stored hash: {e}"))?;
    let received = password.expose_secret();
    let form = opaque(received);
    let is_right = |text: &str| argon2.verify_password(text.as_bytes(), &parsed).is_ok();
    let right = is_right(&form);
    let as_received = !right && form != received && is_right(received);
    if !right && !as_received {
        return Ok(Verified::Wrong);
    }
    if right && has_cost_of(argon2, &parsed) {
        Ok(Verified::Right)
    } else {
        hash(argon2, &form).map(Verified::RightRehashed)
    }
}

fn has_cost_of(argon2: &Argon2<'static>, stored: &PasswordHash) -> bool {
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    Params::try_from(stored).is_ok_and(|params| cost(&params) == cost(argon2.params()))
}

fn hash(argon2: &Argon2<'static>, password: &str) -> anyhow::Result<String> {
    let hash = argon2
        .hash_password(password.as_bytes())
        .map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
    Ok(hash.to_string())
}

/// No rules of composition: only the length, and [`is_guessable`].
pub fn check_length(password: &SecretString) -> std::result::Result<(), Message> {
    let received = password.expose_secret();
    let too_long = || Err(text::accounts_password_too_long(MOST));
    if received.len() > MOST_BYTES {
        return too_long();
    }
    let form = opaque(received);
    if form.chars().any(char::is_control) {
        return Err(text::accounts_password_control_character());
    }
    match form.chars().count() {
        ..LEAST => Err(text::accounts_password_too_short(LEAST)),
        LEAST..=MOST => Ok(()),
        _ => too_long(),
    }
}

/// Whether it is among the first that are tried. Costs milliseconds: in a request only through [`Hasher::check_strength`].
/// `known` are words of the account itself.
pub fn is_guessable(password: &SecretString, known: &[String]) -> bool {
    let head: String = opaque(password.expose_secret())
        .chars()
        .take(LOOKED_AT)
        .collect();
    let known: Vec<String> = known.iter().map(|word| cut(word)).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    u8::from(zxcvbn::zxcvbn(&head, &known).score()) < 2
}

/// The form of RFC 8265's OpaqueString profile: keyboards write the same text in several ways, and the same password must
/// be right on each. Every kind of space is U+0020, letters and their marks are composed, and case counts.
fn opaque(received: &str) -> String {
    received
        .chars()
        .map(|c| if is_other_space(c) { ' ' } else { c })
        .nfc()
        .collect()
}

/// The general category Zs without U+0020.
fn is_other_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// A word of the account as far as a password could repeat it: what was typed can be as long as a form.
fn cut(word: &str) -> String {
    word.chars().take(LOOKED_AT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        let known = ["annabel".to_owned(), "annabel@example.org".to_owned()];
        let weak = |p: &str| {
            check_length(&p.to_owned().into()).is_err()
                || is_guessable(&p.to_owned().into(), &known)
        };
        for password in [
            "short",
            "password",
            "12345678",
            "annabel1",
            "qwertyuiop",
            "x1 x1 x1 ",
            &"x1 ".repeat(100),
        ] {
            assert!(weak(password), "{password}");
        }
        for password in [
            "\u{a0}\u{3000}      ",
            "correct\thorse battery",
            "e\u{301}e\u{301}e\u{301}e\u{301}",
        ] {
            assert!(weak(password), "{password}");
        }
        for password in [
            "correct horse battery",
            "Fähre nach Amrum 17",
            &"long enough ".repeat(20),
        ] {
            assert!(!weak(password), "{password}");
        }
    }

    #[test]
    fn one_password_has_one_form_on_every_keyboard() {
        assert_eq!(
            opaque("cafe\u{301}\u{3000}o\u{308}\u{a0}Ⅻ ﬁn"),
            "café ö Ⅻ ﬁn"
        );
        // The examples of RFC 8265, section 4.3.
        for text in [
            "correct horse battery staple",
            "Correct Horse Battery Staple",
            "πßå",
            "Jack of \u{2666}s",
        ] {
            assert_eq!(opaque(text), text);
        }
        assert_eq!(opaque("foo\u{1680}bar"), "foo bar");
    }

    #[test]
    fn verifies_and_rehashes_when_the_cost_changed() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let cheap = Hasher::new(Cost::CHEAPEST, 1).unwrap();
            let stored = cheap.hash("a secret".to_owned().into()).await.unwrap();
            let right = || SecretString::from("a secret".to_owned());
            assert_eq!(
                cheap.verify(right(), Some(stored.clone())).await.unwrap(),
                Verified::Right
            );
            assert_eq!(
                cheap
                    .verify("another".to_owned().into(), Some(stored.clone()))
                    .await
                    .unwrap(),
                Verified::Wrong
            );
            assert_eq!(
                cheap
                    .verify("no account has this password".to_owned().into(), None)
                    .await
                    .unwrap(),
                Verified::Wrong
            );
            let dearer = Hasher::new(
                Cost {
                    memory_kib: 16,
                    passes: 2,
                },
                1,
            )
            .unwrap();
            let Verified::RightRehashed(new) = dearer.verify(right(), Some(stored)).await.unwrap()
            else {
                panic!("not rehashed")
            };
            assert_eq!(
                dearer.verify(right(), Some(new)).await.unwrap(),
                Verified::Right
            );
        });
    }
}
