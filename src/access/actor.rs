use std::sync::{Arc, OnceLock};

use tracing::Span;
use uuid::Uuid;

use super::role::Role;
use crate::ids::public_id;

/// The account or the operator that acts, in which request and which business action. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Database key of the account; `None` where no account acts: the command line, a visitor who signs up or in.
    pub id: Option<i64>,
    /// Name at the time, readable after the account is gone.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The network of the client that asked, as it is shown; `None` for commands and jobs.
    pub client: Option<String>,
    pub correlation_id: Uuid,
    pub action: ActionId,
}

impl Actor {
    /// The operator at the command line, who may do what the owner of the site may.
    pub fn command(name: &str) -> Actor {
        Actor {
            id: None,
            name: name.to_owned(),
            role: Role::Owner,
            client: None,
            correlation_id: public_id(),
            action: ActionId::default(),
        }
    }

    /// Goes on with the business action that is under way with what is acted on, where there is one and this actor has not
    /// begun another.
    pub fn joins(&self, under_way: Option<Uuid>) {
        if under_way.is_some() {
            self.action.begin(under_way);
        }
    }

    /// The business action: its id is the same for all that this actor does, and made by the first that asks for it.
    pub fn transaction_id(&self) -> Uuid {
        self.action.begin(None)
    }

    /// The same actor in a business action of its own, as each text of an import is one.
    pub fn in_another_action(&self) -> Actor {
        Actor {
            action: ActionId::default(),
            ..self.clone()
        }
    }
}

/// The transaction id of a business action: named when it begins to write, and the same in all clones.
#[derive(Clone, Debug)]
pub struct ActionId {
    id: Arc<OnceLock<Uuid>>,
    span: Span,
}

impl ActionId {
    /// Of a request, in whose `span` the id is recorded.
    pub fn in_span(span: Span) -> ActionId {
        ActionId {
            id: Arc::default(),
            span,
        }
    }

    /// Names the business action: one already under way, or a new one. The first call decides.
    pub fn begin(&self, under_way: Option<Uuid>) -> Uuid {
        *self.id.get_or_init(|| {
            let id = under_way.unwrap_or_else(public_id);
            // Once: a span in text form repeats a field each time that it is recorded.
            self.span
                .record("transaction_id", tracing::field::display(id));
            id
        })
    }

    /// `None` where nothing was begun.
    pub fn begun(&self) -> Option<Uuid> {
        self.id.get().copied()
    }
}

impl Default for ActionId {
    fn default() -> ActionId {
        ActionId::in_span(Span::none())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Id, Record};
    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::{Context, SubscriberExt};

    use super::*;

    #[test]
    fn an_action_is_named_once_and_shared_by_clones() {
        let actor = Actor::command("test");
        let clone = actor.clone();
        let under_way = public_id();
        actor.joins(None);
        actor.joins(Some(under_way));
        clone.joins(Some(public_id()));
        assert_eq!(clone.transaction_id(), under_way);
        assert_ne!(actor.in_another_action().transaction_id(), under_way);
    }

    /// Counts how often something is recorded in a span.
    struct Records(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> Layer<S> for Records {
        fn on_record(&self, _: &Id, _: &Record<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_id_stands_in_the_span_once() {
        let records = Arc::default();
        let counted = tracing_subscriber::registry().with(Records(Arc::clone(&records)));
        tracing::subscriber::with_default(counted, || {
            let span = tracing::info_span!("request", transaction_id = tracing::field::Empty);
            let action = ActionId::in_span(span);
            for _ in 0..3 {
                action.clone().begin(None);
            }
        });
        assert_eq!(records.load(Ordering::Relaxed), 1);
    }
}
