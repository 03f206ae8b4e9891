//! A quiet word before a text is public: slips that readers would meet, which stop nothing.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::queries;
use crate::db::Result;
use crate::features::accounts::key_of;
use crate::markdown::{Checked, Slip};
use crate::messages::{Message, text};

/// More are counted, not shown.
const MOST_SHOWN: usize = 20;
/// Links to posts that are looked up.
const MOST_LINKS: usize = 100;

/// What the step before publishing says of a text.
#[derive(Debug, Default)]
pub struct Slips {
    pub shown: Vec<Message>,
    /// How many more there are.
    pub more: usize,
}

/// A post of this site as a link names it.
enum Linked {
    At { author: String, slug: String },
    ById(Uuid),
}

impl Slips {
    /// Of a text that was checked, with the links to posts that readers cannot get. `origin`: of the site.
    ///
    /// # Errors
    ///
    /// Where the database does not answer.
    pub async fn of(checked: Checked, origin: &str, conn: &mut PgConnection) -> Result<Slips> {
        let mut found: Vec<Message> = checked.slips.iter().map(message).collect();
        let dead = dead(&checked.addresses, origin, conn).await?;
        found.extend(dead.into_iter().map(text::posts_slip_dead_link));
        let more = found.len().saturating_sub(MOST_SHOWN);
        found.truncate(MOST_SHOWN);
        Ok(Slips { shown: found, more })
    }

    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

fn message(slip: &Slip) -> Message {
    match slip {
        Slip::PictureWithoutAlt(address) => text::posts_slip_picture(address),
        Slip::SkippedLevel(heading) => text::posts_slip_level(heading),
        Slip::EmptyLink(address) => text::posts_slip_empty_link(address),
    }
}

/// The addresses that lead to no post that is public.
async fn dead<'a>(
    addresses: &'a [String],
    origin: &str,
    conn: &mut PgConnection,
) -> Result<Vec<&'a str>> {
    let (mut names, mut authors, mut slugs, mut ids) = (vec![], vec![], vec![], vec![]);
    let of_posts = addresses
        .iter()
        .filter_map(|address| Some((address.as_str(), linked(address, origin)?)));
    for (address, linked) in of_posts.take(MOST_LINKS) {
        let (author, slug, id) = match linked {
            Linked::At { author, slug } => (key_of(&author), slug, None),
            Linked::ById(id) => (String::new(), String::new(), Some(id)),
        };
        names.push(address);
        authors.push(author);
        slugs.push(slug);
        ids.push(id);
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut dead = queries::lead_nowhere(conn, &authors, &slugs, &ids).await?;
    dead.sort_unstable();
    let dead = dead
        .into_iter()
        .filter_map(|place| usize::try_from(place - 1).ok());
    let mut dead: Vec<&str> = dead.map(|place| names[place]).collect();
    dead.dedup();
    Ok(dead)
}

/// Where an address is that of a post here, or was.
fn linked(address: &str, origin: &str) -> Option<Linked> {
    let path = address.strip_prefix(origin).unwrap_or(address);
    let path = path.split(['?', '#']).next()?;
    let path = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    if path.chars().any(char::is_control) {
        return None;
    }
    if let Some(id) = path.strip_prefix("/p/") {
        return Uuid::parse_str(id).ok().map(Linked::ById);
    }
    let (author, slug) = path.strip_prefix("/@")?.split_once('/')?;
    let slug = slug.trim_end_matches('/');
    let slug = slug.strip_suffix(".md").unwrap_or(slug);
    // Feeds and the other places of an author are no posts.
    let is_post = !slug.is_empty() && !slug.contains(['/', '.']) && !is_feed(slug);
    is_post.then(|| Linked::At {
        author: author.to_owned(),
        slug: slug.to_owned(),
    })
}

fn is_feed(slug: &str) -> bool {
    matches!(slug, "feed" | "rss")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_posts_are_told_from_others() {
        let origin = "https://blog.example";
        for (address, post) in [
            ("/@ann/low-tide", Some("ann low-tide")),
            ("/@ann/low-tide.md", Some("ann low-tide")),
            ("/@ann/low-tide/?a=b#c", Some("ann low-tide")),
            ("https://blog.example/@ann/low-tide", Some("ann low-tide")),
            ("/@%D8%A8%D8%B3%D8%A7%D9%85/x", Some("بسام x")),
            ("https://other.example/@ann/low-tide", None),
            ("/@ann", None),
            ("/@ann/", None),
            ("/@ann/feed", None),
            ("/@ann/feed.atom", None),
            ("/@ann/low-tide/corrections", None),
            ("/about", None),
            ("/p/none", None),
            ("mailto:ann@example.org", None),
            ("//blog.example/@ann/x", None),
            ("/@%ff/x", None),
            ("/@ann/%00", None),
        ] {
            let found = linked(address, origin).map(|linked| match linked {
                Linked::At { author, slug } => format!("{author} {slug}"),
                Linked::ById(id) => id.to_string(),
            });
            assert_eq!(found.as_deref(), post, "{address}");
        }
        let id = Uuid::from_u128(7);
        let by_id = linked(&format!("/p/{id}"), origin);
        assert!(matches!(by_id, Some(Linked::ById(found)) if found == id));
    }
}
