//! Passwords: argon2id off the async threads, with a bound on how many hash at once (19 MiB each).

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::web::{Error, Result};

/// How long a sign-in waits for its turn before it is told to come back.
const QUEUE: Duration = Duration::from_secs(2);

/// Cost of one hash. OWASP's floor is 19 MiB, two passes.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Cost {
    pub const DEFAULT: Cost = Cost { memory_kib: 19_456, passes: 2 };
    /// For tests: as cheap as the algorithm allows.
    pub const CHEAPEST: Cost = Cost { memory_kib: 8, passes: 1 };
}

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    dummy: Arc<str>,
}

/// The outcome of a verification.
#[derive(Debug, PartialEq, Eq)]
pub enum Verified {
    Wrong,
    Right,
    /// Right, and stored with other costs than today's: store this instead.
    RightRehashed(String),
}

impl Hasher {
    /// `at_once`: hashes that may run side by side; each takes `cost.memory_kib`.
    pub fn new(cost: Cost, at_once: usize) -> anyhow::Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|e| anyhow::anyhow!("argon2 cost: {e}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash(&argon2, "no account has this password")?;
        Ok(Hasher { argon2, turns: Arc::new(Semaphore::new(at_once.max(1))), dummy: dummy.into() })
    }

    pub async fn hash(&self, password: SecretString) -> Result<String> {
        self.run(move |argon2| hash(argon2, password.expose_secret())).await
    }

    /// Verifies against `stored`, or, where there is no account, against a dummy: both take the same time,
    /// so the answer does not tell who has an account.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<Verified> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.to_string());
        self.run(move |argon2| {
            let parsed = PasswordHash::new(&stored).map_err(|e| anyhow::anyhow!("stored hash: {e}"))?;
            if argon2.verify_password(password.expose_secret().as_bytes(), &parsed).is_err() || !known {
                return Ok(Verified::Wrong);
            }
            let same_cost = Params::try_from(&parsed).is_ok_and(|p| {
                (p.m_cost(), p.t_cost(), p.p_cost()) == (argon2.params().m_cost(), argon2.params().t_cost(), argon2.params().p_cost())
            });
            if same_cost { Ok(Verified::Right) } else { hash(argon2, password.expose_secret()).map(Verified::RightRehashed) }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Argon2<'static>) -> anyhow::Result<T> + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(QUEUE, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Error::TooManyRequests { retry_after: 5 });
        };
        let argon2 = self.argon2.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&argon2)
        });
        done.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

fn hash(argon2: &Argon2<'static>, password: &str) -> anyhow::Result<String> {
    let hash = argon2.hash_password(password.as_bytes()).map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
    Ok(hash.to_string())
}

/// Length and guessability; no rules of composition. `known` are words of the account itself.
pub fn check_strength(password: &SecretString, known: &[&str]) -> std::result::Result<(), String> {
    let text = password.expose_secret();
    let count = text.chars().count();
    if count < 8 {
        return Err("A password has at least 8 characters. A short sentence is easy to remember.".into());
    }
    if count > 256 {
        return Err("A password has at most 256 characters.".into());
    }
    // zxcvbn looks at the first 100 characters; more only add strength.
    let head: String = text.chars().take(100).collect();
    if u8::from(zxcvbn::zxcvbn(&head, known).score()) < 2 {
        return Err("This password is among the first that are tried. Add a few unrelated words.".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        let check = |p: &str| check_strength(&p.to_owned().into(), &["annabel", "annabel@example.org"]);
        for weak in ["short", "password", "12345678", "annabel1", "qwertyuiop"] {
            assert!(check(weak).is_err(), "{weak}");
        }
        for strong in ["correct horse battery", "Fähre nach Amrum 17", &"long enough ".repeat(20)] {
            assert!(check(strong).is_ok(), "{strong}");
        }
        assert!(check(&"x1 ".repeat(100)).is_err());
    }

    #[test]
    fn verifies_and_rehashes_when_the_cost_changed() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let cheap = Hasher::new(Cost::CHEAPEST, 1).unwrap();
            let stored = cheap.hash("a secret".to_owned().into()).await.unwrap();
            let right = || SecretString::from("a secret".to_owned());
            assert_eq!(cheap.verify(right(), Some(stored.clone())).await.unwrap(), Verified::Right);
            assert_eq!(cheap.verify("another".to_owned().into(), Some(stored.clone())).await.unwrap(), Verified::Wrong);
            assert_eq!(cheap.verify("no account has this password".to_owned().into(), None).await.unwrap(), Verified::Wrong);
            let dearer = Hasher::new(Cost { memory_kib: 16, passes: 2 }, 1).unwrap();
            let Verified::RightRehashed(new) = dearer.verify(right(), Some(stored)).await.unwrap() else { panic!("not rehashed") };
            assert_eq!(dearer.verify(right(), Some(new)).await.unwrap(), Verified::Right);
        });
    }
}
