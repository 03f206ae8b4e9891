//! What requests pass before their handlers, and answers behind them: all of them (`app/service.rs`), or those of a route
//! (`routes.rs`).
//!
//! [`ids`] holds the correlation and transaction id of the request; [`csrf`] refuses changes asked for by other sites and
//! malformed paths; [`limits`] bounds connections, heads and slow senders; [`security`] writes the headers of every answer;
//! [`health`] answers balancers (liveness and readiness), and keeps requests from a database that was not found yet;
//! [`read_your_writes`] lets people see what they have just changed, on any node; [`time_limit`] ends what takes too long;
//! [`private_answer`] marks what is for one client only; [`secret_address`] keeps addresses to themselves that are all that a reader needs; [`error_page`] writes the body of what failed.

pub mod csrf;
pub mod error_page;
pub mod health;
pub mod ids;
pub mod limits;
pub mod private_answer;
pub mod read_your_writes;
pub mod secret_address;
pub mod security;
pub mod time_limit;
