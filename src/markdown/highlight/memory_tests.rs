//! What grammars hold is bounded, and no text loses its colours by that.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::expression::Expression;
use super::memory::{self, LIMIT_BYTES};
use super::weights::{self, MEASURED};
use super::*;

/// Every language in `make prove`; else the dearest, which together hold more than twice the bound.
fn languages() -> Vec<&'static str> {
    let all = std::env::var("MASTHEAD_PROVE").is_ok_and(|value| value == "full");
    let total = |name: &str| weights::of(name).expressions + weights::of(name).caches;
    let mut languages: Vec<&str> = GRAMMARS
        .iter()
        .map(|grammar| grammar.name.as_str())
        .collect();
    languages.sort_by_key(|name| std::cmp::Reverse(total(name)));
    languages.truncate(if all { languages.len() } else { 12 });
    assert!(languages.iter().map(|name| total(name)).sum::<usize>() > 2 * LIMIT_BYTES);
    languages
}

const CODE: &str = "<?php class A extends B { function f($a = 1) { return \"x\" . 'y'; } } // e\n";

/// With too little time to compile even a part of a grammar: that is never the text's own time.
fn coloured(language: &str) -> Option<String> {
    let budget = Budget::of_post();
    highlight(
        CODE,
        language,
        &mut Budget {
            cpu: budget.cpu / 10,
            compiling: Duration::MAX,
            ..budget
        },
    )
}

#[test]
fn languages_in_turn_stay_within_the_bound_and_keep_their_colours() {
    let languages = languages();
    let colour_all = || {
        let mut coloured_all = Vec::new();
        for language in &languages {
            coloured_all
                .push(coloured(language).unwrap_or_else(|| panic!("{language} stays plain")));
            let (held, uncharged) = memory::held();
            assert!(held <= LIMIT_BYTES, "{held} bytes after {language}");
            assert_eq!(
                uncharged, 0,
                "expressions are left of a grammar that was evicted before {language}"
            );
        }
        coloured_all
    };
    let first = colour_all();
    let evicted = languages
        .iter()
        .filter(|name| !GRAMMARS.find(name).is_some_and(memory::is_held))
        .count();
    assert!(evicted > 0, "nothing was evicted");
    for ((language, first), second) in languages.iter().zip(first).zip(colour_all()) {
        assert_eq!(first, second, "{language}");
    }
}

#[test]
fn a_text_compiles_up_to_a_limit_of_its_own() {
    let [one, other] = [r"\p{L}+1", r"\p{L}+2"].map(|text| Expression::from(text.to_owned()));
    let mut budget = Budget {
        compiling: Duration::from_nanos(1),
        ..Budget::of_comment()
    };
    let done = budget.spend(|meter| {
        assert!(meter.whole(&one).unwrap().is_some());
        assert!(
            matches!(meter.whole(&other), Err(GaveUp)),
            "the limit was reached by the one before"
        );
        assert!(
            meter.whole(&one).unwrap().is_some(),
            "what is in memory is used all the same"
        );
        Ok(())
    });
    assert_eq!(done, Some(()));
    assert!(
        budget
            .spend(|meter| meter.whole(&other).map(|_| ()))
            .is_none(),
        "neither does the next block compile"
    );
}

#[test]
fn threads_wait_for_the_one_that_compiles() {
    let expression = Expression::from(r"(?i)\b(?:[\p{L}_][\p{L}\p{N}_]*\s*){1,3}(?=\()".to_owned());
    let together = Barrier::new(4);
    let compile = || {
        together.wait();
        expression.compile_whole().unwrap()
    };
    let compiled = std::thread::scope(|threads| {
        let started: Vec<_> = (0..4).map(|_| threads.spawn(compile)).collect();
        started
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(
        compiled
            .iter()
            .all(|other| Arc::ptr_eq(other, &compiled[0])),
        "it was compiled more than once"
    );
}

/// Other expressions hold something else: `weights` says how to measure them.
#[test]
fn the_bundled_expressions_are_those_that_were_measured() {
    assert!(MEASURED.is_sorted_by_key(|row| row.0), "rows are looked up");
    for (name, ..) in MEASURED {
        assert!(
            GRAMMARS.iter().any(|grammar| grammar.name == *name),
            "{name}"
        );
    }
    let (mut expressions, mut bytes) = (0, 0);
    for grammar in GRAMMARS.iter() {
        let _ = grammar.start();
        expressions += grammar.expressions().len();
        bytes += grammar
            .expressions()
            .iter()
            .map(|expression| expression.text.len())
            .sum::<usize>();
    }
    assert_eq!((expressions, bytes), (13_737, 1_440_190));
}
