//! The queue for one pool of connections: which request may ask a database now, which waits, and which is rejected.
//!
//! A pool lets all wait in one queue, and under more than it can do every request waits until its client has given up. Here
//! the queue is bounded by the number that waits for each connection, and lower priorities get only a quota of both. Where it
//! is full, newcomers wait in front of the site ([`super::front`]), which costs nearly nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use super::Rejected;
use super::front::FrontQueue;
use super::priority::{CLASSES, ORDER, Priority};
use crate::db::cluster::round_trip::RoundTrip;

/// So many may wait for each permit before newcomers have to wait in front of the site. Their number counts and not the time
/// that they wait: on a machine that is busy with other things a short queue moves slowly, and is as short.
const FULL_AT: usize = 16;
/// Requests that do not wait there (from signed-in people, the second question of a page) are refused at once when so many
/// wait for each permit.
const HARD_LIMIT: usize = 2 * FULL_AT;
/// For a permit. Leaves a page the time to be made (see `cache::load`).
const TIMEOUT: Duration = Duration::from_secs(3);
/// Writes wait as long as for a connection.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// The permits of one pool of one server, and the requests that wait for one. Cheap to clone.
#[derive(Clone)]
pub(in crate::db) struct AdmissionQueue(Arc<Inner>);

struct Inner {
    size: u32,
    state: Mutex<State>,
    /// Requests that wait in front until there is room here.
    front: Arc<FrontQueue>,
    /// A permit is kept for at least as long as the way to the server and back takes.
    round_trip: Arc<RoundTrip>,
}

#[derive(Default)]
struct State {
    in_use: u32,
    waiting: [VecDeque<oneshot::Sender<Permit>>; CLASSES],
    refused: u64,
}

/// Released when dropped.
pub(in crate::db) struct Permit(Option<AdmissionQueue>);

impl AdmissionQueue {
    pub(in crate::db) fn new(
        size: u32,
        round_trip: Arc<RoundTrip>,
        front: Arc<FrontQueue>,
    ) -> Self {
        AdmissionQueue(Arc::new(Inner {
            size,
            state: Mutex::default(),
            front,
            round_trip,
        }))
    }

    /// Waits for a permit, unless too many wait already.
    pub(in crate::db) async fn acquire(&self, priority: Priority) -> Result<Permit, Rejected> {
        let permit = {
            let mut state = self.lock();
            let ahead = state.ahead_of(priority);
            if state.in_use < self.quota(priority) && ahead == 0 {
                state.in_use += 1;
                return Ok(Permit(Some(self.clone())));
            }
            if priority != Priority::Write && ahead >= self.capacity(priority, HARD_LIMIT) {
                state.refused += 1;
                return Err(Rejected);
            }
            let (sender, permit) = oneshot::channel();
            state.waiting[priority as usize].push_back(sender);
            permit
        };
        let timeout = if priority == Priority::Write {
            WRITE_TIMEOUT
        } else {
            TIMEOUT
        };
        match tokio::time::timeout(self.0.round_trip.allow(timeout, 2), permit).await {
            Ok(Ok(permit)) => Ok(permit),
            // One that comes in this moment is given back by its own end.
            _ => {
                self.lock().refused += 1;
                Err(Rejected)
            }
        }
    }

    /// Whether a newcomer should wait in front.
    pub(in crate::db) fn is_full(&self, priority: Priority) -> bool {
        self.lock().ahead_of(priority) >= self.capacity(priority, FULL_AT)
    }

    /// Whether so many readers wait that work for which none does should be left. Others, which get only a share, are no
    /// reason to save on what readers need.
    pub(in crate::db) fn is_overloaded(&self) -> bool {
        self.lock().ahead_of(Priority::Anonymous) >= self.capacity(Priority::Anonymous, FULL_AT / 2)
    }

    pub(in crate::db) fn refused(&self) -> u64 {
        self.lock().refused
    }

    pub(in crate::db) fn waiting(&self) -> usize {
        self.lock().ahead_of(Priority::Prefetch)
    }

    fn quota(&self, priority: Priority) -> u32 {
        (self.0.size * priority.quota_eighths() / 8).max(1)
    }

    fn capacity(&self, priority: Priority, each: usize) -> usize {
        self.quota(priority) as usize * each
    }

    /// A permit is free: it goes on to the most important request, or lies there. So there is room for one from the front; for
    /// two, since one of them may find its page made meanwhile.
    fn release(&self) {
        loop {
            let sender = {
                let mut state = self.lock();
                state.in_use -= 1;
                let Some(sender) = state.next(|priority| self.quota(priority)) else {
                    break;
                };
                state.in_use += 1;
                sender
            };
            match sender.send(Permit(Some(self.clone()))) {
                Ok(()) => break,
                // That request has given up.
                Err(mut permit) => permit.0 = None,
            }
        }
        self.0
            .front
            .admit_up_to(2, |priority| !self.is_full(priority));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl State {
    /// How many get a permit before a newcomer.
    fn ahead_of(&mut self, priority: Priority) -> usize {
        self.forget_the_gone();
        self.waiting[..=priority as usize]
            .iter()
            .map(VecDeque::len)
            .sum()
    }

    fn forget_the_gone(&mut self) {
        for queue in &mut self.waiting {
            queue.retain(|sender| !sender.is_closed());
        }
    }

    fn next(&mut self, quota: impl Fn(Priority) -> u32) -> Option<oneshot::Sender<Permit>> {
        self.forget_the_gone();
        let in_use = self.in_use;
        let priority = ORDER
            .into_iter()
            .find(|p| !self.waiting[*p as usize].is_empty() && in_use < quota(*p))?;
        self.waiting[priority as usize].pop_front()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(size: u32) -> AdmissionQueue {
        AdmissionQueue::new(size, Arc::default(), Arc::default())
    }

    #[tokio::test(start_paused = true)]
    async fn the_highest_priority_comes_first() {
        let queue = queue(1);
        let held = queue.acquire(Priority::Anonymous).await.unwrap();
        let (order, seen) = (
            Arc::new(Mutex::new(Vec::new())),
            |order: &Arc<Mutex<Vec<Priority>>>| order.lock().unwrap().clone(),
        );
        let mut tasks = tokio::task::JoinSet::new();
        for priority in [
            Priority::Prefetch,
            Priority::Feed,
            Priority::Anonymous,
            Priority::Write,
        ] {
            let (queue, order) = (queue.clone(), order.clone());
            tasks.spawn(async move {
                let permit = queue.acquire(priority).await.unwrap();
                order.lock().unwrap().push(priority);
                drop(permit);
            });
            tokio::task::yield_now().await;
        }
        drop(held);
        while tasks.join_next().await.is_some() {}
        assert_eq!(
            seen(&order),
            [
                Priority::Write,
                Priority::Anonymous,
                Priority::Feed,
                Priority::Prefetch
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn lower_priorities_leave_room() {
        let queue = queue(8);
        let mut crawlers = Vec::new();
        while let Ok(Ok(permit)) =
            tokio::time::timeout(Duration::from_millis(1), queue.acquire(Priority::Bot)).await
        {
            crawlers.push(permit);
        }
        assert_eq!(crawlers.len(), 4);
        let readers = [
            queue.acquire(Priority::Anonymous).await.is_ok(),
            queue.acquire(Priority::Anonymous).await.is_ok(),
        ];
        assert_eq!(readers, [true, true]);
    }

    /// So many ask all the time, and each answer takes so long; how many were refused in a minute.
    async fn refused_of(clients: usize, priority: Priority, each: Duration) -> u64 {
        let queue = queue(4);
        let until = tokio::time::Instant::now() + Duration::from_secs(60);
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let queue = queue.clone();
            asking.spawn(async move {
                while tokio::time::Instant::now() < until {
                    match queue.acquire(priority).await {
                        Ok(_permit) => tokio::time::sleep(each).await,
                        Err(Rejected) => tokio::time::sleep(Duration::from_millis(100)).await,
                    }
                }
            });
        }
        asking.join_all().await;
        queue.refused()
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_queue_refuses_none_however_slowly_it_moves() {
        for milliseconds in [1, 10, 100, 700] {
            let each = Duration::from_millis(milliseconds);
            assert_eq!(
                refused_of(8, Priority::Bot, each).await,
                0,
                "{milliseconds} ms"
            );
            assert_eq!(
                refused_of(8, Priority::Anonymous, each).await,
                0,
                "{milliseconds} ms"
            );
        }
        assert_eq!(
            refused_of(50, Priority::Anonymous, Duration::from_millis(100)).await,
            0
        );
        assert!(
            refused_of(300, Priority::Anonymous, Duration::from_millis(10)).await > 0,
            "more is asked than can be done"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_refuses_at_once_and_one_that_stands_still_in_the_end() {
        let queue = queue(1);
        let held = queue.acquire(Priority::Anonymous).await.unwrap();
        let wait = |priority| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.acquire(priority).await.map(drop) })
        };
        let readers: Vec<_> = (0..FULL_AT).map(|_| wait(Priority::Anonymous)).collect();
        tokio::task::yield_now().await;
        assert!(
            queue.is_full(Priority::Anonymous)
                && queue.is_full(Priority::Bot)
                && queue.is_overloaded()
        );
        assert!(
            !queue.is_full(Priority::Authenticated),
            "readers come behind them"
        );
        let late: Vec<_> = (FULL_AT..HARD_LIMIT)
            .map(|_| wait(Priority::Anonymous))
            .collect();
        tokio::task::yield_now().await;
        let began = tokio::time::Instant::now();
        assert_eq!(
            queue.acquire(Priority::Anonymous).await.err(),
            Some(Rejected)
        );
        assert_eq!(began.elapsed(), Duration::ZERO);
        let save = wait(Priority::Write);
        for reader in readers.into_iter().chain(late) {
            assert_eq!(reader.await.unwrap(), Err(Rejected));
        }
        assert_eq!(began.elapsed(), TIMEOUT);
        assert_eq!(
            save.await.unwrap(),
            Err(Rejected),
            "it has waited as long as for a connection"
        );
        assert_eq!(
            (queue.waiting(), queue.refused()),
            (0, HARD_LIMIT as u64 + 2)
        );
        drop(held);
        assert_eq!(wait(Priority::Write).await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn crawlers_that_ask_for_too_much_take_no_place_from_readers() {
        let queue = queue(2);
        let until = tokio::time::Instant::now() + Duration::from_secs(10);
        let ask = |priority| {
            let queue = queue.clone();
            async move {
                let mut refused = 0;
                while tokio::time::Instant::now() < until {
                    match queue.acquire(priority).await {
                        Ok(_permit) => tokio::time::sleep(Duration::from_millis(5)).await,
                        Err(Rejected) => {
                            refused += 1;
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                    }
                }
                refused
            }
        };
        let crawlers: Vec<_> = (0..300).map(|_| tokio::spawn(ask(Priority::Bot))).collect();
        assert_eq!(ask(Priority::Anonymous).await, 0);
        assert!(!queue.is_overloaded());
        let mut refused = 0;
        for crawler in crawlers {
            refused += crawler.await.unwrap();
        }
        assert!(refused > 0);
    }

    #[tokio::test]
    async fn permits_of_requests_that_left_are_not_lost() {
        let queue = queue(2);
        for round in 0..200 {
            let held = [
                queue.acquire(Priority::Anonymous).await.unwrap(),
                queue.acquire(Priority::Write).await.unwrap(),
            ];
            let waiting: Vec<_> = (0..10)
                .map(|_| {
                    tokio::spawn({
                        let queue = queue.clone();
                        async move { queue.acquire(Priority::Anonymous).await.map(drop) }
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
            assert_eq!(queue.lock().in_use, 0);
        }
    }
}
