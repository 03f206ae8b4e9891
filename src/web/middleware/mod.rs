//! What every request passes before its handler, and every answer behind it.
//!
//! [`ids`] holds the correlation and transaction id of the request; [`csrf`] refuses changes asked for by other sites and
//! malformed paths; [`time_limit`] ends what takes too long; [`private_answer`] marks what is for one client only; [`limits`] bounds connections, heads and slow senders; [`security`] writes the headers of every answer;
//! [`health`] answers balancers (liveness and readiness); [`read_your_writes`] lets people see what they have just changed,
//! on any node.

pub mod csrf;
pub mod health;
pub mod ids;
pub mod limits;
pub mod private_answer;
pub mod read_your_writes;
pub mod security;
pub mod time_limit;
