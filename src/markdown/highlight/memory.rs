//! How much memory compiled grammars may hold, and which one leaves when it becomes too much: the least recently used.
//!
//! An expression is compiled when a text first needs it, and each thread that searches with it keeps a cache of what its
//! searches have learnt (the states of a lazy automaton). All languages together would hold 1.5 GB, and any comment may
//! name them. The library does not say what an expression holds, and it depends little on the length of its text: a class
//! such as `\w` costs tens of kilobytes. So a grammar is charged what it can hold at most, as `weights` has it from a
//! measurement: both forms of all of its expressions as soon as one of them is compiled, and their caches once for each
//! thread that searches. Code of ASCII rarely needs the dear form, so that it is charged several times what it holds; too
//! little is charged only where a text drives automata further than the measurement did.
//!
//! Seven texts in each of the 213 languages, one after another in a release build, measured as the resident memory of the
//! process: 1,163 MB without a bound (when there was one form), at most 282 MB with this one, by one thread as by four. The
//! difference to the bound is what the allocator keeps for itself after compiling. Expressions that hold words of the text are not kept at all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::expression::Evicted;
use super::grammar::{GRAMMARS, Grammar};
use super::weights;

/// For all grammars together. The dearest language, TypeScript, is charged 220 MiB where four threads search it, so that
/// it leaves room for a few others; those that most sites use fit in together. A grammar that is dearer than what is left
/// may be used all the same, alone.
pub(super) const LIMIT_BYTES: usize = 256 << 20;

static HELD: Mutex<Held> = Mutex::new(Held {
    bytes: 0,
    grammars: Vec::new(),
});

/// The number of each search: the grammar with the lowest is the least recently used.
static SEARCHES: AtomicU64 = AtomicU64::new(0);

/// What is charged, and for which grammars. Whatever compiled expressions are in memory, their grammars are in this list:
/// both change under its lock only.
struct Held {
    bytes: usize,
    grammars: Vec<usize>,
}

/// The use of one grammar.
#[derive(Default)]
pub(super) struct Usage {
    /// A bit for each thread whose caches are charged; none: nothing of the grammar is in memory.
    threads: AtomicU64,
    last_search: AtomicU64,
}

impl Usage {
    /// Notes a search. False if this thread is not charged for yet.
    pub(super) fn note(&self) -> bool {
        self.last_search
            .store(SEARCHES.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        self.is_charged()
    }

    fn is_charged(&self) -> bool {
        self.threads.load(Ordering::Relaxed) & this_thread() != 0
    }

    fn threads(&self) -> usize {
        self.threads.load(Ordering::Relaxed).count_ones() as usize
    }
}

thread_local! {
    static THREAD: u64 = {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        1 << (NEXT.fetch_add(1, Ordering::Relaxed) % 64)
    };
}

fn this_thread() -> u64 {
    THREAD.with(|bit| *bit)
}

/// Charges a grammar, and this thread's caches of it, before they are filled.
pub(super) fn charge(grammar: &Grammar) {
    charged(grammar, || ());
}

/// Puts something into the memory of a grammar that is charged.
pub(super) fn charged(grammar: &Grammar, put: impl FnOnce()) {
    let mut held = lock(&HELD);
    let evicted = if grammar.usage.is_charged() {
        Vec::new()
    } else {
        held.charge(grammar)
    };
    put();
    // To free expressions takes milliseconds, for which no other thread need wait.
    drop(held);
    drop(evicted);
}

impl Held {
    fn charge(&mut self, grammar: &Grammar) -> Vec<Evicted> {
        let weight = weights::of(&grammar.name);
        let is_new = grammar.usage.threads() == 0;
        let more = weight.caches + if is_new { weight.expressions } else { 0 };
        let evicted = self.make_room(more, grammar.index);
        if is_new {
            self.grammars.push(grammar.index);
        }
        self.bytes += more;
        grammar
            .usage
            .threads
            .fetch_or(this_thread(), Ordering::Relaxed);
        evicted
    }

    /// Evicts the least recently used grammars until there is room for `more`, or all but one have left.
    fn make_room(&mut self, more: usize, but: usize) -> Vec<Evicted> {
        let mut evicted = Vec::new();
        while self.bytes + more > LIMIT_BYTES {
            let last_search = |index: &usize| {
                GRAMMARS
                    .get(*index)
                    .map(|g| g.usage.last_search.load(Ordering::Relaxed))
            };
            let Some(oldest) = self
                .grammars
                .iter()
                .copied()
                .filter(|index| *index != but)
                .min_by_key(last_search)
            else {
                break;
            };
            self.grammars.retain(|index| *index != oldest);
            let Some(grammar) = GRAMMARS.get(oldest) else {
                continue;
            };
            let weight = weights::of(&grammar.name);
            self.bytes -= weight.expressions + weight.caches * grammar.usage.threads();
            grammar.usage.threads.store(0, Ordering::Relaxed);
            evicted.extend(
                grammar
                    .expressions()
                    .iter()
                    .map(|expression| expression.evict()),
            );
        }
        evicted
    }
}

/// A panic of another thread leaves nothing half done here.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is charged, and how many expressions are in memory for which no grammar is charged.
#[cfg(test)]
pub(super) fn held() -> (usize, usize) {
    let held = lock(&HELD);
    let uncharged = GRAMMARS
        .iter()
        .filter(|grammar| !held.grammars.contains(&grammar.index));
    (
        held.bytes,
        uncharged
            .flat_map(Grammar::expressions)
            .filter(|expression| expression.is_in_memory())
            .count(),
    )
}

#[cfg(test)]
pub(super) fn is_held(grammar: &Grammar) -> bool {
    lock(&HELD).grammars.contains(&grammar.index)
}
