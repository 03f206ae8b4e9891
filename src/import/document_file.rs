//! A file that may be a document, with what its place and its front matter say of when it was published, and as what.

use super::fields::slug;
use super::front_matter::Parts;
use super::location::{Kind, Location, Published};
use super::pages::Page;
use super::permalink_template::Facts;
use super::rules::Rules;
use super::site::Site;
use super::visibility::{Decision, Reason, Visibility};
use super::warnings::{Warnings, quoted};
use super::{front_matter, location, permalinks, text};

pub(super) struct DocumentFile<'a> {
    pub(super) path: &'a str,
    pub(super) parts: Parts<'a>,
    pub(super) site: &'a Site,
    pub(super) location: Location<'a>,
    pub(super) published: Published,
    pub(super) kind: Kind,
    pub(super) slug: Option<String>,
}

impl<'a> DocumentFile<'a> {
    pub(super) fn of(
        path: &'a str,
        parts: Parts<'a>,
        site: &'a Site,
        warnings: &mut Warnings,
    ) -> Self {
        let location = location::of(path, site);
        let published = location::published(&parts.fields, &location, site.zone, warnings);
        let kind = location::kind(&parts.fields, &location, &published, site);
        if kind == Kind::Post && published.at.is_none() {
            warnings.add("no date was found");
        }
        Self {
            path,
            slug: slug(&parts.fields, &location),
            parts,
            site,
            location,
            published,
            kind,
        }
    }

    /// Where it was published first, or where its page led to.
    pub(super) fn source_url(&self) -> Option<&str> {
        self.parts
            .fields
            .text(&["source_url", "redirectto", "redirect_to", "redirect"])
    }

    pub(super) fn has_no_body(&self) -> bool {
        self.parts.body.trim().is_empty()
    }

    pub(super) fn says_nothing(&self) -> bool {
        self.parts.fields.text(&["title"]).is_none()
            && self.source_url().is_none()
            && self.has_no_body()
    }

    /// What addresses are made of.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            path: self.path,
            name: self.location.name,
            slug: self.slug.as_deref(),
            day: self.published.day,
            is_post: self.kind == Kind::Post,
        }
    }

    /// What is known of who may see it.
    pub(super) fn decide(&self, tags: &[String], rules: &Rules) -> Decision {
        let fields = [&self.parts.fields, &self.parts.overridden];
        let mut decision = rules.decide(self.path, self.location.language, &fields);
        let mut draft = |reason, why: &str| decision.hide(Visibility::Draft, reason, why);
        if self.location.in_drafts {
            draft(Reason::Draft, "it lies in a folder of drafts");
        }
        let Published { at, written, .. } = self.published;
        if !written && at.is_some_and(|at| at > rules.now()) {
            draft(Reason::Scheduled, "the date in its name lies in the future");
        }
        if let Some(why) = &self.parts.suspicion {
            draft(Reason::Unreadable, why);
        }
        if let Some(tag) = tags.iter().find(|tag| rules.is_locked(tag)) {
            let tag = quoted(tag);
            let why = format!("its tag {tag:?} has a password in the site’s settings");
            draft(Reason::Private, &why);
        }
        decision
    }
}

/// What links to the document of this file lead to: where it was on the old site, as far as that is known.
pub(super) fn page(path: &str, file: &str, site: &Site) -> Option<Page> {
    let parts = front_matter::split(file).ok()?;
    let mut warnings = Warnings::default();
    let file = DocumentFile::of(path, parts, site, &mut warnings);
    let fields = &file.parts.fields;
    let address = permalinks::own(fields, site, &file.facts(), &mut warnings)
        .into_iter()
        .next()?;
    let title = fields
        .text(&["title"])
        .map(text::plain)
        .filter(|title| !title.is_empty());
    Some(Page {
        address,
        title: title.unwrap_or_else(|| text::from_file_stem(file.location.name)),
    })
}
