//! The key that all nodes of a site share, and what is derived from it: one key for each purpose, so that nothing that is
//! signed for one is good for another.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

/// HMAC-SHA-256 over what was said.
pub type Signature = Hmac<Sha256>;

/// 256 bits of randomness that every node of the site must have: cookies and ids of forms of one are read by the
/// others.
pub struct SiteKey(SecretBox<[u8; 32]>);

impl SiteKey {
    /// Takes it as it is: the caller made it, or read it from the settings.
    pub fn new(key: SecretBox<[u8; 32]>) -> Self {
        SiteKey(key)
    }

    /// A key of its own for a purpose. Changing the label makes everything invalid that was signed with it.
    pub fn key_for(&self, label: &str) -> Signature {
        let mut derived = Self::signature(self.0.expose_secret());
        derived.update(b"masthead ");
        derived.update(label.as_bytes());
        Self::signature(&derived.finalize().into_bytes())
    }

    fn signature(key: &[u8]) -> Signature {
        Signature::new_from_slice(key).expect("keys of any length are keys")
    }
}
