//! What a server of the cluster is: the primary, or one of its replicas.

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Takes changes.
    Primary,
    /// Replays the log of a primary; refuses changes.
    Replica,
}
