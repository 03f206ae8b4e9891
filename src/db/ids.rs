use uuid::Uuid;

/// A new id for the outside world: UUIDv7, made before the insert, sorted by time of making.
pub fn public_id() -> Uuid {
    Uuid::now_v7()
}
