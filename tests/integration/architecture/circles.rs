//! Files that need each other.
//!
//! A file has an edge to another where its code, without tests, writes a path whose home is there: the file that holds the item,
//! behind all re-exports.
//!
//! - The name of a module alone is no edge: it is an address, and what is taken from there counts by itself.
//! - A re-export (`pub use`) is an edge only if the file's own code uses that name too. So a `mod.rs` that declares its children
//!   and gives their names out has none.
//! - A glob counts for the names of it that the file uses.
//! - Methods and fields have no path: a file that only calls methods of a type has no edge to it. So an `impl` in another file
//!   than its type hides the way back, and is no means against a circle.
//!
//! Recursion within a file is natural. A circle of several files is not: none can be read, tested or moved before the others.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{House, Kind, Source};
use super::{PROGRAM, holds};

/// For each file those that it needs.
fn edges(house: &House) -> Vec<BTreeSet<usize>> {
    let needed = |(file, source): (usize, &Source)| {
        let mut found = BTreeSet::new();
        for reference in &source.references {
            let path = &reference.path;
            let is_named = |name: &String| source.names.contains(name);
            match reference.kind {
                _ if reference.is_for_tests => {}
                Kind::Export if !path.last().is_some_and(is_named) => {}
                Kind::Glob => {
                    for name in house.names_below(path).into_iter().filter(is_named) {
                        found.extend(house.home(&[path.as_slice(), &[name]].concat()));
                    }
                }
                Kind::Path | Kind::Import | Kind::Export => found.extend(house.home(path)),
            }
        }
        found.remove(&file);
        found
    };
    house.sources.iter().enumerate().map(needed).collect()
}

/// Groups of files that all reach each other, in the order of their paths.
pub fn circles(house: &House) -> Vec<Vec<&str>> {
    let edges = edges(house);
    let reached: Vec<BTreeSet<usize>> = (0..edges.len()).map(|from| reach(&edges, from)).collect();
    let mut groups: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for file in 0..edges.len() {
        let is_with =
            |other: &usize| reached[file].contains(other) && reached[*other].contains(&file);
        if let Some(first) = (0..edges.len()).find(is_with) {
            groups
                .entry(first)
                .or_default()
                .push(&house.sources[file].path);
        }
    }
    groups.into_values().collect()
}

fn reach(edges: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut left: Vec<usize> = edges[from].iter().copied().collect();
    while let Some(file) = left.pop() {
        if found.insert(file) {
            left.extend(&edges[file]);
        }
    }
    found
}

/// Circles that are known, each with why it is still there.
const KNOWN: &[(&[&str], &str)] = &[(
    &[
        "markdown/highlight/expression.rs",
        "markdown/highlight/grammar.rs",
        "markdown/highlight/memory.rs",
    ],
    "an expression is charged before it is compiled, and what is charged makes other expressions leave: one lock is over both",
)];

fn files_without_circles(house: &House) -> Vec<String> {
    let is_known = |files: &Vec<&str>| KNOWN.iter().any(|(known, _)| known == files);
    circles(house)
        .into_iter()
        .filter(|files| !is_known(files))
        .map(|files| format!("these need each other: {}", files.join(", ")))
        .collect()
}

#[test]
fn files_need_each_other_in_one_direction() {
    let mod_that_calls = "mod a; pub fn f() { a::g() }";
    let other = ("db/b.rs", "use crate::db::a::A; pub struct B(A);");
    holds(
        files_without_circles,
        &[
            &[("db/a.rs", "use super::b::B; pub struct A(B);"), other],
            // Behind a re-export, by a path alone, in a macro, by a glob.
            &[
                ("db/a.rs", "use crate::db::B; pub struct A(B);"),
                ("db/mod.rs", "pub use b::B; mod a; mod b;"),
                other,
            ],
            &[("db/a.rs", "pub struct A(crate::db::b::B);"), other],
            &[
                ("db/a.rs", "pub struct A; fn f() { p!(super::b::B) }"),
                other,
            ],
            &[("db/a.rs", "use super::b::*; pub struct A(B);"), other],
            &[
                ("db/a.rs", "use super::f; pub fn g() { f() }"),
                ("db/mod.rs", mod_that_calls),
            ],
            // A re-export that the file's own code uses.
            &[
                ("db/a.rs", "use super::Db; pub struct A(Db);"),
                ("db/mod.rs", "mod a; pub use a::A; pub struct Db(A);"),
            ],
        ],
    );
    let found = circles(&PROGRAM);
    for (files, why) in KNOWN {
        assert!(
            found.iter().any(|circle| circle == files),
            "{files:?} is open now: {why}"
        );
    }
}

/// A reader of the start of a process comes to each file once: no circle is excused there.
#[test]
fn the_files_of_the_composition_root_import_in_one_direction() {
    let found = circles(&PROGRAM);
    let of_the_root = |circle: &&Vec<&str>| circle.iter().any(|file| file.starts_with("app/"));
    let of_the_root: Vec<&Vec<&str>> = found.iter().filter(of_the_root).collect();
    assert!(of_the_root.is_empty(), "{of_the_root:?}");
}

/// What is no circle: names that are only handed out, recursion within a file, and what tests use.
#[test]
fn addresses_recursion_and_tests_are_no_circles() {
    let files = [
        ("db/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        (
            "db/a.rs",
            "use super::b; pub struct A(b::B); fn f() { g() } fn g() { f() }",
        ),
        (
            "db/b.rs",
            "pub struct B; #[cfg(test)] mod tests { use super::super::A; fn f(_: A) {} }",
        ),
    ];
    let house = House::of(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    assert_eq!(circles(&house), Vec::<Vec<&str>>::new());
}
