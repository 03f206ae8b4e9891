//! The CPU time that one text may take.

use std::io::{self, Read};
use std::time::Duration;

use super::cpu;

/// Far above what the longest honest text needs.
const POST_LIMIT: Duration = Duration::from_secs(2);

const COMMENT_LIMIT: Duration = Duration::from_millis(300);

/// The CPU time of this thread at which a rendering is given up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Duration);

impl Deadline {
    pub(super) fn of_post() -> Self {
        Self(cpu::time() + cpu::scaled(POST_LIMIT))
    }

    pub(super) fn of_comment() -> Self {
        Self(cpu::time() + cpu::scaled(COMMENT_LIMIT))
    }

    /// The same with time for work that has a limit of its own.
    pub(super) fn later(self, by: Duration) -> Self {
        Self(self.0 + by)
    }

    pub(super) fn is_over(self) -> bool {
        cpu::time() >= self.0
    }

    /// Reads `html` in small pieces and fails once the time is over, which is the only way to
    /// interrupt the HTML parser.
    pub(super) fn reader(self, html: &str) -> impl Read + '_ {
        Timed {
            rest: html.as_bytes(),
            deadline: self,
        }
    }
}

pub(super) struct Timed<'a> {
    pub(super) rest: &'a [u8],
    pub(super) deadline: Deadline,
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.deadline.is_over() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.rest.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_reader_fails() {
        let over = Deadline(cpu::time());
        assert!(over.reader("x").read(&mut [0; 4]).is_err());
        assert!(
            over.later(Duration::from_secs(1))
                .reader("x")
                .read(&mut [0; 4])
                .is_ok()
        );
        assert_eq!(
            Deadline::of_comment()
                .reader("xy")
                .read(&mut [0; 4])
                .unwrap(),
            2
        );
    }

    #[test]
    fn only_the_work_of_this_thread_counts() {
        let limit = Deadline(cpu::time() + Duration::from_millis(5));
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let until = cpu::time() + Duration::from_millis(20);
            while cpu::time() < until {}
            tell.send(()).unwrap();
        });
        told.recv().unwrap();
        assert!(
            !limit.is_over(),
            "the other thread worked four times as long as this one may"
        );
    }
}
