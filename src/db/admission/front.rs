//! Load shedding: where requests for pages wait in front of the site while more are asked for than can be rendered.
//!
//! A request that has come as far as the queue for a connection (see [`super::queue`]) has cost a quarter of a page already. So
//! while that queue is full, newcomers wait here, where one costs little more than its connection. The newest is admitted
//! first: its client is the likeliest to wait still. One that was not admitted within [`EARLIEST`] is refused, but no more of
//! them than pages are made meanwhile, up to [`LATEST`]. Sooner would be possible, and worse: clients that retry at once would
//! come back thousands of times a second, and refusing them would be all that the site does.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Rejected;
use super::priority::{CLASSES, ORDER, Priority};

/// How long a request waits for admission while pages are made, and in any case.
const EARLIEST: Duration = Duration::from_millis(500);
const LATEST: Duration = Duration::from_secs(2);
/// Beyond so many, requests are refused at once: each takes some kilobytes of memory.
const CAPACITY: usize = 4096;

/// Requests of one process that wait for admission.
#[derive(Default)]
pub(in crate::db) struct FrontQueue {
    state: Mutex<State>,
    /// How many wait, with those that were given up: whether the lock is worth asking.
    length: AtomicUsize,
}

#[derive(Default)]
struct State {
    /// For each priority, the oldest first.
    waiting: [VecDeque<Waiting>; CLASSES],
    rejected: u64,
}

struct Waiting {
    since: Instant,
    /// Dropped, it refuses the request.
    sender: oneshot::Sender<()>,
}

impl FrontQueue {
    /// Waits for [`FrontQueue::admit_up_to`]. `has_room` is asked once more where the request waits already: the queue may have
    /// emptied before, and then nothing would admit it.
    pub(in crate::db) async fn wait(
        &self,
        priority: Priority,
        has_room: impl Fn() -> bool,
    ) -> Result<(), Rejected> {
        let admitted = {
            let mut state = self.lock();
            if state.length() >= CAPACITY {
                state.forget_the_gone();
            }
            if state.length() >= CAPACITY {
                state.rejected += 1;
                return Err(Rejected);
            }
            let (sender, admitted) = oneshot::channel();
            state.waiting[priority as usize].push_back(Waiting {
                since: Instant::now(),
                sender,
            });
            self.note(&state);
            admitted
        };
        if has_room() {
            return Ok(());
        }
        match tokio::time::timeout(LATEST, admitted).await {
            Ok(Ok(())) => Ok(()),
            _ => {
                let mut state = self.lock();
                state.rejected += 1;
                // Those in front of it are older, so their time is over too.
                state.forget_the_oldest(priority);
                self.note(&state);
                Err(Rejected)
            }
        }
    }

    /// Admits so many of those for which there is room: the most important, and of these the newest. Refuses one of the least
    /// important, the oldest, if its time is over.
    pub(in crate::db) fn admit_up_to(&self, mut count: usize, has_room: impl Fn(Priority) -> bool) {
        if self.length.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut state = self.lock();
        for priority in ORDER {
            if count == 0 || !has_room(priority) {
                break;
            }
            while count > 0
                && let Some(newest) = state.waiting[priority as usize].pop_back()
            {
                count -= usize::from(newest.sender.send(()).is_ok());
            }
        }
        state.refuse_one();
        self.note(&state);
    }

    pub(in crate::db) fn rejected(&self) -> u64 {
        self.lock().rejected
    }

    pub(in crate::db) fn waiting(&self) -> usize {
        let mut state = self.lock();
        state.forget_the_gone();
        state.length()
    }

    fn note(&self, state: &State) {
        self.length.store(state.length(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn length(&self) -> usize {
        self.waiting.iter().map(VecDeque::len).sum()
    }

    fn forget_the_gone(&mut self) {
        for queue in &mut self.waiting {
            queue.retain(|waiting| !waiting.sender.is_closed());
        }
    }

    fn forget_the_oldest(&mut self, priority: Priority) {
        let queue = &mut self.waiting[priority as usize];
        while queue
            .front()
            .is_some_and(|oldest| oldest.sender.is_closed())
        {
            queue.pop_front();
        }
    }

    fn refuse_one(&mut self) {
        for queue in self.waiting.iter_mut().rev() {
            while let Some(oldest) = queue.pop_front_if(|oldest| {
                oldest.sender.is_closed() || oldest.since.elapsed() > EARLIEST
            }) {
                if !oldest.sender.is_closed() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::{JoinHandle, yield_now};

    use super::*;

    fn wait(front: &Arc<FrontQueue>, priority: Priority) -> JoinHandle<Result<(), Rejected>> {
        let front = front.clone();
        tokio::spawn(async move { front.wait(priority, || false).await })
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_of_the_most_important_is_admitted_and_the_rest_refused_in_time() {
        let front = Arc::<FrontQueue>::default();
        front.admit_up_to(2, |_| true);
        let began = Instant::now();
        let crawler = wait(&front, Priority::Bot);
        let old = wait(&front, Priority::Anonymous);
        let new = wait(&front, Priority::Anonymous);
        yield_now().await;
        assert_eq!(front.waiting(), 3);
        front.admit_up_to(1, |_| true);
        assert_eq!(new.await.unwrap(), Ok(()));
        front.admit_up_to(2, |priority| priority == Priority::Write);
        assert_eq!(old.await.unwrap(), Err(Rejected));
        assert_eq!(crawler.await.unwrap(), Err(Rejected));
        assert_eq!(began.elapsed(), LATEST);
        assert_eq!((front.waiting(), front.rejected()), (0, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_refused_early_than_pages_are_made_the_least_important_first() {
        let front = Arc::<FrontQueue>::default();
        let waits = [Priority::Anonymous, Priority::Anonymous, Priority::Bot]
            .map(|priority| wait(&front, priority));
        yield_now().await;
        front.admit_up_to(2, |_| false);
        assert_eq!(front.waiting(), 3, "none has waited for long");
        tokio::time::advance(2 * EARLIEST).await;
        for left in [2, 1, 0] {
            front.admit_up_to(2, |_| false);
            assert_eq!(front.waiting(), left);
            yield_now().await;
            assert!(waits[2].is_finished(), "the crawler was the first");
        }
        for wait in waits {
            assert_eq!(wait.await.unwrap(), Err(Rejected));
        }
        assert_eq!(front.rejected(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_of_one_that_left_is_no_admission() {
        let front = Arc::<FrontQueue>::default();
        let stays = wait(&front, Priority::Anonymous);
        yield_now().await;
        let leaves = wait(&front, Priority::Anonymous);
        yield_now().await;
        leaves.abort();
        assert!(leaves.await.is_err());
        front.admit_up_to(1, |_| true);
        assert_eq!(stays.await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_its_capacity_it_refuses_at_once() {
        let front = Arc::<FrontQueue>::default();
        let mut waiting: Vec<_> = (0..CAPACITY)
            .map(|_| wait(&front, Priority::Anonymous))
            .collect();
        while front.length.load(Ordering::Acquire) < CAPACITY {
            yield_now().await;
        }
        let began = Instant::now();
        assert_eq!(
            front.wait(Priority::Anonymous, || true).await,
            Err(Rejected)
        );
        assert_eq!(began.elapsed(), Duration::ZERO);
        let leaves = waiting.pop().unwrap();
        leaves.abort();
        assert!(leaves.await.is_err());
        // There is a place, and room behind.
        assert_eq!(front.wait(Priority::Anonymous, || true).await, Ok(()));
    }
}
