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

/// Lists that came after sites had pages and imported addresses: what stands at such an address already keeps it, and the list is
/// found below `/newest`. No new page may stand there.
pub const YIELDING_SEGMENTS: &[&str] = &["archive", "authors"];

/// The first words of all routes, without endings: no username may be one of them.
pub fn route_words() -> impl Iterator<Item = &'static str> {
    ROUTE_SEGMENTS
        .iter()
        .chain(YIELDING_SEGMENTS)
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
