//! The names under which generators, their plugins and themes know the settings that hide a document. How their values are
//! read stands in [`super::setting_values`].

use super::visibility::{Reason, Visibility};

/// A setting that is yes or no. `when`: the answer that hides.
pub(super) struct Flag {
    pub(super) names: &'static [&'static str],
    pub(super) when: bool,
    pub(super) visibility: Visibility,
    pub(super) reason: Reason,
    /// Whether a value that is neither yes nor no hides too.
    pub(super) strict: bool,
}

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        names: &[
            "draft",
            "drafts",
            "isdraft",
            "unpublished",
            "donotpublish",
            "dontpublish",
            "nopublish",
            "wip",
            "trashed",
            "deleted",
        ],
        when: true,
        visibility: Visibility::Draft,
        reason: Reason::Draft,
        strict: true,
    },
    Flag {
        names: &[
            "published",
            "publish",
            "ispublished",
            "public",
            "ispublic",
            "dgpublish",
        ],
        when: false,
        visibility: Visibility::Draft,
        reason: Reason::Draft,
        strict: true,
    },
    Flag {
        names: &["headless"],
        when: true,
        visibility: Visibility::Draft,
        reason: Reason::NotBuilt,
        strict: true,
    },
    Flag {
        names: &[
            "render",
            "routable",
            "permalink",
            "enabled",
            "enable",
            "output",
        ],
        when: false,
        visibility: Visibility::Draft,
        reason: Reason::NotBuilt,
        strict: false,
    },
    Flag {
        names: &[
            "private",
            "isprivate",
            "secret",
            "confidential",
            "membersonly",
            "memberonly",
            "subscribersonly",
            "subscriberonly",
            "restricted",
            "protected",
            "passwordprotected",
            "encrypt",
            "encrypted",
            "loginrequired",
            "requireslogin",
            "paywall",
            "paywalled",
            "paid",
            "paidonly",
            "premium",
            "sage",
        ],
        when: true,
        visibility: Visibility::Draft,
        reason: Reason::Private,
        strict: true,
    },
    Flag {
        names: &[
            "unlisted",
            "isunlisted",
            "hidden",
            "ishidden",
            "noindex",
            "robotsnoindex",
            "linkonly",
            "stealth",
        ],
        when: true,
        visibility: Visibility::Unlisted,
        reason: Reason::Hidden,
        strict: true,
    },
    Flag {
        names: &[
            "hide",
            "exclude",
            "excluded",
            "hiddenfromhomepage",
            "hiddeninhomelist",
            "hiddenfromhome",
            "hidefromhome",
            "hidefromhomepage",
            "hidefromlist",
            "hidefromlists",
            "hideinlist",
            "hidepost",
            "notinlist",
            "excludefromlist",
            "excludefromlists",
            "excludefromcollections",
            "eleventyexcludefromcollections",
            "sitemapexclude",
            "excludefromsitemap",
        ],
        when: true,
        visibility: Visibility::Unlisted,
        reason: Reason::Hidden,
        strict: false,
    },
    Flag {
        names: &[
            "listed",
            "list",
            "inlist",
            "showinlist",
            "visible",
            "index",
            "indexed",
            "indexable",
            "sitemap",
        ],
        when: false,
        visibility: Visibility::Unlisted,
        reason: Reason::Hidden,
        strict: false,
    },
];

pub(super) const SCHEDULED: Flag = Flag {
    names: &["scheduled", "embargo", "embargoed"],
    when: true,
    visibility: Visibility::Draft,
    reason: Reason::Scheduled,
    strict: false,
};

pub(super) const PASSWORDS: [&str; 6] = [
    "password",
    "passwd",
    "pwd",
    "encpwd",
    "passphrase",
    "postpassword",
];
/// Since when it may be seen. The first three are the generators' own.
pub(super) const STARTS: [&str; 16] = [
    "date",
    "publishdate",
    "pubdate",
    "published",
    "publishedat",
    "publishat",
    "publishon",
    "datepublished",
    "pubdatetime",
    "scheduled",
    "scheduledat",
    "scheduledfor",
    "releasedate",
    "embargo",
    "embargoeduntil",
    "embargountil",
];
pub(super) const ENDS: [&str; 11] = [
    "expirydate",
    "expirationdate",
    "expires",
    "expire",
    "expiresat",
    "expireson",
    "expiry",
    "unpublishdate",
    "unpublishat",
    "unpublishon",
    "validuntil",
];
pub(super) const STATUS: [&str; 5] = [
    "status",
    "state",
    "poststatus",
    "publishstatus",
    "publicationstatus",
];
/// These name a template; a few of its names tell who may see the page.
pub(super) const TEMPLATE: [&str; 4] = ["type", "layout", "posttype", "template"];
pub(super) const ACCESS: [&str; 5] = ["visibility", "privacy", "access", "accesslevel", "audience"];

/// What a word of a status or of an access level hides.
pub(super) fn meaning(word: &str) -> Option<(Visibility, Reason)> {
    Some(match word {
        "draft" | "drafts" | "autodraft" | "pending" | "pendingreview" | "inreview" | "review"
        | "wip" | "inprogress" | "unpublished" | "notpublished" | "trash" | "trashed"
        | "deleted" | "inherit" | "offline" | "inactive" | "disabled" => {
            (Visibility::Draft, Reason::Draft)
        }
        "scheduled" | "future" | "queued" | "embargo" | "embargoed" => {
            (Visibility::Draft, Reason::Scheduled)
        }
        "expired" => (Visibility::Draft, Reason::Draft),
        "private" | "member" | "members" | "membersonly" | "paid" | "paidmembers"
        | "subscriber" | "subscribers" | "subscribersonly" | "premium" | "password"
        | "protected" | "passwordprotected" | "internal" | "restricted" | "secret"
        | "confidential" | "friends" | "followers" | "tiers" | "loggedin" | "authenticated"
        | "registered" | "encrypted" => (Visibility::Draft, Reason::Private),
        "unlisted" | "hidden" | "link" | "linkonly" | "withlink" | "noindex" => {
            (Visibility::Unlisted, Reason::Hidden)
        }
        _ => return None,
    })
}

/// What a site calls its own dates.
#[derive(Debug, Default)]
pub(super) struct DateNames {
    pub(super) starts: Vec<String>,
    pub(super) ends: Vec<String>,
}
