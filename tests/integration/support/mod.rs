//! What tests stand on: [`TestApp`] is a site with its own database, [`Actor`] somebody in front of it who
//! uses public routes only, [`SharedCache`] a real one of the kind that stands in front of sites.

mod actor;
mod app;
mod balancer;
mod clock;
mod cluster;
mod pooler;
mod port;
mod private;
mod proxy;
mod replicated;
mod response;
mod served;
mod shared_cache;
mod stub;
mod temp_dir;
mod until;
mod wire;

pub use actor::{Actor, Published};
pub use app::TestApp;
pub use balancer::Balancer;
pub use clock::clock_ahead;
pub use cluster::{database, fresh_database};
pub use pooler::Pooler;
pub use port::free_port;
pub use private::Private;
pub use proxy::{Line, Proxy};
pub use replicated::Cluster;
pub use response::Response;
pub use served::{Served, account_of_the_cluster, send_form};
pub use shared_cache::SharedCache;
pub use stub::{Asked, Stub};
pub use temp_dir::{TempDir, of_this_run};
pub use until::{PATIENCE, until, wait_until};

/// How often a proof goes round: a few times in every run, and as often as it should with `make prove`.
pub fn rounds(short: u64, full: u64) -> u64 {
    if std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full") {
        full
    } else {
        short
    }
}

/// A password that the strength check accepts.
pub const PASSWORD: &str = "nine quiet lanterns";
