//! The borders of the house, read from its own source: who may import whom, and where SQL may stand.

use std::fs;
use std::path::{Path, PathBuf};

/// From least to most knowing; a feature may use those before it.
const FEATURES: &[&str] = &[
    "site", "accounts", "posts", "comments", "rerender", "reading", "feeds", "me", "transfer",
    "demo", "setup",
];
const TOOLS: &[&str] = &[
    "access", "db", "cache", "web", "jobs", "cdn", "markdown", "metrics", "import",
];

fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    found
        .into_iter()
        .map(|(path, text)| (path.strip_prefix(&root).unwrap().to_owned(), text))
        .collect()
}

/// The first segments behind `crate::` in `use` lines and paths.
fn imports(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .flat_map(|rest| {
            let end = rest
                .find([';', '(', ' ', '<', ')', ','])
                .unwrap_or(rest.len());
            let path = &rest[..end];
            match path.strip_prefix("features::{") {
                // `crate::features::{a, b}`: each on its own.
                Some(_) => rest
                    .split(['{', '}'])
                    .nth(1)
                    .unwrap_or_default()
                    .split(',')
                    .map(|name| format!("features::{}", name.trim()))
                    .collect(),
                None => vec![path.to_owned()],
            }
        })
        .collect()
}

fn room(path: &Path) -> String {
    path.iter()
        .next()
        .unwrap()
        .to_string_lossy()
        .trim_end_matches(".rs")
        .to_owned()
}

#[test]
fn tools_know_nothing_of_the_product() {
    for (path, text) in sources() {
        if !TOOLS.contains(&room(&path).as_str()) {
            continue;
        }
        for import in imports(&text) {
            let first = import.split("::").next().unwrap();
            assert!(
                !["features", "app", "routes"].contains(&first),
                "{} uses {import}",
                path.display()
            );
        }
    }
}

#[test]
fn the_markdown_and_db_rooms_stand_alone() {
    for (path, text) in sources() {
        let room = room(&path);
        if room == "markdown" || room == "db" {
            for import in imports(&text) {
                assert!(
                    !import.starts_with("web"),
                    "{} uses {import}",
                    path.display()
                );
            }
        }
    }
}

/// A format is read, and tested, with files alone.
#[test]
fn the_import_room_knows_nothing_but_files() {
    let mut count = 0;
    for (path, text) in sources() {
        if room(&path) != "import" {
            continue;
        }
        count += 1;
        for import in imports(&text) {
            assert!(
                import.starts_with("import"),
                "{} uses {import}",
                path.display()
            );
        }
        for foreign in ["sqlx", "actix_web", "reqwest", "tokio"] {
            assert!(
                !text.contains(&format!("{foreign}::")),
                "{} uses {foreign}",
                path.display()
            );
        }
    }
    assert!(count > 20, "{count}");
}

/// The audit log takes actors, so what they are made of may know of nothing that knows of the log.
#[test]
fn the_access_room_is_below_all_others() {
    for (path, text) in sources() {
        if room(&path) == "access" {
            for import in imports(&text) {
                let first = import.split("::").next().unwrap();
                assert!(
                    ["access", "ids"].contains(&first),
                    "{} uses {import}",
                    path.display()
                );
            }
        }
    }
}

/// Every room counts, so what they count with may know of none; and a second writer of metrics would name them in its own way.
#[test]
fn the_metrics_room_is_below_all_others_and_alone_knows_the_registry() {
    for (path, text) in sources() {
        if room(&path) != "metrics" {
            assert!(
                !text.contains("prometheus_client") && !text.contains("# TYPE"),
                "{} writes metrics itself",
                path.display()
            );
            continue;
        }
        for import in imports(&text) {
            assert!(
                import.starts_with("metrics"),
                "{} uses {import}",
                path.display()
            );
        }
    }
}

#[test]
fn features_use_only_those_above_them() {
    for (path, text) in sources() {
        let Ok(inside) = path.strip_prefix("features") else {
            continue;
        };
        let own = room(inside);
        let Some(place) = FEATURES.iter().position(|f| *f == own) else {
            assert!(
                own == "mod",
                "features/{own} is not in the order of features"
            );
            continue;
        };
        for import in imports(&text) {
            let Some(other) = import
                .strip_prefix("features::")
                .map(|i| i.split("::").next().unwrap().to_owned())
            else {
                assert!(
                    !import.starts_with("routes") && !import.starts_with("app::"),
                    "{} uses {import}",
                    path.display()
                );
                continue;
            };
            let other_place = FEATURES.iter().position(|f| *f == other);
            assert!(
                other_place.is_some_and(|o| o <= place),
                "{} uses {other}, which stands below {own}",
                path.display()
            );
        }
    }
}

/// The files of the composition root that one of its files imports.
fn imports_within_app(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    ["use super::", "use crate::app::", "    app::{"]
        .iter()
        .flat_map(|start| code.split(start).skip(1))
        .map(|rest| rest.split(';').next().unwrap().trim_start_matches('{'))
        .flat_map(|names| names.split(|c: char| !(c.is_alphanumeric() || c == '_')))
        .map(str::to_owned)
        .collect()
}

/// A reader of the start of a process comes to each file once.
#[test]
fn the_files_of_the_composition_root_import_in_one_direction() {
    let mut left: Vec<(String, Vec<String>)> = sources()
        .into_iter()
        .filter_map(|(path, text)| {
            let file = path.strip_prefix("app").ok()?;
            let name = room(file);
            (file.iter().count() == 1 && name != "mod").then(|| (name, imports_within_app(&text)))
        })
        .collect();
    assert!(left.len() > 15, "{}", left.len());
    // What imports none of those that are left is taken away, until nothing is.
    loop {
        let names: Vec<String> = left.iter().map(|(name, _)| name.clone()).collect();
        left.retain(|(_, imports)| imports.iter().any(|import| names.contains(import)));
        if left.len() == names.len() {
            break;
        }
    }
    let names: Vec<&String> = left.iter().map(|(name, _)| name).collect();
    assert!(names.is_empty(), "these import each other: {names:?}");
}

#[test]
fn sql_stands_in_queries_and_in_the_database_room() {
    for (path, text) in sources() {
        let shown = path.display().to_string();
        let allowed = shown.starts_with("db/") || shown.contains("queries");
        let code = text.split("#[cfg(test)]").next().unwrap();
        let has_sql = code.contains("sqlx::query")
            || code.contains("QueryBuilder")
            || code.contains("AssertSqlSafe");
        assert!(allowed || !has_sql, "{shown} holds SQL");
    }
}

/// Rendering on a worker would stop every request of that worker.
#[test]
fn markdown_is_rendered_on_threads_of_its_own_only() {
    for (path, text) in sources() {
        let shown = path.display().to_string();
        if shown.contains("tests") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        let renders = code.contains("markdown::post(") || code.contains("markdown::comment(");
        assert!(
            !renders || shown == "web/rendering.rs",
            "{shown} renders Markdown"
        );
        assert!(
            !code.contains("web::block("),
            "{shown} has no bound on its blocking work"
        );
    }
}

#[test]
fn every_room_opens_with_what_it_is() {
    for (path, text) in sources() {
        if path.ends_with("mod.rs")
            && path.iter().count() <= 3
            && !path.ends_with("handlers/mod.rs")
        {
            assert!(
                text.starts_with("//!"),
                "{} has no opening paragraph",
                path.display()
            );
        }
    }
}

/// Functions whose connection is one of their own to the primary, outside the pools ([`Db::direct`]), or the library's:
/// what they write concerns this process and not what people do. And those of the commit tokens, which stand below `Tx`.
///
/// [`Db::direct`]: masthead::db::Db::direct
const WRITE_DIRECTLY: &[&str] = &[
    "heartbeat",
    "acknowledge",
    "leave",
    "prune_commit_tokens",
    "delete_foreign_rows",
    "remove_foreign",
    "remove_future",
];

/// A statement that writes stands in a function that takes a transaction: those begin on the primary, and nowhere else. That
/// none is overlooked is checked against the stored statements of all queries.
#[test]
fn what_writes_takes_a_transaction() {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for (path, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        for function in code.split("fn ").skip(1) {
            let (head, body) = function.split_once('{').unwrap_or((function, ""));
            let name = head.split(['(', '<']).next().unwrap();
            for statement in statements(body)
                .into_iter()
                .filter(|statement| writes(statement))
            {
                let takes_one = head.contains("&mut Tx") || head.contains("self");
                let jobs = path.starts_with("jobs");
                if !takes_one && !jobs && !WRITE_DIRECTLY.contains(&name) {
                    wrong.push(format!("{}: {name}", path.display()));
                }
                found.push(squeezed(&statement));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    let stored = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx"))
        .unwrap()
        .flatten();
    for file in stored {
        let query: serde_json::Value =
            serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        let statement = squeezed(query["query"].as_str().unwrap());
        // A macro may put its own part before or behind.
        let known = found.iter().any(|part| statement.contains(part.as_str()));
        assert!(
            !writes(&statement) || known,
            "it stands in no function that was looked at: {statement}"
        );
    }
}

/// The texts of queries in the code of a function, and the parts that macros put together.
fn statements(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    for query in body.split("!(").skip(1) {
        let mut rest = query.split(';').next().unwrap();
        while let Some(open) = rest.find('"') {
            let raw = rest[..open].ends_with("r#");
            let text = &rest[open + 1..];
            let Some(end) = text.find(if raw { "\"#" } else { "\"" }) else {
                break;
            };
            found.push(text[..end].to_owned());
            rest = &text[end + 1..];
        }
    }
    found
}

fn writes(statement: &str) -> bool {
    let words = format!(" {} ", squeezed(statement));
    // `for update` is the lock of a read, which a replica refuses as well.
    [
        "insert into ",
        "update ",
        "delete from ",
        "nextval(",
        "truncate ",
    ]
    .iter()
    .any(|word| words.contains(&format!(" {word}")))
}

fn squeezed(text: &str) -> String {
    text.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The debugging form of a database's error holds its details, in which values of rows stand.
#[test]
fn errors_of_the_database_are_logged_by_their_text() {
    for (path, text) in sources() {
        if room(&path) == "cdn" || path.ends_with("tests.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        for wrong in ["?error", "{error:?}", "{error:#?}", "?err,", "?e,", "{e:?}"] {
            assert!(!code.contains(wrong), "{} logs {wrong}", path.display());
        }
    }
}

/// What makes a post public or puts it into a list, as queries say it.
const WORDS_OF_PUBLIC: &[&str] = &[
    "status = 'published'",
    "status <> 'published'",
    "status = 'draft'",
    "deleted_at is",
    "listed_at is",
    "published_at <",
];

/// Queries that say it themselves: they are about what stands there, and not for readers.
const KNOW_ALL_STATES: &[(&str, &str)] = &[
    ("posts/queries/dashboard.rs", "authors see what is theirs"),
    (
        "posts/queries/before_save.rs",
        "a page of any state can have another below it",
    ),
    ("posts/queries/write.rs", "saves make it so"),
    ("posts/queries/create_many.rs", "imports make it so"),
    ("posts/queries/byline.rs", "names that are not accepted"),
    (
        "comments/queries/queue.rs",
        "moderators decide where a post is not public too",
    ),
    (
        "rerender/queries/posts.rs",
        "a row that is locked is newer than what a view sees",
    ),
    (
        "transfer/queries.rs",
        "an import compares what stands there",
    ),
];

/// "Public" and "listed" stand in the views alone. And a query for readers that looks into `posts`, where drafts and the trash
/// stand as well, takes from a view what it gives.
#[test]
fn what_is_public_is_said_by_the_views() {
    let mut idle: Vec<&str> = KNOW_ALL_STATES.iter().map(|(path, _)| *path).collect();
    for (path, text) in sources() {
        let Ok(path) = path.strip_prefix("features") else {
            continue;
        };
        let shown = path.display().to_string();
        let is_excepted = KNOW_ALL_STATES.iter().any(|(path, _)| shown == *path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        for statement in statements(code).iter().map(|statement| squeezed(statement)) {
            let word = WORDS_OF_PUBLIC
                .iter()
                .find(|word| statement.contains(**word));
            if is_excepted && word.is_some() {
                idle.retain(|path| *path != shown);
            }
            assert!(
                word.is_none() || is_excepted,
                "{shown} says {word:?} itself: select from public_posts or a view of lists: {statement}"
            );
            let is_for_readers = ["reading", "feeds", "site", "me"].contains(&room(path).as_str())
                || shown.starts_with("comments/") && !shown.ends_with("queue.rs");
            let looks = ["from posts ", "join posts "]
                .iter()
                .any(|words| format!("{statement} ").contains(words));
            assert!(
                !is_for_readers
                    || !looks
                    || statement.contains("public_posts")
                    || statement.contains("listed_posts"),
                "{shown} reads posts of any state: {statement}"
            );
        }
    }
    assert!(idle.is_empty(), "{idle:?} need no exception");
}

/// Where a post is found is written once for the program and once for the database.
#[test]
fn the_address_of_a_post_is_put_together_in_one_place() {
    for (path, text) in sources() {
        let shown = path.display().to_string();
        let code = text.split("#[cfg(test)]").next().unwrap();
        if shown == "features/posts/path.rs" || shown.ends_with("tests.rs") {
            continue;
        }
        for spelled in ["'/@'", "(\"/@{", "'/' || page_path", "'/' || p.page_path"] {
            assert!(
                !code.contains(spelled),
                "{shown} spells an address: {spelled}"
            );
        }
    }
}

/// How an act asks what its actor may do: itself, or by one of its feature's questions about a row.
const QUESTIONS: &[&str] = &[
    "require",
    "editable",
    "allow",
    "own",
    "decidable",
    "reportable",
    "target",
    "named",
    "require_own",
];

/// Whether a function of just this name is called: `known(` does not call `own`.
fn calls(code: &str, function: &str) -> bool {
    let called = format!("{function}(");
    code.match_indices(&called).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

/// A whole act begins with a database and an actor. One that asks nothing would be done for any actor, by any door.
#[test]
fn every_act_asks_what_its_actor_may_do() {
    let mut acts = 0;
    for (path, text) in sources() {
        if !path.starts_with("features") {
            continue;
        }
        for act in text.split("pub async fn ").skip(1) {
            let (head, body) = act.split_once('{').unwrap();
            let head = squeezed(head);
            let is_act = head.contains("db: &db") && head.contains("actor: &actor");
            if !is_act || head.contains("&self") {
                continue;
            }
            acts += 1;
            let rest = &body[..body.find("\npub ").unwrap_or(body.len())];
            assert!(
                QUESTIONS.iter().any(|question| calls(rest, question)),
                "{}: {head} asks nothing",
                path.display()
            );
        }
    }
    assert!(acts >= 22, "{acts} acts");
}

/// What a page may show is named in the `cache_tags` of the feature that it belongs to, and nowhere else.
#[test]
fn cache_tags_are_named_by_their_features() {
    for (path, text) in sources() {
        let shown = path.display().to_string();
        let is_allowed = shown.starts_with("features/") && shown.ends_with("/cache_tags.rs");
        let code = text.split("#[cfg(test)]").next().unwrap();
        let names = code.contains("CacheTag::new(") || code.contains("CacheTag::singleton(");
        assert!(!names || is_allowed, "{shown} names a cache tag");
    }
}
