use std::time::{Duration, Instant};

/// Looks again and again until the condition is met.
pub async fn until(what: &str, patience: Duration, mut met: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    while !met().await {
        assert!(begun.elapsed() < patience, "{what}: not within {patience:?}");
        looks.tick().await;
    }
}
