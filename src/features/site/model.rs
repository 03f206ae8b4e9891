//! The settings of the site. Their words stand in the database and in forms: one that is renamed is read as the strictest choice.

use chrono_tz::Tz;

use crate::markdown::Typography;
use crate::messages::{Message, text};
use crate::web::accent::Accent;
use crate::web::frame::{FooterLink, MenuItem, SitePictures};

/// A closed set of words that stand in the database, in forms and in pages.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// Who may make an account.
    SignUp { Open = "open", Invite = "invite", Closed = "closed" }
}

words! {
    /// The role of an account that signs up.
    SignUpRole { Reader = "reader", Contributor = "contributor", Author = "author" }
}

words! {
    /// Which comments appear at once.
    CommentPolicy { Off = "off", Members = "members", FirstHeld = "first_held", AllHeld = "all_held" }
}

words! {
    /// A picture that stands for the whole site.
    PictureKind { Logo = "logo", Icon = "icon", Social = "social" }
}

impl CommentPolicy {
    pub fn label(self) -> Message {
        match self {
            CommentPolicy::Off => text::site_comments_off(),
            CommentPolicy::Members => text::site_comments_members(),
            CommentPolicy::FirstHeld => text::site_comments_first_held(),
            CommentPolicy::AllHeld => text::site_comments_all_held(),
        }
    }
}

/// What the front page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Front {
    /// The newest posts with a lead, and the others by month.
    Magazine,
    /// The newest posts one below the other.
    List,
    /// A page, by its path.
    Page(String),
}

impl Front {
    /// A page that readers cannot see, or not any more, leaves its place to the posts.
    pub fn of(kind: &str, page: Option<String>) -> Front {
        match (kind, page) {
            ("list", _) => Front::List,
            ("page", Some(path)) => Front::Page(path),
            _ => Front::Magazine,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Front::Magazine => "magazine",
            Front::List => "list",
            Front::Page(_) => "page",
        }
    }

    /// Path of the page, if it is one.
    pub fn page(&self) -> Option<&str> {
        match self {
            Front::Page(path) => Some(path),
            _ => None,
        }
    }
}

/// The settings row and the menu.
#[derive(Clone, Debug)]
pub struct Site {
    pub name: String,
    pub tagline: String,
    /// What search engines and the front page say of it; may be empty.
    pub description: String,
    pub language: String,
    /// In which days and months are counted.
    pub time_zone: Tz,
    pub sign_up: SignUp,
    pub sign_up_role: SignUpRole,
    pub comment_policy: CommentPolicy,
    /// Quotes and dashes are set as the language has them, where a post says nothing else.
    pub typography: bool,
    pub set_up: bool,
    pub menu: Vec<MenuItem>,
    pub footer_links: Vec<FooterLink>,
    /// None: the design's own.
    pub accent: Option<Accent>,
    pub pictures: SitePictures,
    pub front: Front,
    /// Long posts begin with a large letter.
    pub drop_cap: bool,
}

impl Site {
    /// The accent as it is typed and stored; empty: the design's own.
    pub fn accent_text(&self) -> String {
        self.accent
            .map(|accent| accent.0.to_string())
            .unwrap_or_default()
    }

    pub fn typography(&self) -> SiteTypography {
        SiteTypography {
            is_on: self.typography,
            language: self.language.clone(),
        }
    }
}

/// What the site says of the typography of its texts. Along with the session and with a draft that is to be published, so that no
/// save asks for it in a round trip of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteTypography {
    pub is_on: bool,
    pub language: String,
}

impl SiteTypography {
    /// How a text is set whose post made this choice and is in this language; `text_typography` of the database is the same.
    pub fn of_text(&self, own: Option<bool>, language: &str) -> Typography {
        let language = if language.is_empty() {
            &self.language
        } else {
            language
        };
        if own.unwrap_or(self.is_on) {
            Typography::of(language)
        } else {
            Typography::OFF
        }
    }
}
