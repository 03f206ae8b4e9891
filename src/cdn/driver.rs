//! Which CDN there is, and how it is reached.

use secrecy::SecretString;
use url::Url;

/// A CDN and how to reach it.
#[derive(Clone, Debug)]
pub enum Driver {
    None,
    /// Varnish with the module xkey, one address for each server. Its VCL has to answer `PURGE`, of trusted addresses
    /// only, by `xkey.purge(req.http.xkey-purge)` and `xkey.softpurge(req.http.xkey-softpurge)`.
    Varnish {
        urls: Vec<Url>,
    },
    Fastly {
        url: Url,
        service: String,
        token: SecretString,
    },
    Cloudflare {
        url: Url,
        zone: String,
        token: SecretString,
    },
    /// Anything that takes `{"tags": […], "hard": true}`.
    Webhook {
        url: Url,
        token: Option<SecretString>,
    },
}

impl Driver {
    /// Whether there is a shared cache to purge. Without, pages may live in shared caches only as long as they may be wrong.
    pub fn is_configured(&self) -> bool {
        !matches!(self, Driver::None)
    }

    /// As in the setting.
    pub fn name(&self) -> &'static str {
        match self {
            Driver::None => "none",
            Driver::Varnish { .. } => "varnish",
            Driver::Fastly { .. } => "fastly",
            Driver::Cloudflare { .. } => "cloudflare",
            Driver::Webhook { .. } => "webhook",
        }
    }
}
