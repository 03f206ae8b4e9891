//! Who may ask a database now, and who is told at once to come back later.
//!
//! A pool of connections lets all wait in one row, and under more than it can do everybody waits until nobody wants the
//! answer any more. Here one waits for long only in a burst. Once all who matter alike have waited too long for a while,
//! their row is kept so short that who cannot be answered soon is told at once; and who matters less gets only a share. A
//! long row that moves fast is no reason to refuse anybody (CoDel, RFC 8289, judges by the wait alone, too).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::round_trip::RoundTrip;

/// What a request is worth when not all can be answered, from most to least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Saving, publishing, signing in: never refused because of others.
    Save,
    /// A page for somebody who is signed in.
    Person,
    /// A page for everybody, that memory does not have.
    #[default]
    Reader,
    Feed,
    Crawler,
    /// What a browser fetches without anybody having asked.
    Prefetch,
}

const CLASSES: usize = 6;

tokio::task_local! {
    static PRIORITY: Priority;
}

/// Runs the work of a request that matters so much. What runs without it, such as jobs, counts as saving.
pub async fn with_priority<F: Future>(priority: Priority, work: F) -> F::Output {
    PRIORITY.scope(priority, work).await
}

pub(super) fn priority() -> Priority {
    PRIORITY.try_with(|priority| *priority).unwrap_or(Priority::Save)
}

impl Priority {
    /// Of all turns, in eighths.
    fn eighths(self) -> u32 {
        match self {
            Priority::Save => 8,
            Priority::Person => 7,
            Priority::Reader => 8,
            Priority::Feed => 6,
            Priority::Crawler => 4,
            Priority::Prefetch => 2,
        }
    }
}

/// Who waits longer than this waits too long. When all of a class have done so for [`STANDING`], more is asked than can be
/// done, and when none has for as long again, it is over.
const TOO_LONG: Duration = Duration::from_millis(20);
const STANDING: Duration = Duration::from_millis(500);
/// How long one waits in a burst, and when more is asked than can be done.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_millis(30));
/// Saves wait as long as for a connection.
const SAVES_WAIT: Duration = Duration::from_secs(2);

/// Everybody who wanted a turn within their patience has had one, but this one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// Turns at one pool of one server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Turns(Arc<Inner>);

struct Inner {
    size: u32,
    state: Mutex<State>,
}

struct State {
    taken: u32,
    waiting: [VecDeque<Waiting>; CLASSES],
    waits: [Waits; CLASSES],
    refused: u64,
    /// Whoever has a turn keeps it for at least as long as the way to the server and back takes.
    round_trip: Arc<RoundTrip>,
}

impl State {
    fn learn(&mut self, priority: Priority, since: Instant) {
        let too_long = self.round_trip.allow(TOO_LONG, 1);
        self.waits[priority as usize].learn(since, too_long);
    }
}

/// What became of those of one class who wanted a turn.
#[derive(Clone, Copy, Default)]
struct Waits {
    overrun: bool,
    /// Since when they have said the opposite.
    doubted_since: Option<Instant>,
    /// When the last one had waited.
    last: Option<Instant>,
}

impl Waits {
    /// One has waited since then, whether there was a turn in the end or not.
    fn learn(&mut self, since: Instant, limit: Duration) {
        let too_long = since.elapsed() > limit;
        if too_long == self.is_overrun() {
            self.doubted_since = None;
        } else if self.doubted_since.get_or_insert(since).elapsed() > STANDING {
            self.overrun = too_long;
            self.doubted_since = None;
        }
        self.last = Some(Instant::now());
    }

    /// What was so before a silence need not be so any more.
    fn is_overrun(&mut self) -> bool {
        if self.last.is_some_and(|last| last.elapsed() > STANDING) {
            *self = Waits::default();
        }
        self.overrun
    }
}

struct Waiting {
    since: Instant,
    sender: oneshot::Sender<Turn>,
}

/// Given back when dropped.
pub(super) struct Turn(Option<Turns>);

impl Turns {
    pub(super) fn new(size: u32, round_trip: Arc<RoundTrip>) -> Self {
        let state = State { taken: 0, waiting: Default::default(), waits: Default::default(), refused: 0, round_trip };
        Turns(Arc::new(Inner { size, state: Mutex::new(state) }))
    }

    /// Waits for a turn: half a second in a burst, some milliseconds when more is asked than can be done.
    pub(super) async fn take(&self, priority: Priority) -> Result<Turn, Busy> {
        let since = Instant::now();
        let (turn, patience) = {
            let mut state = self.lock();
            if state.taken < self.share(priority) && state.nobody_before(priority) {
                state.taken += 1;
                state.learn(priority, since);
                return Ok(Turn(Some(self.clone())));
            }
            let (sender, turn) = oneshot::channel();
            state.waiting[priority as usize].push_back(Waiting { since, sender });
            let patience = match priority {
                Priority::Save => SAVES_WAIT,
                _ if state.waits[priority as usize].is_overrun() => PATIENCE.1,
                _ => PATIENCE.0,
            };
            (turn, state.round_trip.allow(patience, 2))
        };
        match tokio::time::timeout(patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            // One that comes in this moment is given back by its own end.
            _ => {
                let mut state = self.lock();
                state.refused += 1;
                state.learn(priority, since);
                Err(Busy)
            }
        }
    }

    /// Whether readers ask for more than can be done, and have for a while. That others do, who get only a share, is no
    /// reason to save on what readers need.
    pub(super) fn is_overrun(&self) -> bool {
        let mut state = self.lock();
        state.waits[..=Priority::Reader as usize].iter_mut().any(Waits::is_overrun)
    }

    pub(super) fn refused(&self) -> u64 {
        self.lock().refused
    }

    fn share(&self, priority: Priority) -> u32 {
        (self.0.size * priority.eighths() / 8).max(1)
    }

    /// A turn is free: it goes on to who matters most, or lies there.
    fn pass_on(&self) {
        loop {
            let sender = {
                let mut state = self.lock();
                state.taken -= 1;
                let Some(next) = state.next(|priority| self.share(priority)) else { return };
                state.taken += 1;
                next.sender
            };
            match sender.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // Nobody waits there any more.
                Err(mut turn) => turn.0 = None,
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

const ORDER: [Priority; CLASSES] =
    [Priority::Save, Priority::Person, Priority::Reader, Priority::Feed, Priority::Crawler, Priority::Prefetch];

impl State {
    fn nobody_before(&mut self, priority: Priority) -> bool {
        self.forget_the_gone();
        self.waiting[..=priority as usize].iter().all(VecDeque::is_empty)
    }

    fn forget_the_gone(&mut self) {
        for row in &mut self.waiting {
            row.retain(|waiting| !waiting.sender.is_closed());
        }
    }

    fn next(&mut self, share: impl Fn(Priority) -> u32) -> Option<Waiting> {
        self.forget_the_gone();
        let taken = self.taken;
        let priority = ORDER.into_iter().find(|p| !self.waiting[*p as usize].is_empty() && taken < share(*p))?;
        let next = self.waiting[priority as usize].pop_front()?;
        self.learn(priority, next.since);
        Some(next)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_matters_more_comes_first() {
        let turns = Turns::new(1, Arc::default());
        let held = turns.take(Priority::Reader).await.unwrap();
        let (order, seen) = (Arc::new(Mutex::new(Vec::new())), |order: &Arc<Mutex<Vec<Priority>>>| order.lock().unwrap().clone());
        let mut tasks = tokio::task::JoinSet::new();
        for priority in [Priority::Prefetch, Priority::Feed, Priority::Reader, Priority::Save] {
            let (turns, order) = (turns.clone(), order.clone());
            tasks.spawn(async move {
                let turn = turns.take(priority).await.unwrap();
                order.lock().unwrap().push(priority);
                drop(turn);
            });
            tokio::task::yield_now().await;
        }
        drop(held);
        while tasks.join_next().await.is_some() {}
        assert_eq!(seen(&order), [Priority::Save, Priority::Reader, Priority::Feed, Priority::Prefetch]);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_matter_less_leave_room() {
        let turns = Turns::new(8, Arc::default());
        let mut crawlers = Vec::new();
        while let Ok(Ok(turn)) = tokio::time::timeout(Duration::from_millis(1), turns.take(Priority::Crawler)).await {
            crawlers.push(turn);
        }
        assert_eq!(crawlers.len(), 4);
        let readers = [turns.take(Priority::Reader).await.is_ok(), turns.take(Priority::Reader).await.is_ok()];
        assert_eq!(readers, [true, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn when_more_is_asked_than_can_be_done_one_is_refused_soon_and_a_save_is_not() {
        let turns = Turns::new(1, Arc::default());
        let held = turns.take(Priority::Save).await.unwrap();
        let began = tokio::time::Instant::now();
        assert_eq!(turns.take(Priority::Reader).await.err(), Some(Busy));
        assert_eq!(began.elapsed(), PATIENCE.0, "a burst may wait");
        // Somebody is always waiting.
        let others: Vec<_> = (0..2)
            .map(|_| {
                tokio::spawn({
                    let turns = turns.clone();
                    async move { turns.take(Priority::Save).await.map(drop) }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        turns.lock().waits[Priority::Reader as usize] = Waits { overrun: true, doubted_since: None, last: Some(Instant::now()) };
        let began = tokio::time::Instant::now();
        assert_eq!(turns.take(Priority::Reader).await.err(), Some(Busy));
        assert_eq!(began.elapsed(), PATIENCE.1);
        assert!(turns.is_overrun());
        drop(held);
        for other in others {
            assert_eq!(other.await.unwrap(), Ok(()));
        }
        tokio::time::advance(2 * STANDING).await;
        assert!(!turns.is_overrun(), "nobody has asked for a while");
    }

    #[test]
    fn one_short_wait_is_no_end_of_too_much_and_one_long_wait_no_beginning() {
        let ago = |milliseconds| Instant::now() - Duration::from_millis(milliseconds);
        let mut waits = Waits { overrun: true, doubted_since: None, last: Some(Instant::now()) };
        waits.learn(ago(0), TOO_LONG);
        assert!(waits.is_overrun());
        waits.doubted_since = Some(ago(600));
        waits.learn(ago(100), TOO_LONG);
        assert!(waits.is_overrun() && waits.doubted_since.is_none(), "a long one in between begins anew");
        waits.doubted_since = Some(ago(600));
        waits.learn(ago(0), TOO_LONG);
        assert!(!waits.is_overrun(), "all were short for long enough");
        waits.learn(ago(100), TOO_LONG);
        assert!(!waits.is_overrun());
        waits.doubted_since = Some(ago(600));
        waits.learn(ago(100), TOO_LONG);
        assert!(waits.is_overrun(), "all were long for long enough");
        waits.last = Some(ago(600));
        assert!(!waits.is_overrun(), "that was before a silence");
    }

    #[tokio::test(start_paused = true)]
    async fn crawlers_who_ask_for_too_much_take_no_patience_from_readers() {
        let turns = Turns::new(2, Arc::default());
        let until = Instant::now() + Duration::from_secs(10);
        let ask = |priority, holds| {
            let turns = turns.clone();
            async move {
                let mut refused = 0;
                while Instant::now() < until {
                    match turns.take(priority).await {
                        Ok(_turn) => tokio::time::sleep(Duration::from_millis(holds)).await,
                        Err(Busy) => refused += 1,
                    }
                }
                refused
            }
        };
        let crawlers: Vec<_> = (0..300).map(|_| tokio::spawn(ask(Priority::Crawler, 5))).collect();
        assert_eq!(ask(Priority::Reader, 5).await, 0);
        assert!(!turns.is_overrun());
        let mut refused = 0;
        for crawler in crawlers {
            refused += crawler.await.unwrap();
        }
        assert!(refused > 0);
    }

    /// So many ask all the time, and each answer takes a millisecond; how many were refused in ten seconds.
    async fn refused_of(clients: usize) -> u64 {
        let turns = Turns::new(1, Arc::default());
        let until = Instant::now() + Duration::from_secs(10);
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let turns = turns.clone();
            asking.spawn(async move {
                while Instant::now() < until {
                    if let Ok(_turn) = turns.take(Priority::Reader).await {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
            });
        }
        asking.join_all().await;
        turns.refused()
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_that_is_always_there_and_moves_fast_refuses_nobody() {
        assert_eq!(refused_of(15).await, 0);
        assert!(refused_of(300).await > 0, "more is asked than can be done");
    }

    #[tokio::test]
    async fn turns_of_those_who_left_are_not_lost() {
        let turns = Turns::new(2, Arc::default());
        for round in 0..200 {
            let held = [turns.take(Priority::Reader).await.unwrap(), turns.take(Priority::Save).await.unwrap()];
            let waiting: Vec<_> = (0..10)
                .map(|_| {
                    tokio::spawn({
                        let turns = turns.clone();
                        async move { turns.take(Priority::Reader).await.map(drop) }
                    })
                })
                .collect();
            tokio::task::yield_now().await;
            for (number, task) in waiting.iter().enumerate() {
                if (number + round) % 3 == 0 {
                    task.abort();
                }
            }
            drop(held);
            for task in waiting {
                let _ = task.await;
            }
            assert_eq!(turns.lock().taken, 0);
        }
    }
}
