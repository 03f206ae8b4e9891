//! Which request may ask a database now, which waits, and which is refused.
//!
//! A pool of connections lets all wait in one queue, and under more than it can do every request waits until its client has
//! given up. Here the queue is bounded by the number that waits for each connection, and what matters less gets only a share
//! of both. Where it is full, newcomers wait in front of the site ([`super::admission`]), which costs nearly nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use super::admission::Admission;
use super::cluster::round_trip::RoundTrip;

/// What a request is worth when not all can be answered, from most to least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Saving, publishing, signing in: never refused because of others.
    Save,
    /// A page for a request with a session.
    Person,
    /// A page for everybody, that memory does not have.
    #[default]
    Reader,
    Feed,
    Crawler,
    /// What a browser fetches ahead, without a person having asked.
    Prefetch,
}

pub(super) const CLASSES: usize = 6;
/// From most to least.
pub(super) const ORDER: [Priority; CLASSES] = [
    Priority::Save,
    Priority::Person,
    Priority::Reader,
    Priority::Feed,
    Priority::Crawler,
    Priority::Prefetch,
];

tokio::task_local! {
    static PRIORITY: Priority;
}

/// Runs the work of a request that matters so much. What runs without it, such as jobs, counts as saving.
pub async fn with_priority<F: Future>(priority: Priority, work: F) -> F::Output {
    PRIORITY.scope(priority, work).await
}

pub(super) fn priority() -> Priority {
    PRIORITY
        .try_with(|priority| *priority)
        .unwrap_or(Priority::Save)
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

/// So many may wait for each turn before newcomers have to wait in front of the site. Their number counts and not the time
/// that they wait: on a machine that is busy with other things a short queue moves slowly, and is as short.
const FULL: usize = 16;
/// Requests that do not wait there (from signed-in people, the second question of a page) are refused at once when so many
/// wait for each turn.
const MOST: usize = 2 * FULL;
/// For a turn. Leaves a page the time to be made (see `cache::load`).
const PATIENCE: Duration = Duration::from_secs(3);
/// Saves wait as long as for a connection.
const SAVES_WAIT: Duration = Duration::from_secs(2);

/// The queue was full, or did not move.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// Turns at one pool of one server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Turns(Arc<Inner>);

struct Inner {
    size: u32,
    state: Mutex<State>,
    /// Requests that wait in front until there is room here.
    admission: Arc<Admission>,
    /// A turn is kept for at least as long as the way to the server and back takes.
    round_trip: Arc<RoundTrip>,
}

#[derive(Default)]
struct State {
    taken: u32,
    waiting: [VecDeque<oneshot::Sender<Turn>>; CLASSES],
    refused: u64,
}

/// Given back when dropped.
pub(super) struct Turn(Option<Turns>);

impl Turns {
    pub(super) fn new(size: u32, round_trip: Arc<RoundTrip>, admission: Arc<Admission>) -> Self {
        Turns(Arc::new(Inner {
            size,
            state: Mutex::default(),
            admission,
            round_trip,
        }))
    }

    /// Waits for a turn, unless too many wait already.
    pub(super) async fn take(&self, priority: Priority) -> Result<Turn, Busy> {
        let turn = {
            let mut state = self.lock();
            let ahead = state.ahead_of(priority);
            if state.taken < self.share(priority) && ahead == 0 {
                state.taken += 1;
                return Ok(Turn(Some(self.clone())));
            }
            if priority != Priority::Save && ahead >= self.room(priority, MOST) {
                state.refused += 1;
                return Err(Busy);
            }
            let (sender, turn) = oneshot::channel();
            state.waiting[priority as usize].push_back(sender);
            turn
        };
        let patience = if priority == Priority::Save {
            SAVES_WAIT
        } else {
            PATIENCE
        };
        match tokio::time::timeout(self.0.round_trip.allow(patience, 2), turn).await {
            Ok(Ok(turn)) => Ok(turn),
            // One that comes in this moment is given back by its own end.
            _ => {
                self.lock().refused += 1;
                Err(Busy)
            }
        }
    }

    /// Whether a newcomer should wait in front.
    pub(super) fn is_full(&self, priority: Priority) -> bool {
        self.lock().ahead_of(priority) >= self.room(priority, FULL)
    }

    /// Whether so many readers wait that work for which none does should be left. Others, which get only a share, are no
    /// reason to save on what readers need.
    pub(super) fn is_overrun(&self) -> bool {
        self.lock().ahead_of(Priority::Reader) >= self.room(Priority::Reader, FULL / 2)
    }

    pub(super) fn refused(&self) -> u64 {
        self.lock().refused
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().ahead_of(Priority::Prefetch)
    }

    fn share(&self, priority: Priority) -> u32 {
        (self.0.size * priority.eighths() / 8).max(1)
    }

    fn room(&self, priority: Priority, each: usize) -> usize {
        self.share(priority) as usize * each
    }

    /// A turn is free: it goes on to the most important request, or lies there. So there is room for one from the front; for
    /// two, since one of them may find its page made meanwhile.
    fn pass_on(&self) {
        loop {
            let sender = {
                let mut state = self.lock();
                state.taken -= 1;
                let Some(sender) = state.next(|priority| self.share(priority)) else {
                    break;
                };
                state.taken += 1;
                sender
            };
            match sender.send(Turn(Some(self.clone()))) {
                Ok(()) => break,
                // That request has given up.
                Err(mut turn) => turn.0 = None,
            }
        }
        self.0
            .admission
            .admit_up_to(2, |priority| !self.is_full(priority));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl State {
    /// How many get a turn before a newcomer.
    fn ahead_of(&mut self, priority: Priority) -> usize {
        self.forget_the_gone();
        self.waiting[..=priority as usize]
            .iter()
            .map(VecDeque::len)
            .sum()
    }

    fn forget_the_gone(&mut self) {
        for row in &mut self.waiting {
            row.retain(|sender| !sender.is_closed());
        }
    }

    fn next(&mut self, share: impl Fn(Priority) -> u32) -> Option<oneshot::Sender<Turn>> {
        self.forget_the_gone();
        let taken = self.taken;
        let priority = ORDER
            .into_iter()
            .find(|p| !self.waiting[*p as usize].is_empty() && taken < share(*p))?;
        self.waiting[priority as usize].pop_front()
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

    fn turns(size: u32) -> Turns {
        Turns::new(size, Arc::default(), Arc::default())
    }

    #[tokio::test(start_paused = true)]
    async fn who_matters_more_comes_first() {
        let turns = turns(1);
        let held = turns.take(Priority::Reader).await.unwrap();
        let (order, seen) = (
            Arc::new(Mutex::new(Vec::new())),
            |order: &Arc<Mutex<Vec<Priority>>>| order.lock().unwrap().clone(),
        );
        let mut tasks = tokio::task::JoinSet::new();
        for priority in [
            Priority::Prefetch,
            Priority::Feed,
            Priority::Reader,
            Priority::Save,
        ] {
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
        assert_eq!(
            seen(&order),
            [
                Priority::Save,
                Priority::Reader,
                Priority::Feed,
                Priority::Prefetch
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_matter_less_leave_room() {
        let turns = turns(8);
        let mut crawlers = Vec::new();
        while let Ok(Ok(turn)) =
            tokio::time::timeout(Duration::from_millis(1), turns.take(Priority::Crawler)).await
        {
            crawlers.push(turn);
        }
        assert_eq!(crawlers.len(), 4);
        let readers = [
            turns.take(Priority::Reader).await.is_ok(),
            turns.take(Priority::Reader).await.is_ok(),
        ];
        assert_eq!(readers, [true, true]);
    }

    /// So many ask all the time, and each answer takes so long; how many were refused in a minute.
    async fn refused_of(clients: usize, priority: Priority, each: Duration) -> u64 {
        let turns = turns(4);
        let until = tokio::time::Instant::now() + Duration::from_secs(60);
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let turns = turns.clone();
            asking.spawn(async move {
                while tokio::time::Instant::now() < until {
                    match turns.take(priority).await {
                        Ok(_turn) => tokio::time::sleep(each).await,
                        Err(Busy) => tokio::time::sleep(Duration::from_millis(100)).await,
                    }
                }
            });
        }
        asking.join_all().await;
        turns.refused()
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_queue_refuses_none_however_slowly_it_moves() {
        for milliseconds in [1, 10, 100, 700] {
            let each = Duration::from_millis(milliseconds);
            assert_eq!(
                refused_of(8, Priority::Crawler, each).await,
                0,
                "{milliseconds} ms"
            );
            assert_eq!(
                refused_of(8, Priority::Reader, each).await,
                0,
                "{milliseconds} ms"
            );
        }
        assert_eq!(
            refused_of(50, Priority::Reader, Duration::from_millis(100)).await,
            0
        );
        assert!(
            refused_of(300, Priority::Reader, Duration::from_millis(10)).await > 0,
            "more is asked than can be done"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_refuses_at_once_and_one_that_stands_still_in_the_end() {
        let turns = turns(1);
        let held = turns.take(Priority::Reader).await.unwrap();
        let wait = |priority| {
            let turns = turns.clone();
            tokio::spawn(async move { turns.take(priority).await.map(drop) })
        };
        let readers: Vec<_> = (0..FULL).map(|_| wait(Priority::Reader)).collect();
        tokio::task::yield_now().await;
        assert!(
            turns.is_full(Priority::Reader)
                && turns.is_full(Priority::Crawler)
                && turns.is_overrun()
        );
        assert!(!turns.is_full(Priority::Person), "readers come behind them");
        let late: Vec<_> = (FULL..MOST).map(|_| wait(Priority::Reader)).collect();
        tokio::task::yield_now().await;
        let began = tokio::time::Instant::now();
        assert_eq!(turns.take(Priority::Reader).await.err(), Some(Busy));
        assert_eq!(began.elapsed(), Duration::ZERO);
        let save = wait(Priority::Save);
        for reader in readers.into_iter().chain(late) {
            assert_eq!(reader.await.unwrap(), Err(Busy));
        }
        assert_eq!(began.elapsed(), PATIENCE);
        assert_eq!(
            save.await.unwrap(),
            Err(Busy),
            "it has waited as long as for a connection"
        );
        assert_eq!((turns.waiting(), turns.refused()), (0, MOST as u64 + 2));
        drop(held);
        assert_eq!(wait(Priority::Save).await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn crawlers_that_ask_for_too_much_take_no_place_from_readers() {
        let turns = turns(2);
        let until = tokio::time::Instant::now() + Duration::from_secs(10);
        let ask = |priority| {
            let turns = turns.clone();
            async move {
                let mut refused = 0;
                while tokio::time::Instant::now() < until {
                    match turns.take(priority).await {
                        Ok(_turn) => tokio::time::sleep(Duration::from_millis(5)).await,
                        Err(Busy) => {
                            refused += 1;
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                    }
                }
                refused
            }
        };
        let crawlers: Vec<_> = (0..300)
            .map(|_| tokio::spawn(ask(Priority::Crawler)))
            .collect();
        assert_eq!(ask(Priority::Reader).await, 0);
        assert!(!turns.is_overrun());
        let mut refused = 0;
        for crawler in crawlers {
            refused += crawler.await.unwrap();
        }
        assert!(refused > 0);
    }

    #[tokio::test]
    async fn turns_of_those_who_left_are_not_lost() {
        let turns = turns(2);
        for round in 0..200 {
            let held = [
                turns.take(Priority::Reader).await.unwrap(),
                turns.take(Priority::Save).await.unwrap(),
            ];
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
