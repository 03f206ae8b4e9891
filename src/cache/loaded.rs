//! What makes a page, and what it made.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::public::{LoadError, Public};
use crate::db::{ReadFrom, ReadRequirement};

/// What a handler made, and where it read.
pub(super) struct Loaded {
    pub(super) public: Public,
    pub(super) at: ReadFrom,
}

/// Makes a page: its handler with the parts of its address, reading as freshly as it is told. Called again for each
/// refresh, and on another server where one broke.
pub type Load = Arc<
    dyn Fn(Arc<ReadRequirement>) -> BoxFuture<'static, Result<Public, LoadError>> + Send + Sync,
>;
