//! The style sheet of an accent, and its name.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{Accent, Rgb};

/// Of the sheet.
pub const CONTENT_TYPE: &str = "text/css; charset=utf-8";
/// Hexadecimal digits of the hash in a name, as the embedded files have them.
const HASH_DIGITS: usize = 12;

impl Accent {
    /// The rules. They stand for screens only: paper is black on white.
    pub fn sheet(self) -> String {
        let shades = self.shades();
        let (light, dark) = (shades.light, shades.dark);
        let both = format!("light-dark({light}, {dark})");
        format!(
            ":root {{\n  --accent: {both};\n  --accent-ink: {both};\n  --wash: light-dark({light}14, {dark}1f);\n  \
             --button: {both};\n  --button-hover: color-mix(in srgb, {both} 85%, var(--ink));\n}}\n"
        )
    }

    /// The name of the sheet among the assets.
    pub fn sheet_name(self) -> String {
        self.name_of(&self.sheet())
    }

    fn name_of(self, sheet: &str) -> String {
        let hash = HEXLOWER.encode(&Sha256::digest(sheet));
        let hex = self.0.to_string();
        format!("accent-{}-{}.css", &hex[1..], &hash[..HASH_DIGITS])
    }
}

/// The sheet of a name. None where it is that of another version, or of anything else.
pub fn sheet_called(name: &str) -> Option<String> {
    let (hex, _) = name.strip_prefix("accent-")?.split_once('-')?;
    let accent = Accent(Rgb::parse(&format!("#{hex}"))?);
    let sheet = accent.sheet();
    (accent.name_of(&sheet) == name).then_some(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_found_by_its_name_alone() {
        let accent = Accent::parse("#0b6e99").unwrap();
        let name = accent.sheet_name();
        assert!(name.starts_with("accent-0b6e99-"), "{name}");
        assert_eq!(sheet_called(&name), Some(accent.sheet()));
        assert!(accent.sheet().contains("--accent: light-dark(#0b6e99, #"));
        for other in [
            "accent-0b6e99-000000000000.css",
            "accent-0B6E99.css",
            "accent-xyz-000000000000.css",
            "accent-.css",
            "site.css",
        ] {
            assert_eq!(sheet_called(other), None, "{other}");
        }
        assert_eq!(sheet_called(&name.to_uppercase()), None);
    }
}
