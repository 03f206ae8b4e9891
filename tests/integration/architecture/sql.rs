//! Where SQL stands, and what it may say.

use std::fs;
use std::path::Path;

use super::source::{House, Source};
use super::{PROGRAM, holds, in_each};

fn sql_in_queries(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let is_allowed = source.room() == "db" || source.path.contains("queries");
        let is_sql = |path: &String| {
            path.starts_with("sqlx::query")
                || path.contains("QueryBuilder")
                || path.contains("AssertSqlSafe")
        };
        let found = source.of_code().filter(|path| !is_allowed && is_sql(path));
        found.map(|path| format!("holds SQL: {path}")).collect()
    })
}

#[test]
fn sql_stands_in_queries_and_in_the_database_room() {
    holds(
        sql_in_queries,
        &[
            &[(
                "features/posts/save.rs",
                "fn save() { sqlx::query!(\"select 1\"); }",
            )],
            &[(
                "features/posts/save.rs",
                "use sqlx::query_as; fn save() { query_as!(X, \"select 1\"); }",
            )],
            &[("jobs/lease.rs", "use sqlx::QueryBuilder;")],
        ],
    );
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
    "move_identity",
    "remove_future",
];

/// The statements of a file that write, each with the function around it and its head.
fn writing_statements(source: &Source) -> Vec<(&str, &str, String)> {
    let mut found = Vec::new();
    for function in source.code.split("fn ").skip(1) {
        let (head, body) = function.split_once('{').unwrap_or((function, ""));
        let name = head.split(['(', '<']).next().unwrap();
        let writing = statements(body).into_iter().filter(|found| writes(found));
        found.extend(writing.map(|statement| (name, head, statement)));
    }
    found
}

/// A statement that writes stands in a function that takes a transaction: those begin on the primary, and nowhere else.
fn writes_by_transactions(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let is_wrong = |name: &str, head: &str| {
            let takes_one = head.contains("&mut Tx") || head.contains("self");
            !takes_one && source.room() != "jobs" && !WRITE_DIRECTLY.contains(&name)
        };
        writing_statements(source)
            .into_iter()
            .filter(|(name, head, _)| is_wrong(name, head))
            .map(|(name, _, _)| format!("{name} writes without a transaction"))
            .collect()
    })
}

/// That none is overlooked is checked against the stored statements of all queries.
#[test]
fn what_writes_takes_a_transaction() {
    let on_a_connection = "async fn trash(conn: &mut PgConnection) {
        sqlx::query!(\"delete from posts where id = $1\", id);
    }";
    holds(
        writes_by_transactions,
        &[&[("features/posts/queries/trash.rs", on_a_connection)]],
    );
    let of_file = |source| writing_statements(source).into_iter();
    let found: Vec<String> = PROGRAM
        .sources
        .iter()
        .flat_map(of_file)
        .map(|(_, _, statement)| squeezed(&statement))
        .collect();
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

pub fn squeezed(text: &str) -> String {
    text.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
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
        "posts/queries/in_review.rs",
        "editors see what waits for them",
    ),
    ("posts/queries/bulk.rs", "undoing makes it so"),
    (
        "posts/queries/dashboard_search.rs",
        "authors look through what is theirs",
    ),
    (
        "posts/queries/before_save.rs",
        "a page of any state can have another below it",
    ),
    ("posts/queries/write.rs", "saves make it so"),
    ("posts/queries/schedule.rs", "plans make it so"),
    ("posts/queries/templates.rs", "templates are drafts"),
    ("posts/queries/places.rs", "lists follow what saves made"),
    ("posts/queries/create_many.rs", "imports make it so"),
    ("posts/queries/byline.rs", "names that are not accepted"),
    (
        "comments/queries/queue.rs",
        "moderators decide where a post is not public too",
    ),
    (
        "comments/queries/waiting.rs",
        "what moderators see, counted",
    ),
    (
        "rerender/queries/posts.rs",
        "a row that is locked is newer than what a view sees",
    ),
    (
        "transfer/queries/documents.rs",
        "an import compares what stands there",
    ),
];

/// "Public" and "listed" stand in the views alone. And a query for readers that looks into `posts`, where drafts and the trash
/// stand as well, takes from a view what it gives.
fn public_by_views(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let Some(path) = source.path.strip_prefix("features/") else {
            return Vec::new();
        };
        let is_excepted = KNOW_ALL_STATES.iter().any(|(known, _)| path == *known);
        let feature = path.split('/').next().unwrap();
        let is_for_readers = ["reading", "feeds", "site", "me"].contains(&feature)
            || feature == "comments" && !is_excepted;
        let mut wrong = Vec::new();
        for statement in statements(&source.code).iter().map(|found| squeezed(found)) {
            if let Some(word) = word_of_public(&statement)
                && !is_excepted
            {
                wrong.push(format!(
                    "says {word:?} itself: select from public_posts or a view of lists: {statement}"
                ));
            }
            let looks = ["from posts ", "join posts "]
                .iter()
                .any(|words| format!("{statement} ").contains(words));
            let by_view = ["public_posts", "listed_posts"]
                .iter()
                .any(|view| statement.contains(view));
            if is_for_readers && looks && !by_view {
                wrong.push(format!("reads posts of any state: {statement}"));
            }
        }
        wrong
    })
}

fn word_of_public(statement: &str) -> Option<&'static str> {
    let mut words = WORDS_OF_PUBLIC.iter().copied();
    words.find(|word| statement.contains(word))
}

#[test]
fn what_is_public_is_said_by_the_views() {
    let says = "fn f() { sqlx::query!(\"select id from p where deleted_at is null\"); }";
    let reads = "fn f() { sqlx::query!(\"select id from posts where id = $1\"); }";
    holds(
        public_by_views,
        &[
            &[("features/posts/queries/card.rs", says)],
            &[("features/feeds/queries.rs", reads)],
        ],
    );
    for (path, _) in KNOW_ALL_STATES {
        let mut sources = PROGRAM.sources.iter();
        let source = sources.find(|source| source.path.strip_prefix("features/") == Some(path));
        let says_it = |source: &Source| {
            let mut statements = statements(&source.code).into_iter();
            statements.any(|statement| word_of_public(&squeezed(&statement)).is_some())
        };
        assert!(source.is_some_and(says_it), "{path} needs no exception");
    }
}

/// Where a post is found is written once for the program and once for the database.
fn addresses_in_one_place(house: &House) -> Vec<String> {
    in_each(house, |source| {
        if source.path == "features/posts/path.rs" {
            return Vec::new();
        }
        ["'/@'", "(\"/@{", "'/' || page_path", "'/' || p.page_path"]
            .iter()
            .filter(|spelled| source.code.contains(**spelled))
            .map(|spelled| format!("spells an address: {spelled}"))
            .collect()
    })
}

#[test]
fn the_address_of_a_post_is_put_together_in_one_place() {
    let in_sql = "fn f() { sqlx::query!(\"select '/@' || name from people\"); }";
    holds(
        addresses_in_one_place,
        &[
            &[("features/feeds/queries.rs", in_sql)],
            &[(
                "features/feeds/rss.rs",
                "fn f(a: &str) -> String { format!(\"/@{a}\") }",
            )],
        ],
    );
}
