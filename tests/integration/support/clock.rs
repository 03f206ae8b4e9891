//! A node whose clock is wrong: a library that is loaded before all others moves the time of day, and nothing else.

use std::process::Command;
use std::sync::OnceLock;

use super::TempDir;

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long offset(void) { const char *s = getenv("CLOCK_OFFSET_SECONDS"); return s ? atol(s) : 0; }
int clock_gettime(clockid_t id, struct timespec *ts) {
    int done = syscall(SYS_clock_gettime, id, ts);
    if (done == 0 && id == CLOCK_REALTIME) ts->tv_sec += offset();
    return done;
}
int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
    struct timespec ts;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &ts) != 0) return -1;
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *at) {
    struct timespec ts;
    if (clock_gettime(CLOCK_REALTIME, &ts) != 0) return -1;
    if (at) *at = ts.tv_sec;
    return ts.tv_sec;
}
"#;

/// Environment variables for a process whose clock is so many seconds ahead.
pub fn clock_ahead(seconds: i64) -> [(&'static str, String); 2] {
    static LIBRARY: OnceLock<TempDir> = OnceLock::new();
    let dir = LIBRARY.get_or_init(|| {
        let dir = TempDir::new();
        std::fs::write(dir.0.join("clock.c"), SOURCE).unwrap();
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", "-O1", "-o", "clock.so", "clock.c"])
            .current_dir(&dir.0);
        assert!(compiler.status().unwrap().success());
        dir
    });
    [
        ("LD_PRELOAD", dir.0.join("clock.so").display().to_string()),
        ("CLOCK_OFFSET_SECONDS", seconds.to_string()),
    ]
}
