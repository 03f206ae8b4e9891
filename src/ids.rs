//! Makes the ids of the house: UUIDs of version 7, sorted by the time of their making.

use uuid::Uuid;

/// The same without what orders ids of one millisecond: for ids by the hundred thousand, which threads make without
/// waiting for each other.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn fast_id() -> Uuid {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    uuid::Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid()
}

/// A new id for the outside world: UUIDv7, made before the insert, sorted by time of making.
pub fn public_id() -> Uuid {
    Uuid::now_v7()
}
