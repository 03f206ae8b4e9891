//! The forms beside the editor as they come, unchecked: strings. The editor's own is in [`draft`](super::draft).

use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct RenameForm {
    pub name: String,
    pub slug: String,
    /// Whether the former name may become a tag of its own.
    pub frees_name: String,
    /// The tag that it is to become a part of; only carried back.
    pub into: String,
}

/// A form of its own: nodes of the release before refuse fields that they do not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescriptionForm {
    pub description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeForm {
    /// The address of the tag that stays.
    pub into: String,
}
