//! What an account is on the site. No ladder: an editor does not moderate, a moderator does not edit. So a role is asked for what it may do,
//! never compared with another one.

/// The role of an account, named as in the database and in forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Reader,
    /// Writes, and submits for review.
    Contributor,
    Author,
    /// Edits and publishes the posts of all.
    Editor,
    /// An author who decides on the comments of all.
    Moderator,
    Admin,
    Owner,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::Reader,
        Role::Contributor,
        Role::Author,
        Role::Editor,
        Role::Moderator,
        Role::Admin,
        Role::Owner,
    ];

    /// Those that an invitation may give.
    pub const INVITED: [Role; 4] = [Role::Reader, Role::Contributor, Role::Author, Role::Editor];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Contributor => "contributor",
            Role::Author => "author",
            Role::Editor => "editor",
            Role::Moderator => "moderator",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }

    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.as_str() == word)
    }

    /// From a database column whose check constraint allows only our words.
    pub fn from_column(word: &str) -> Role {
        Role::parse(word).unwrap_or(Role::Reader)
    }

    /// Has drafts of its own.
    pub fn writes(self) -> bool {
        self != Role::Reader
    }

    /// Makes its own posts public, and decides on the comments under them.
    pub fn publishes(self) -> bool {
        !matches!(self, Role::Reader | Role::Contributor)
    }

    /// Edits, publishes and schedules the posts of all, and names authors without asking them.
    pub fn edits_all(self) -> bool {
        matches!(self, Role::Editor) || self.manages()
    }

    /// Decides on the comments of all.
    pub fn moderates(self) -> bool {
        matches!(self, Role::Moderator) || self.manages()
    }

    /// Has the site in hand: pages, settings, accounts.
    pub fn manages(self) -> bool {
        matches!(self, Role::Admin | Role::Owner)
    }

    /// Whether this role may make the account of that role another one: below its own on both sides, so that an admin makes no
    /// admins, and no owner vanishes.
    pub fn outranks(self, other: Role) -> bool {
        match self {
            Role::Owner => other != Role::Owner,
            Role::Admin => !other.manages(),
            _ => false,
        }
    }
}
