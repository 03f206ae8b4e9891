//! Connections for reading, by how new what they show must be.

use std::ops::{Deref, DerefMut};

use sqlx::postgres::PgConnection;

use super::admission::Permit;
use super::cluster::checkout::Checkout;
use super::cluster::pool::Conn;

/// A connection on which the server refuses every write (`default_transaction_read_only`), also where it is the
/// primary's: a misrouted write fails on every laptop, not first in production.
pub struct ReadConn(pub(super) Checkout);

/// A read on the primary, for what must never be old: sessions, permissions, the author's own text.
pub struct FreshConn(
    pub(super) Conn,
    #[expect(dead_code, reason = "given back with the connection")] pub(super) Permit,
);

impl ReadConn {
    /// Gives the connection back when everything that was asked on it was answered: then the next page need not ask
    /// whether it can be used.
    pub fn release(self) {
        self.0.release();
    }
}

/// A connection that is used as the driver's own.
macro_rules! impl_deref_conn {
    ($($name:ident ($($field:tt)+)),*) => {$(
        impl Deref for $name {
            type Target = PgConnection;
            fn deref(&self) -> &PgConnection { &self.$($field)+ }
        }
        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut PgConnection { &mut self.$($field)+ }
        }
    )*};
}
impl_deref_conn!(ReadConn(0.conn), FreshConn(0));
