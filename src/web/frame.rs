//! What stands around every page: the head, the bar, the foot. Public pages hold nothing personal in it;
//! the reader's own name comes by the private fetch.

use chrono_tz::Tz;

use crate::markdown;
use crate::messages::{self, Message, text};
use crate::web::accent::Accent;
use crate::web::head::Head;
use crate::web::route_words::{ARCHIVE, AUTHORS, YieldingList};

/// A page of the site menu.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct MenuItem {
    /// As the menu names it.
    pub title: String,
    /// Its address, with the slash before.
    pub path: String,
}

/// A link that the site wants in the foot of every page.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct FooterLink {
    /// As the foot names it.
    pub title: String,
    /// A path of this site, or a whole address.
    pub address: String,
}

/// A file of a picture that the site has of its own.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct PictureFile {
    /// Among the assets.
    pub name: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl PictureFile {
    /// Its address on this site.
    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// Pictures of the site, each with its files; without any where there is none.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct SitePictures {
    /// In place of the name. One file.
    pub logo: Vec<PictureFile>,
    /// In tabs and on home screens, from the smallest to the largest.
    pub icon: Vec<PictureFile>,
    /// For links to pages without a picture of their own. One file.
    pub social: Vec<PictureFile>,
}

/// Side of the icon that telephones put on the home screen; smaller ones are for tabs.
pub const TOUCH_ICON: u32 = 180;

/// The account that looks at a private page.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The handle, without `@`.
    pub username: String,
    /// The display name.
    pub name: String,
    /// The picture's id; a drawn letter where there is none.
    pub avatar_id: Option<uuid::Uuid>,
    /// Shows the way to the editor. Like those below it only hides links: each act asks again.
    pub can_write: bool,
    /// Shows the queue of comments.
    pub can_decide: bool,
    /// Shows the settings of the site.
    pub can_manage: bool,
    /// That queue is of the whole site.
    pub can_moderate: bool,
}

/// The site as every page names it.
#[derive(Clone, Debug)]
pub struct SiteFrame {
    /// The name of the site.
    pub name: String,
    /// One line below the name; may be empty.
    pub tagline: String,
    /// What the site says of itself; may be empty.
    pub description: String,
    /// For `lang`: a BCP 47 tag.
    pub language: String,
    /// In which days and months are counted.
    pub time_zone: Tz,
    /// Scheme and host, without a slash at the end.
    pub origin: String,
    /// Pages of the site menu, in its order.
    pub menu: Vec<MenuItem>,
    /// The path of its own that the page has which is the front page, if one is.
    pub front_page: Option<String>,
    /// Further links in the foot.
    pub footer_links: Vec<FooterLink>,
    /// In place of the design's own colour.
    pub accent: Option<Accent>,
    /// Logo, icon and social image.
    pub pictures: SitePictures,
}

/// Number of pages of the menu in the bar itself, and of the letters in their titles: what a bar of 68rem has room for.
const BAR_PAGES: usize = 3;
const BAR_LETTERS: usize = 40;

impl SiteFrame {
    /// What stands in place of the name.
    pub fn logo(&self) -> Option<&PictureFile> {
        self.pictures.logo.first()
    }

    /// What links to pages show that have no picture of their own.
    pub fn social_image(&self) -> Option<&PictureFile> {
        self.pictures.social.first()
    }

    /// The lists of the whole site, with their names. Where a page of the menu has the address of one, that list stands aside.
    pub fn lists(&self) -> [(&'static str, Message); 4] {
        [
            ("/newest", text::layout_newest()),
            ("/t", text::layout_tags()),
            (self.authors(), text::layout_authors()),
            (self.archive(), text::layout_archive()),
        ]
    }

    /// Path of the list of authors.
    pub fn authors(&self) -> &'static str {
        self.path_of(&AUTHORS)
    }

    /// Path of the archive.
    pub fn archive(&self) -> &'static str {
        self.path_of(&ARCHIVE)
    }

    fn path_of(&self, list: &YieldingList) -> &'static str {
        let front_page = self.front_page.as_deref();
        let own_path = |item: &MenuItem| match item.path.as_str() {
            "/" => front_page == Some(list.path),
            path => path == list.path,
        };
        if self.menu.iter().any(own_path) {
            list.aside
        } else {
            list.path
        }
    }

    /// The pages that a wide bar has room for.
    pub fn bar_pages(&self) -> &[MenuItem] {
        let mut letters = 0;
        let fits = |item: &&MenuItem| {
            letters += item.title.chars().count();
            letters <= BAR_LETTERS
        };
        let count = self.menu.iter().take(BAR_PAGES).take_while(fits).count();
        &self.menu[..count]
    }

    /// Whether a wide bar needs its menu too.
    pub fn has_more_pages(&self) -> bool {
        self.menu.len() > self.bar_pages().len()
    }
}

/// Everything around the main part of a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The same on every page.
    pub site: SiteFrame,
    /// Of this page.
    pub head: Head,
    /// `None` on public pages, which are the same bytes for every reader.
    pub viewer: Option<Viewer>,
    /// Public id of the post shown, for the private fetch.
    pub post_id: Option<String>,
    /// What the act said that led to this page; only on private pages.
    pub notice: Notice,
}

/// What an act says on the page that follows it.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    /// What was done, and whether readers still see what was taken down. May be empty.
    pub words: String,
    /// For operators: which nodes have not confirmed. May be empty.
    pub details: String,
    /// The ticket by which it is undone, and the address of this page, to come back to.
    pub undo: Option<(String, String)>,
}

impl Frame {
    /// A frame without the site's settings, for error pages that must not ask the database.
    pub fn bare(head: Head) -> Self {
        let site = SiteFrame {
            name: text::errors_site().into(),
            tagline: String::new(),
            description: String::new(),
            language: "en".into(),
            time_zone: Tz::UTC,
            origin: String::new(),
            menu: Vec::new(),
            front_page: None,
            footer_links: Vec::new(),
            accent: None,
            pictures: SitePictures::default(),
        };
        Frame {
            site,
            head,
            viewer: None,
            post_id: None,
            notice: Notice::default(),
        }
    }

    /// Whether this is the page at a path.
    pub fn is_at(&self, path: &str) -> bool {
        let canonical = &self.head.canonical;
        canonical.strip_prefix(self.site.origin.as_str()) == Some(path)
    }

    /// `Title · Site`, or the site alone on its front page.
    pub fn title(&self) -> String {
        if self.head.title.is_empty() {
            self.site.name.clone()
        } else {
            format!("{} · {}", self.head.title, self.site.name)
        }
    }
}

/// What an author's text says of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct TextLanguage<'a> {
    /// Empty: unknown.
    pub language: &'a str,
    /// For `dir`: `ltr` or `rtl`.
    pub direction: &'static str,
}

impl<'a> TextLanguage<'a> {
    /// `own` is what its author chose, `sample` some of the text: where nothing was chosen it is in the site's language,
    /// unless its letters run the other way.
    pub fn of(own: &'a str, site: &'a str, sample: &str) -> Self {
        let language = if own.is_empty() { site } else { own };
        let direction = direction(language);
        match markdown::direction(sample) {
            Some(seen) if own.is_empty() && seen != direction => Self {
                language: "",
                direction: seen,
            },
            _ => Self {
                language,
                direction,
            },
        }
    }
}

/// Which of the eight colours the letter stands on that takes the place of a picture: the same for a name on every page. The
/// account menu's script computes it too.
pub fn hue(name: &str) -> u32 {
    name.chars().map(u32::from).fold(0, u32::wrapping_add) % 8
}

/// Whether a title takes more than three lines at its full size, so that a smaller one is shown.
pub fn is_long_title(title: &str) -> bool {
    // Ideographs and what follows them are twice as wide as other letters.
    let width = |letter: char| if letter >= '\u{2e80}' { 2 } else { 1 };
    title.chars().map(width).sum::<usize>() > 80
}

/// The direction of the words that every page has from us.
pub fn interface_direction() -> &'static str {
    direction(messages::language())
}

/// `rtl` for languages written from right to left.
pub fn direction(language: &str) -> &'static str {
    let primary = language
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match primary.as_str() {
        "ar" | "fa" | "he" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" | "ckb" => "rtl",
        _ => "ltr",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(titles: &[&str]) -> (usize, bool) {
        let mut site = Frame::bare(Head::default()).site;
        site.menu = titles
            .iter()
            .map(|title| MenuItem {
                title: (*title).to_owned(),
                path: format!("/{title}"),
            })
            .collect();
        (site.bar_pages().len(), site.has_more_pages())
    }

    #[test]
    fn the_bar_has_the_pages_that_it_has_room_for() {
        assert_eq!(bar(&[]), (0, false));
        assert_eq!(bar(&["About", "Imprint", "Team"]), (3, false));
        assert_eq!(bar(&["About", "Imprint", "Team", "Press"]), (3, true));
        let long = "Guidelines for new contributors";
        assert_eq!(bar(&["About", long, "Imprint"]), (2, true));
        assert_eq!(bar(&[long, long]), (1, true));
        assert_eq!(bar(&["ö".repeat(41).as_str()]), (0, true));
    }

    #[test]
    fn a_title_is_long_by_the_room_that_it_takes() {
        assert!(!is_long_title(&"x".repeat(80)));
        assert!(is_long_title(&"x".repeat(81)));
        assert!(!is_long_title(&"字".repeat(40)));
        assert!(is_long_title(&"字".repeat(41)));
    }

    #[test]
    fn a_list_whose_address_a_page_of_the_menu_has_is_linked_aside() {
        let mut site = Frame::bare(Head::default()).site;
        assert_eq!((site.archive(), site.authors()), ("/archive", "/authors"));
        site.menu.push(MenuItem {
            title: "Archive".to_owned(),
            path: "/archive".to_owned(),
        });
        assert_eq!(
            (site.archive(), site.authors()),
            ("/newest/archive", "/authors")
        );
    }

    #[test]
    fn a_text_has_the_language_of_its_author_else_of_the_site() {
        for (own, sample, language, direction) in [
            ("", "Hello", "en", "ltr"),
            ("", "2026", "en", "ltr"),
            ("", "مرحبا", "", "rtl"),
            ("ar", "React", "ar", "rtl"),
            ("de", "שלום", "de", "ltr"),
        ] {
            assert_eq!(
                TextLanguage::of(own, "en", sample),
                TextLanguage {
                    language,
                    direction
                },
                "{own} {sample}"
            );
        }
    }
}
