//! Which posts begin with a large letter, where the site wants that.

/// Characters that a paragraph needs to reach below a letter three lines high.
const LEAST: usize = 240;

/// Whether a text begins with a paragraph that is long enough, and the paragraph with a letter that can stand apart from the
/// next: scripts without capitals have none that are made for it, and some join their letters.
pub fn suits(html: &str) -> bool {
    let Some((tag, text)) = html.trim_start().split_once('>') else {
        return false;
    };
    // It says in which direction it runs.
    if tag != "<p" && !tag.starts_with("<p ") {
        return false;
    }
    let paragraph = text.split_once("</p>").map_or(text, |(first, _)| first);
    paragraph.starts_with(char::is_uppercase) && shown(paragraph) >= LEAST
}

/// Characters outside of tags.
fn shown(html: &str) -> usize {
    let parts = html.split('<').enumerate();
    let outside = parts.map(|(n, part)| match part.split_once('>') {
        Some((_, after)) if n > 0 => after,
        _ => part,
    });
    outside.map(|part| part.chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_paragraph_suits_that_begins_with_a_capital() {
        let begins =
            |letters: &str, length| format!("<p>{letters}{}</p>\n<p>More</p>", "e".repeat(length));
        assert!(suits(&begins("O", 239)));
        assert!(suits(&begins("Ж", 239)));
        assert!(suits(&begins("O", 239).replace("<p>", "<p dir=\"auto\">")));
        assert!(!suits(&begins("O", 239).replace("<p>", "<pre>")));
        assert!(!suits(&begins("O", 238)), "it ends beside the letter");
        assert!(!suits(&begins("o", 300)));
        assert!(!suits(&begins("“O", 300)));
        assert!(!suits(&begins("ا", 300)));
        assert!(!suits(&begins("字", 300)));
        assert!(!suits(&begins("<img>O", 300)));
        assert!(!suits(&format!("<h2>A</h2>{}", begins("O", 300))));
        let link = format!("O <a href=\"{}\">e</a>", "x".repeat(300));
        assert!(!suits(&begins(&link, 100)), "an address is not shown");
    }
}
