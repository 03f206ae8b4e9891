//! How much of one text may be coloured, and when a block is given up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fancy_regex::Regex;

use super::expression::Expression;
use super::memory;
use super::plain::Plain;
use crate::markdown::cpu;

/// What is left for the blocks of one text.
#[derive(Debug)]
pub(in crate::markdown) struct Budget {
    pub(super) bytes: usize,
    pub(super) cpu: Duration,
    /// For compiling expressions. That is work for the whole process, which a text happens to need first or needs again
    /// after an eviction, so it never counts as the text's own. But it has to end: a text may name all languages.
    pub(super) compiling: Duration,
}

impl Budget {
    /// Far more than honest code needs: the longest post with nothing but code in it takes a third of this.
    pub(in crate::markdown) fn of_post() -> Self {
        Budget {
            bytes: 128 * 1024,
            cpu: cpu::scaled(Duration::from_millis(600)),
            compiling: cpu::scaled(Duration::from_secs(4)),
        }
    }

    /// Comments are written by more people, and many stand on one page.
    pub(in crate::markdown) fn of_comment() -> Self {
        Budget {
            bytes: 16 * 1024,
            cpu: cpu::scaled(Duration::from_millis(60)),
            compiling: cpu::scaled(Duration::from_secs(1)),
        }
    }

    #[cfg(test)]
    pub(super) fn with_cpu(cpu: Duration) -> Self {
        Budget {
            cpu,
            ..Budget::of_post()
        }
    }

    /// Does the work on one block. When a block uses the budget up, the blocks after it stay plain too.
    pub(super) fn spend<T>(
        &mut self,
        work: impl FnOnce(&mut Meter) -> Result<T, GaveUp>,
    ) -> Option<T> {
        let mut meter = Meter::start(self);
        meter.check().ok()?;
        let done = work(&mut meter);
        self.cpu = meter.left();
        self.compiling = meter.compiling;
        done.ok()
    }
}

/// Colouring was given up, and the code stays plain.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GaveUp;

/// Between two looks at the thread's clock, which is slower to read than a short search takes. The other clock cannot
/// go slower than the thread's.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Counts CPU time while a block is coloured.
pub(super) struct Meter {
    over_at: Duration,
    next_look: Instant,
    compiling: Duration,
}

impl Meter {
    fn start(budget: &Budget) -> Self {
        Meter {
            over_at: cpu::time() + budget.cpu,
            next_look: Instant::now(),
            compiling: budget.compiling,
        }
    }

    pub(super) fn check(&mut self) -> Result<(), GaveUp> {
        let now = Instant::now();
        if now < self.next_look {
            return Ok(());
        }
        self.next_look = now + LOOK_EVERY;
        if self.left().is_zero() {
            Err(GaveUp)
        } else {
            Ok(())
        }
    }

    fn left(&self) -> Duration {
        self.over_at.saturating_sub(cpu::time())
    }

    /// Work for the whole process, done by chance for this text, does not count.
    pub(super) fn uncounted<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let before = cpu::time();
        let done = work();
        self.over_at += cpu::time().saturating_sub(before);
        done
    }

    /// Its form for lines of ASCII, compiled now if it is not in memory and the text may compile still more. `None` where
    /// it has none.
    pub(super) fn plain(&mut self, expression: &Expression) -> Result<Option<Arc<Plain>>, GaveUp> {
        match expression.plain.ready() {
            Some(ready) => Ok(ready),
            None => self.compiled(|| expression.compile_plain()),
        }
    }

    /// The expression itself. `None` where its text is none.
    pub(super) fn whole(&mut self, expression: &Expression) -> Result<Option<Arc<Regex>>, GaveUp> {
        match expression.whole.ready() {
            Some(ready) => Ok(ready),
            None => self.compiled(|| expression.compile_whole()),
        }
    }

    /// Says that a search begins, whichever form it needs.
    pub(super) fn note_use(&mut self, expression: &Expression) {
        if let Some(grammar) = expression.grammar()
            && !grammar.usage.note()
        {
            self.uncounted(|| memory::charge(grammar));
        }
    }

    fn compiled<T>(&mut self, compile: impl FnOnce() -> T) -> Result<T, GaveUp> {
        if self.compiling.is_zero() {
            return Err(GaveUp);
        }
        let before = cpu::time();
        let compiled = self.uncounted(compile);
        self.compiling = self
            .compiling
            .saturating_sub(cpu::time().saturating_sub(before));
        Ok(compiled)
    }
}
