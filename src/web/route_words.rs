//! What the addresses of the site's own routes begin with. Names, pages and redirects keep away from it. The route table knows it
//! best, but it names the features and cannot be asked by them; a test holds this list to it.

/// First parts of the paths in the route table, up to their first pattern.
pub const ROUTE_SEGMENTS: &[&str] = &[
    ".well-known",
    "admin",
    "assets",
    "atom.xml",
    "avatars",
    "comments",
    "dashboard",
    "feed",
    "feed.",
    "index.xml",
    "livez",
    "login",
    "logout",
    "me.json",
    "new",
    "newest",
    "p",
    "preview",
    "readyz",
    "robots.txt",
    "rss",
    "rss.xml",
    "settings",
    "setup",
    "signup",
    "sitemap-",
    "sitemap.xml",
    "startupz",
    "t",
];

/// A list that came after sites had pages and imported addresses: a page or redirect at its address keeps it, and the list stands
/// aside. No new page may stand there.
#[derive(Debug)]
pub struct YieldingList {
    /// First and only part of its path.
    pub word: &'static str,
    /// Its own path.
    pub path: &'static str,
    /// Its path while something else has its own.
    pub aside: &'static str,
}

/// The months that have posts.
pub const ARCHIVE: YieldingList = YieldingList {
    word: "archive",
    path: "/archive",
    aside: "/newest/archive",
};

/// The accounts that have posts.
pub const AUTHORS: YieldingList = YieldingList {
    word: "authors",
    path: "/authors",
    aside: "/newest/authors",
};

/// All of them.
pub const YIELDING_LISTS: [YieldingList; 2] = [ARCHIVE, AUTHORS];

/// Whether this is the word of such a list.
pub fn is_yielding_word(word: &str) -> bool {
    YIELDING_LISTS.iter().any(|list| list.word == word)
}

/// The first words of all routes, without endings: no username may be one of them.
pub fn route_words() -> impl Iterator<Item = &'static str> {
    let lists = YIELDING_LISTS.iter().map(|list| list.word);
    let segments = ROUTE_SEGMENTS.iter().copied();
    segments
        .chain(lists)
        .filter_map(|segment| segment.split(['.', '-']).next())
        .filter(|word| !word.is_empty())
}

/// Whether a route answers at addresses with this first part, whatever stands behind it.
pub fn is_answered_by_a_route(first: &str) -> bool {
    first.starts_with('@')
        || ROUTE_SEGMENTS.iter().any(|segment| {
            let is_pattern = segment.ends_with(['.', '-']);
            first == *segment || is_pattern && first.starts_with(segment)
        })
}
