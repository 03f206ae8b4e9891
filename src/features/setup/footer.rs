//! Links in the foot of every page, as they are typed: a line for each, `Title | address`.

use crate::messages::{Message, text};
use crate::web::form;
use crate::web::frame::FooterLink;

/// As many as the table takes.
const MOST_LINKS: usize = 6;
const TITLE_CHARS: usize = 60;
const ADDRESS_BYTES: usize = 500;

pub(super) fn as_typed(links: &[FooterLink]) -> String {
    let lines = links
        .iter()
        .map(|link| format!("{} | {}", link.title, link.address));
    lines.collect::<Vec<_>>().join("\n")
}

/// The links, where each line has a title and an address to which a page may lead.
pub(super) fn parse(typed: &str) -> Result<Vec<FooterLink>, Message> {
    let lines = typed.lines().enumerate();
    let links = lines
        .filter(|(_, line)| !line.trim().is_empty())
        .take(MOST_LINKS + 1)
        .map(|(index, line)| link(index + 1, line))
        .collect::<Result<Vec<_>, _>>()?;
    if links.len() > MOST_LINKS {
        return Err(text::setup_footer_too_many(MOST_LINKS));
    }
    Ok(links)
}

fn link(number: usize, line: &str) -> Result<FooterLink, Message> {
    let (title, address) = line
        .rsplit_once('|')
        .ok_or_else(|| text::setup_footer_line(number))?;
    let title = form::prose_line(text::setup_footer_title(number), title, TITLE_CHARS)?;
    let address = safe(address.trim()).ok_or_else(|| text::setup_footer_address(number))?;
    if title.is_empty() {
        return Err(text::setup_footer_line(number));
    }
    Ok(FooterLink { title, address })
}

/// A path of this site, a mail address or a web address: nothing that a browser would run.
fn safe(address: &str) -> Option<String> {
    let is_plain = |text: &str| {
        text.len() <= ADDRESS_BYTES && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    let is_path = address.starts_with('/') && !address.starts_with("//");
    let is_mail = address.strip_prefix("mailto:").is_some_and(|to| {
        to.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
    });
    if is_path || is_mail {
        return (is_plain(address) && !address.contains('\\')).then(|| address.to_owned());
    }
    let web = form::web_address("", address, ADDRESS_BYTES).ok();
    web.filter(|web| !web.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_links_and_lines_again() {
        let typed =
            "Imprint | /imprint\nA | B | https://example.org/\nWrite | mailto:a@example.org";
        let links = parse(&format!("\n{typed}\r\n\n")).unwrap();
        assert_eq!((links.len(), links[1].title.as_str()), (3, "A | B"));
        assert_eq!(as_typed(&links), typed);
        assert!(parse("").unwrap().is_empty());
        assert!(parse(&"a | /a\n".repeat(6)).is_ok());
        assert!(parse(&"a | /a\n".repeat(7)).is_err());
    }

    #[test]
    fn addresses_that_lead_anywhere_else_are_refused() {
        for address in [
            "",
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "/a b",
            "/a\tb",
            "imprint",
            "https://",
            "https://ann:secret@example.org/",
            "mailto:",
            "mailto:@",
            "vbscript:x",
        ] {
            assert!(parse(&format!("Title | {address}")).is_err(), "{address}");
        }
        for line in ["Title", "| /a", " | ", "Title |"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
