//! The CPU time of this thread: the measure of what a text costs. The clock on the wall also counts what other threads
//! and programs do meanwhile, and would refuse honest texts on a busy machine.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Since the thread began. Only differences within one thread mean anything.
pub(super) fn time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// A limit for the build that runs: without optimisation the same work takes several times as long. Fuzz targets are
/// optimised, although they assert.
pub(super) fn scaled(limit: Duration) -> Duration {
    if cfg!(all(debug_assertions, not(fuzzing))) {
        limit * 4
    } else {
        limit
    }
}
