//! What a request is worth while not all can be answered.

/// What a request is worth when not all can be answered, from most to least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Saving, publishing, signing in: never rejected because of others.
    Write,
    /// A page for a request with a session.
    Authenticated,
    /// A public page that memory does not have.
    #[default]
    Anonymous,
    /// A feed, for a program that will ask again.
    Feed,
    /// A page for a crawler that says so.
    Bot,
    /// What a browser fetches ahead, without a person having asked.
    Prefetch,
}

pub(in crate::db) const CLASSES: usize = 6;
/// From most to least.
pub(in crate::db) const ORDER: [Priority; CLASSES] = [
    Priority::Write,
    Priority::Authenticated,
    Priority::Anonymous,
    Priority::Feed,
    Priority::Bot,
    Priority::Prefetch,
];

tokio::task_local! {
    static PRIORITY: Priority;
}

/// Runs the work of a request at this priority. What runs without one, such as jobs, counts as a write.
pub async fn with_priority<F: Future>(priority: Priority, work: F) -> F::Output {
    PRIORITY.scope(priority, work).await
}

pub(in crate::db) fn priority() -> Priority {
    priority_of_request().unwrap_or(Priority::Write)
}

/// `None` outside of [`with_priority`].
pub(in crate::db) fn priority_of_request() -> Option<Priority> {
    PRIORITY.try_with(|priority| *priority).ok()
}

impl Priority {
    /// In metrics.
    pub(in crate::db) fn name(self) -> &'static str {
        match self {
            Priority::Write => "write",
            Priority::Authenticated => "authenticated",
            Priority::Anonymous => "anonymous",
            Priority::Feed => "feed",
            Priority::Bot => "bot",
            Priority::Prefetch => "prefetch",
        }
    }

    /// The quota of all permits, in eighths.
    pub(super) fn quota_eighths(self) -> u32 {
        match self {
            Priority::Write => 8,
            Priority::Authenticated => 7,
            Priority::Anonymous => 8,
            Priority::Feed => 6,
            Priority::Bot => 4,
            Priority::Prefetch => 2,
        }
    }
}
