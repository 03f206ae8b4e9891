//! The borders of the house, read from its own source: which room may use which, and in which one place each thing stands.
//!
//! A rule is a function from a [`House`] to what it finds wrong there. It is held against the program, where it finds nothing, and
//! against small houses with a fault in each, where it finds that.

mod circles;
mod source;
mod sql;

use std::sync::LazyLock;

use source::{House, Source};

/// From least to most knowing; a feature may use those before it.
const FEATURES: &[&str] = &[
    "site", "accounts", "posts", "comments", "rerender", "reading", "feeds", "me", "undo",
    "transfer", "demo", "setup",
];
/// The product; every other room is a tool.
const PRODUCT: &[&str] = &["features", "app", "routes", "state"];

static PROGRAM: LazyLock<House> = LazyLock::new(House::of_the_program);

type Files<'a> = &'a [(&'a str, &'a str)];

/// Holds the rule against the program, and against houses of which each has a fault in its first file.
#[track_caller]
fn holds(rule: fn(&House) -> Vec<String>, faulty: &[Files]) {
    let found = rule(&PROGRAM);
    assert!(found.is_empty(), "{}", found.join("\n"));
    for files in faulty {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        let found = rule(&House::of(files.iter().map(owned)));
        let place = files[0].0;
        let room = |path: &str| path.split(['/', '.']).next().unwrap().to_owned();
        assert!(
            PROGRAM.sources.iter().any(|s| room(&s.path) == room(place)),
            "{place}: there is no such room, so the rule holds nothing"
        );
        assert!(
            found.iter().any(|fault| fault.contains(place)),
            "{place} has a fault that was not found, only {found:?}"
        );
    }
}

/// What a rule finds wrong in a file, each with the file's path before it.
fn in_each(house: &House, wrong: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    let found = house.sources.iter().flat_map(|source| {
        let wrong = wrong(source).into_iter();
        wrong.map(|what| format!("{}: {what}", source.path))
    });
    found.collect()
}

/// The paths of a file into rooms that are not allowed.
fn uses(source: &Source, is_allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let foreign = source.inside().filter(|path| {
        let room = path.split("::").next().unwrap();
        !is_allowed(room)
    });
    foreign.map(|path| format!("uses {path}")).collect()
}

fn tools_below_product(house: &House) -> Vec<String> {
    in_each(house, |source| {
        if PRODUCT.contains(&source.room()) || ["lib", "main"].contains(&source.room()) {
            return Vec::new();
        }
        uses(source, |room| !PRODUCT.contains(&room))
    })
}

#[test]
fn tools_know_nothing_of_the_product() {
    let posts = ("features/posts/mod.rs", "pub const LIMIT: u32 = 1;");
    holds(
        tools_below_product,
        &[
            &[
                ("cache/entry.rs", "use crate::features::posts::LIMIT;"),
                posts,
            ],
            &[
                ("cache/entry.rs", "use crate::{db::Db, features::posts};"),
                posts,
            ],
            &[
                ("cache/entry.rs", "use super::super::features::posts;"),
                posts,
            ],
            &[
                (
                    "cache/entry.rs",
                    "fn limit() -> u32 { crate::features::posts::LIMIT }",
                ),
                posts,
            ],
            &[
                (
                    "cdn/mod.rs",
                    "fn limit() { tracing::info!(crate::features::posts::LIMIT); }",
                ),
                posts,
            ],
            &[
                (
                    "cdn/mod.rs",
                    r#"fn limit() { query!("select 1 as \"a!: Vec<crate::features::posts::LIMIT>\""); }"#,
                ),
                posts,
            ],
            &[
                (
                    "cdn/mod.rs",
                    r#"struct A { #[serde(with = "crate::features::posts::LIMIT")] a: u8 }"#,
                ),
                posts,
            ],
            &[("access/actor.rs", "type Routes = Vec<crate::routes::Line>;")],
            &[("web/page.rs", "use crate::state::AppState;")],
            &[("jitter.rs", "use crate::app::server;")],
        ],
    );
}

fn markdown_and_db_without_web(house: &House) -> Vec<String> {
    in_each(house, |source| match source.room() {
        "markdown" | "db" => uses(source, |room| room != "web"),
        _ => Vec::new(),
    })
}

#[test]
fn the_markdown_and_db_rooms_stand_alone() {
    holds(
        markdown_and_db_without_web,
        &[
            &[("markdown/finish.rs", "use crate::web::origin;")],
            &[("db/tx.rs", "fn ids(ids: &crate::web::Ids) {}")],
        ],
    );
}

/// A format is read, and tested, with files alone.
fn import_with_files_alone(house: &House) -> Vec<String> {
    in_each(house, |source| {
        if source.room() != "import" {
            return Vec::new();
        }
        let mut found = uses(source, |room| room == "import");
        let foreign = ["sqlx", "actix_web", "reqwest", "tokio"];
        let used = source.foreign().filter(|name| foreign.contains(name));
        found.extend(used.map(|name| format!("uses {name}")));
        found
    })
}

#[test]
fn the_import_room_knows_nothing_but_files() {
    holds(
        import_with_files_alone,
        &[
            &[("import/site.rs", "use crate::markdown;")],
            &[(
                "import/site.rs",
                "async fn read() { tokio::fs::read(\"a\").await; }",
            )],
        ],
    );
}

/// The audit log takes actors, so what they are made of may know of nothing that knows of the log.
fn access_below_all(house: &House) -> Vec<String> {
    in_each(house, |source| match source.room() {
        "access" => uses(source, |room| ["access", "ids"].contains(&room)),
        _ => Vec::new(),
    })
}

#[test]
fn the_access_room_is_below_all_others() {
    holds(
        access_below_all,
        &[&[("access/actor.rs", "use crate::db::audit;")]],
    );
}

/// Every room may have something to say to people, so what they say it with may know of none.
fn messages_below_all(house: &House) -> Vec<String> {
    in_each(house, |source| match source.room() {
        "messages" => uses(source, |room| room == "messages"),
        _ => Vec::new(),
    })
}

#[test]
fn the_messages_room_is_below_all_others() {
    holds(
        messages_below_all,
        &[&[("messages/mod.rs", "use crate::web::frame;")]],
    );
}

/// Every room counts, so what they count with may know of none; and a second writer of metrics would name them in its own way.
fn metrics_below_all(house: &House) -> Vec<String> {
    in_each(house, |source| {
        if source.room() == "metrics" {
            return uses(source, |room| room == "metrics");
        }
        let knows = source.foreign().any(|name| name == "prometheus_client");
        let writes = source.text.contains("# TYPE");
        (knows || writes)
            .then(|| "writes metrics itself".to_owned())
            .into_iter()
            .collect()
    })
}

#[test]
fn the_metrics_room_is_below_all_others_and_alone_knows_the_registry() {
    holds(
        metrics_below_all,
        &[
            &[("metrics/mod.rs", "use crate::db::Db;")],
            &[("web/node.rs", "use prometheus_client::registry::Registry;")],
            &[(
                "web/node.rs",
                "const LINE: &str = \"# TYPE pages counter\";",
            )],
        ],
    );
}

fn features_in_order(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let Some(inside) = source.path.strip_prefix("features/") else {
            return Vec::new();
        };
        if inside == "mod.rs" {
            return Vec::new();
        }
        let own = inside.split('/').next().unwrap().trim_end_matches(".rs");
        let place = |feature: &str| FEATURES.iter().position(|known| *known == feature);
        let Some(own_place) = place(own) else {
            return vec!["is not in the order of features".to_owned()];
        };
        let mut found = uses(source, |room| !["app", "routes"].contains(&room));
        for path in source.inside() {
            let other = path
                .strip_prefix("features::")
                .map(|rest| rest.split("::").next().unwrap());
            if let Some(other) = other
                && place(other).is_none_or(|other| other > own_place)
            {
                found.push(format!("uses {other}, which stands below {own}"));
            }
        }
        found
    })
}

#[test]
fn features_use_only_those_above_them() {
    holds(
        features_in_order,
        &[
            &[("features/site/mod.rs", "use crate::features::posts;")],
            &[("features/site/mod.rs", "use super::posts::card;")],
            &[(
                "features/posts/views.rs",
                "use crate::features::{comments::model, posts};",
            )],
            &[(
                "features/posts/views.rs",
                "fn path() { crate::routes::table(); }",
            )],
            &[("features/posts/views.rs", "use crate::app::config::Config;")],
            &[("features/posts/views.rs", "use crate::app;")],
            &[("features/polls/mod.rs", "")],
        ],
    );
}

/// Rendering on a worker would stop every request of that worker.
fn markdown_on_its_own_threads(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let is_wrong = |path: &String| match path.as_str() {
            "crate::markdown::post" | "crate::markdown::comment" => {
                source.path != "web/rendering.rs"
            }
            // It has no bound on what waits.
            "actix_web::web::block" => true,
            _ => false,
        };
        let wrong = source.of_code().filter(is_wrong);
        wrong.map(|path| format!("calls {path}")).collect()
    })
}

#[test]
fn markdown_is_rendered_on_threads_of_its_own_only() {
    let markdown = ("markdown/mod.rs", "pub fn post() {}");
    holds(
        markdown_on_its_own_threads,
        &[
            &[
                (
                    "features/posts/save.rs",
                    "use crate::markdown; fn save() { markdown::post(); }",
                ),
                markdown,
            ],
            &[
                (
                    "features/posts/save.rs",
                    "use crate::markdown::post; fn save() { post(); }",
                ),
                markdown,
            ],
            &[(
                "features/posts/save.rs",
                "use actix_web::web; fn save() { web::block(|| ()); }",
            )],
        ],
    );
}

fn rooms_with_openings(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let is_of_room = source.path.ends_with("mod.rs")
            && source.path.split('/').count() <= 3
            && !source.path.ends_with("handlers/mod.rs");
        let is_missing = is_of_room && !source.text.starts_with("//!");
        is_missing
            .then(|| "has no opening paragraph".to_owned())
            .into_iter()
            .collect()
    })
}

#[test]
fn every_room_opens_with_what_it_is() {
    holds(
        rooms_with_openings,
        &[&[("db/cluster/mod.rs", "mod server;")]],
    );
}

/// The debugging form of a database's error holds its details, in which values of rows stand.
fn errors_by_their_text(house: &House) -> Vec<String> {
    in_each(house, |source| {
        if source.room() == "cdn" {
            return Vec::new();
        }
        ["?error", "{error:?}", "{error:#?}", "?err,", "?e,", "{e:?}"]
            .iter()
            .filter(|wrong| source.code.contains(**wrong))
            .map(|wrong| format!("logs {wrong}"))
            .collect()
    })
}

#[test]
fn errors_of_the_database_are_logged_by_their_text() {
    holds(
        errors_by_their_text,
        &[&[(
            "db/tx.rs",
            "fn log(error: E) { tracing::warn!(?error, \"lost\"); }",
        )]],
    );
}

/// How an act asks what its actor may do: itself, or by one of its feature's questions about a row.
const QUESTIONS: &[&str] = &[
    "require",
    "editable",
    // Where readers are to get something else.
    "publishable",
    "in_reach",
    "allow",
    "own",
    "decidable",
    "reportable",
    "target",
    "named",
    "require_own",
    // Of a post that is to be published, now or later.
    "prepare_to_publish",
    // Of each of many posts: here, and again by the act that one post has.
    "may_edit",
    "take_back",
    // Of a post with its newest version.
    "open_editable",
    // Of a visitor who signs up: by the site's policy and the invitation.
    "role_for",
    // Of a guest: the link, which allows notes as long as it holds.
    "lock_link",
];

/// Whether a function of just this name is called: `known(` does not call `own`, and neither does `fn own(`.
fn calls(code: &str, function: &str) -> bool {
    let called = format!("{function}(");
    code.match_indices(&called).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let is_longer = before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        !is_longer && !code[..at].ends_with("fn ")
    })
}

/// The whole acts of a file: what begins with a database and an actor. Their heads and bodies.
fn acts(source: &Source) -> Vec<(String, &str)> {
    if source.room() != "features" {
        return Vec::new();
    }
    let acts = source
        .text
        .split("pub async fn ")
        .skip(1)
        .filter_map(|act| {
            let (head, body) = act.split_once('{').unwrap();
            let head = sql::squeezed(head);
            let is_act = head.contains("db: &db") && head.contains("actor: &actor");
            let rest = &body[..body.find("\npub ").unwrap_or(body.len())];
            (is_act && !head.contains("&self")).then_some((head, rest))
        });
    acts.collect()
}

/// An act that asks nothing would be done for any actor, by any door.
fn acts_that_ask(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let asks = |body: &str| QUESTIONS.iter().any(|question| calls(body, question));
        let silent = acts(source).into_iter().filter(|(_, body)| !asks(body));
        silent
            .map(|(head, _)| format!("{head} asks nothing"))
            .collect()
    })
}

#[test]
fn every_act_asks_what_its_actor_may_do() {
    let known = "pub async fn publish(db: &Db, actor: &Actor) { known(actor); }";
    holds(
        acts_that_ask,
        &[
            &[(
                "features/posts/publish.rs",
                "pub async fn publish(db: &Db, actor: &Actor) {}",
            )],
            &[("features/posts/publish.rs", known)],
            &[(
                "features/posts/publish.rs",
                "pub async fn publish(db: &Db, actor: &Actor) {} async fn role_for(tx: &mut Tx) {}",
            )],
        ],
    );
    let count: usize = PROGRAM
        .sources
        .iter()
        .map(|source| acts(source).len())
        .sum();
    assert!(count >= 22, "{count} acts");
}

/// What a page may show is named in the `cache_tags` of the feature that it belongs to, and nowhere else.
fn tags_of_features(house: &House) -> Vec<String> {
    in_each(house, |source| {
        let is_allowed = source.path.starts_with("features/")
            && (source.path.ends_with("/cache_tags.rs") || source.path.contains("/cache_tags/"));
        let names = |path: &String| {
            path.ends_with("CacheTag::new") || path.ends_with("CacheTag::singleton")
        };
        let found = source.of_code().filter(|path| !is_allowed && names(path));
        found
            .map(|path| format!("names a cache tag by {path}"))
            .collect()
    })
}

#[test]
fn cache_tags_are_named_by_their_features() {
    holds(
        tags_of_features,
        &[&[(
            "features/feeds/rss.rs",
            "use crate::db::CacheTag; fn tag() -> CacheTag { CacheTag::singleton(\"feed\") }",
        )]],
    );
}
