//! Words that no handle may be, nor pass for.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::look_alike::{self, Drawing};
use crate::web::route_words::route_words;

/// Words that are the site's own or may become so, besides those of its routes: a name must neither pass for staff nor stand in the
/// place of a page.
const RESERVED: &[&str] = &[
    "about",
    "abuse",
    "account",
    "accounts",
    "administrator",
    "all",
    "anonymous",
    "api",
    "app",
    "archive",
    "author",
    "authors",
    "blog",
    "comment",
    "contact",
    "deleted",
    "demo",
    "everyone",
    "favicon",
    "feeds",
    "following",
    "help",
    "here",
    "home",
    "hostmaster",
    "imprint",
    "inbox",
    "info",
    "jobs",
    "legal",
    "mail",
    "masthead",
    "media",
    "metrics",
    "mod",
    "moderation",
    "moderations",
    "moderator",
    "news",
    "newsletter",
    "nobody",
    "noreply",
    "null",
    "official",
    "owner",
    "page",
    "pages",
    "post",
    "postmaster",
    "posts",
    "privacy",
    "register",
    "reset",
    "root",
    "saved",
    "search",
    "security",
    "signin",
    "signout",
    "staff",
    "static",
    "stats",
    "status",
    "support",
    "sysadmin",
    "system",
    "tag",
    "tags",
    "team",
    "terms",
    "top",
    "undefined",
    "user",
    "users",
    "webmaster",
    "well-known",
    "worker",
    "www",
];

/// Whether it can be taken for one of the site's own words: `ADM1N`, `R00T`, `ADMlN`.
pub(super) fn looks_reserved(name: &str) -> bool {
    static WORDS: LazyLock<HashMap<String, Vec<Drawing>>> =
        LazyLock::new(|| look_alike::by_class(route_words().chain(RESERVED.iter().copied())));
    look_alike::passes_for(name, &WORDS)
}
