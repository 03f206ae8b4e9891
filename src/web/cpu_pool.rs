//! Threads of their own for work that costs CPU time, such as hashing a password: a bounded number work, a bounded
//! number of requests wait for a bounded time, and the rest are refused at once (load shedding). The threads have a
//! lower priority than those that answer requests, so a page from memory never waits behind a hash.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::error::{Error, Result};

/// How long a request waits for a thread before it is refused.
const TIMEOUT: Duration = Duration::from_secs(3);
/// So many requests may wait for each thread: about as many as it finishes in that time.
const WAITING_PER_THREAD: usize = 32;
/// When a refused request may try again.
const RETRY_AFTER_SECONDS: u32 = 5;
/// Five steps are a third of the share of CPU time of a thread that answers requests: on a busy machine sign-in becomes
/// slow, not impossible.
const NICENESS: i32 = 5;
/// Work that no request waits for gets the least share that there is, a seventieth: on a busy machine it becomes slow, and still
/// comes to its end.
const BACKGROUND_NICENESS: i32 = 19;

type Job = Box<dyn FnOnce() + Send>;

/// A bounded pool of threads. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct CpuPool {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    timeout: Duration,
    jobs: mpsc::Sender<Job>,
}

impl CpuPool {
    /// `name` is what the threads are called; at most 13 characters are shown by the system.
    ///
    /// # Errors
    ///
    /// When the system gives no more threads.
    pub fn new(name: &str, threads: usize) -> std::io::Result<Self> {
        CpuPool::start(name, threads.max(1), NICENESS)
    }

    /// One thread for work that no request waits for.
    ///
    /// # Errors
    ///
    /// When the system gives no more threads.
    pub fn background(name: &str) -> std::io::Result<Self> {
        CpuPool::start(name, 1, BACKGROUND_NICENESS)
    }

    fn start(name: &str, threads: usize, niceness: i32) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = queue.clone();
            std::thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || work(&queue, niceness))?;
        }
        let permits = Arc::new(Semaphore::new(threads));
        Ok(CpuPool {
            permits,
            waiting: Arc::default(),
            most_waiting: threads * WAITING_PER_THREAD,
            timeout: TIMEOUT,
            jobs,
        })
    }

    /// The same pool with another queue, for work of another length or with more to hold in memory.
    #[must_use]
    pub fn with_queue(self, most_waiting: usize, timeout: Duration) -> Self {
        CpuPool {
            most_waiting,
            timeout,
            ..self
        }
    }

    /// Does the work on one of the threads.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when too many requests wait already or none of the threads became free in time.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit().await?;
        let (reply, result) = oneshot::channel();
        let job = Box::new(move || {
            let done = work();
            // Before the reply: its reader may ask for the next piece of work at once.
            drop(permit);
            let _ = reply.send(done);
        });
        self.jobs
            .send(job)
            .map_err(|_| Error::internal(anyhow::anyhow!("the threads of a pool have ended")))?;
        // The reply is dropped without a value only by a panic, which the hook has logged.
        result.await.map_err(Error::internal)
    }

    /// How many requests wait for a thread.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let Some(_place) = Place::take(&self.waiting, self.most_waiting) else {
            return Err(overloaded());
        };
        match tokio::time::timeout(self.timeout, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(overloaded()),
        }
    }
}

fn overloaded() -> Error {
    Error::Overloaded {
        retry_after: RETRY_AFTER_SECONDS,
    }
}

/// A place among the waiting requests, given back when it is dropped, also by a client that went away.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, most: usize) -> Option<Place> {
        let place = Place(waiting.clone());
        (waiting.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>, niceness: i32) {
    yield_to_requests(niceness);
    loop {
        let job = queue.lock().unwrap_or_else(|e| e.into_inner()).recv();
        let Ok(job) = job else { return };
        // A panic is that job's fault and must not cost the pool a thread.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

/// Where the system refuses, everything works, only less smoothly.
#[cfg(target_os = "linux")]
fn yield_to_requests(niceness: i32) {
    // On Linux a priority belongs to a thread, whatever the name of the calls says. A process that was itself started with
    // another priority has threads below that one.
    let this = Some(rustix::thread::gettid());
    let inherited = rustix::process::getpriority_process(this).unwrap_or(0);
    let _ = rustix::process::setpriority_process(this, (inherited + niceness).min(19));
}

#[cfg(not(target_os = "linux"))]
fn yield_to_requests(_niceness: i32) {}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::{join_all, poll_immediate};

    #[actix_web::test]
    async fn requests_beyond_the_queue_are_refused_at_once_and_the_others_are_done() {
        let pool = CpuPool::new("test", 1).unwrap();
        let (free, held) = mpsc::channel::<()>();
        let mut first = Box::pin(pool.run(move || held.recv().is_ok()));
        assert!(poll_immediate(&mut first).await.is_none());
        let number = |n: usize| Box::pin(pool.run(move || n));
        let mut waiting: Vec<_> = (0..WAITING_PER_THREAD).map(number).collect();
        for request in &mut waiting {
            assert!(poll_immediate(request).await.is_none());
        }
        assert!(matches!(
            pool.run(|| ()).await,
            Err(Error::Overloaded { .. })
        ));
        // A client that goes away leaves its place to another.
        waiting.pop();
        waiting.push(number(1000));
        free.send(()).unwrap();
        assert!(first.await.unwrap());
        assert_eq!(
            join_all(waiting)
                .await
                .into_iter()
                .map(Result::unwrap)
                .max(),
            Some(1000)
        );
    }

    #[actix_web::test]
    async fn a_panic_costs_no_thread() {
        let pool = CpuPool::new("test", 1).unwrap();
        assert!(pool.run(|| -> u8 { panic!("on purpose") }).await.is_err());
        assert_eq!(pool.run(|| 7).await.unwrap(), 7);
    }

    #[cfg(target_os = "linux")]
    #[actix_web::test]
    async fn the_threads_have_a_lower_priority() {
        let pool = CpuPool::new("test", 1).unwrap();
        let niceness =
            || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let here = niceness();
        assert_eq!(pool.run(niceness).await.unwrap(), (here + NICENESS).min(19));
        assert_eq!(
            CpuPool::background("test")
                .unwrap()
                .run(niceness)
                .await
                .unwrap(),
            (here + BACKGROUND_NICENESS).min(19)
        );
    }
}
