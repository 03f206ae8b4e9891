use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine: what is not there by then has hung. Waits are never measured with it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until the condition is met.
pub async fn until(what: &str, patience: Duration, mut met: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    while !met().await {
        assert!(
            begun.elapsed() < patience,
            "{what}: not within {patience:?}"
        );
        looks.tick().await;
    }
}

/// The same without a runtime. `ready` says why it is not; what it said last is told where it never is.
pub fn wait_until(mut ready: impl FnMut() -> Result<(), String>) {
    let begun = Instant::now();
    while let Err(why) = ready() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {why}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
