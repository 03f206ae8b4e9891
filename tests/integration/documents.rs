//! What documents say of the program is there: settings, files, links, tests, metrics and targets of `make`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::TempDir;

/// In it every name of code is that of a test.
const GLOSSARY: &str = "docs/glossary.md";
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every document, by its path in the repository.
fn documents() -> Vec<String> {
    let folders = ["", "bench/", "deploy/", "docs/", "fuzz/", "migrations/"];
    let mut found = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                found.push(format!("{folder}{name}"));
            }
        }
    }
    assert!(found.len() > 10, "{found:?}");
    found
}

/// A document that says everything would be read by no one.
#[test]
fn the_readme_is_short() {
    let words = read("README.md").split_whitespace().count();
    assert!(words <= 900, "README.md has {words} words");
}

/// `UPDATE=1` in the environment writes it.
#[test]
fn the_reference_of_settings_is_that_of_the_program() {
    const FILE: &str = "docs/configuration.md";
    let empty = TempDir::new();
    let mut program = Command::new(env!("CARGO_BIN_EXE_masthead"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MASTHEAD_") {
            program.env_remove(name);
        }
    }
    let output = program
        .args(["config", "reference"])
        .current_dir(&empty.0)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let reference = String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join(FILE), &reference).unwrap();
    }
    assert!(
        read(FILE) == reference,
        "{FILE} is not what `masthead config reference` prints: run this test with UPDATE=1"
    );
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let folder = Path::new(&document).parent().unwrap();
        for link in links(&read(&document)) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => PathBuf::from(&document),
                file => folder.join(file),
            };
            let leads = root().join(&target).exists()
                && (heading.is_empty() || headings(&read(&target)).contains(heading));
            if !leads {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What stands in backticks: a file or folder of the repository, `room::test`, a metric, `make target`.
#[test]
fn every_name_is_that_of_something() {
    let sources = sources();
    let makefile = read("Makefile");
    let mut missing = Vec::new();
    for document in documents() {
        for name in names(&read(&document)) {
            let exists = if is_path(&name) {
                root().join(&name).exists()
            } else if is_code(&name) {
                test_exists(&name) || (document != GLOSSARY && code_exists(&name))
            } else if name.starts_with("masthead_") {
                has_word(&sources, &name)
            } else if let Some(line) = name.strip_prefix("make ") {
                let target = line.split(' ').next().unwrap();
                makefile.contains(&format!("\n{target}: "))
            } else {
                shown_metrics(&name).all(|metric| is_metric(&sources, metric))
            };
            if !exists {
                missing.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Their licences ask to be passed on. A newer crate may bring more of them.
#[test]
fn the_notices_name_every_grammar_that_asks_for_it() {
    let notices = read("docs/notices.md");
    let listing = two_face::acknowledgement::listing();
    let missing: Vec<String> = listing
        .for_syntaxes()
        .iter()
        .filter(|licence| licence.needs_acknowledgement())
        .map(|licence| licence.rel_path.display().to_string())
        .filter(|path| !notices.contains(&format!("`{}`", path.trim_start_matches("syntaxes/"))))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Targets of `[…](…)`, outside of code.
fn links(text: &str) -> Vec<String> {
    let prose: String = text
        .split("```")
        .step_by(2)
        .flat_map(|part| part.split('`').step_by(2))
        .collect();
    let targets = prose.split("](").skip(1);
    targets
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// What a line of the glossary asks the function `metric` of `docs/try.sh` for: how names of metrics begin.
fn shown_metrics(line: &str) -> impl Iterator<Item = &str> {
    let rests = line.split("metric ").skip(1);
    rests.filter_map(|rest| {
        rest.split(|c: char| !c.is_ascii_lowercase() && c != '_')
            .next()
    })
}

/// A metric, or several whose names begin so, up to a whole word.
fn is_metric(sources: &str, name: &str) -> bool {
    let start = format!("masthead_{name}");
    let mut rests = sources.split(&start).skip(1);
    !name.is_empty() && rests.any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// As forges make anchors of them.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || "- _".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// What stands in backticks in a line.
fn names(text: &str) -> BTreeSet<String> {
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    let lines = prose.iter().flat_map(|part| part.lines());
    lines
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

/// Begins with something that lies at the top of the repository.
fn is_path(name: &str) -> bool {
    const TOP: [&str; 12] = [
        ".ci",
        "bench",
        "deploy",
        "docs",
        "fuzz",
        "locales",
        "migrations",
        "script",
        "src",
        "static",
        "templates",
        "tests",
    ];
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    plain && TOP.iter().any(|top| name.starts_with(&format!("{top}/")))
}

fn is_code(name: &str) -> bool {
    name.contains("::")
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c))
        && !name.ends_with("::")
}

/// An integration test `a::b::name` stands in `tests/integration/a/b.rs`; a unit test in `src/a/b.rs` or a file below it.
fn test_exists(name: &str) -> bool {
    let mut parts: Vec<&str> = name.split("::").collect();
    let function = format!("fn {}(", parts.pop().unwrap());
    if parts.last() == Some(&"tests") {
        parts.pop();
    }
    let module = parts.join("/");
    let files = ["tests/integration", "src"].into_iter().flat_map(|top| {
        ["", "/mod", "/tests", "_tests"].map(|end| root().join(format!("{top}/{module}{end}.rs")))
    });
    let texts = files.filter_map(|file| std::fs::read_to_string(file).ok());
    texts.into_iter().any(|text| {
        text.split_once(&function).is_some_and(|(before, _)| {
            let above: Vec<&str> = before.lines().rev().take(4).collect();
            above.iter().any(|line| line.contains("test]"))
        })
    })
}

/// A room, a module, or a function of one.
fn code_exists(name: &str) -> bool {
    let path = name.replace("::", "/");
    let (module, function) = path.rsplit_once('/').unwrap();
    ["src", "src/features"].into_iter().any(|top| {
        let at = |path: String| root().join(format!("{top}/{path}"));
        let mut text = std::fs::read_to_string(at(format!("{module}.rs"))).unwrap_or_default();
        if at(module.to_owned()).is_dir() {
            collect(&at(module.to_owned()), &mut text);
        }
        at(format!("{path}.rs")).exists()
            || at(path.clone()).exists()
            || text.contains(&format!("fn {function}("))
    })
}

fn has_word(text: &str, word: &str) -> bool {
    let mut rests = text.split(word).skip(1);
    rests.any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

/// All Rust code of the program, in one text.
fn sources() -> String {
    let mut text = String::new();
    collect(&root().join("src"), &mut text);
    text
}

fn collect(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
