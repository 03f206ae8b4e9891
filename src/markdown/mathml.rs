//! Which MathML passes, and how long its lengths may be.

use super::tags::{self, Piece};

/// Lengths, in em, to either side. Wider than any column of text, but no page can be made endless with them.
const LENGTH_LIMIT: f32 = 20.0;

/// A step back over what stands before is a matter of a letter or two.
const BACK_LIMIT: f32 = -2.0;

/// The MathML without `style` attributes (a strict content policy forbids them), or `None` if it
/// holds anything but known elements and attributes. The crate escapes correctly today; this is
/// what keeps an update of it from becoming a hole.
pub(super) fn vetted(html: &str) -> Option<String> {
    let mut out = String::with_capacity(html.len());
    for piece in tags::pieces(html) {
        match piece {
            Piece::Text(text) => {
                if text.contains(['<', '>']) {
                    return None;
                }
                out.push_str(text);
            }
            Piece::Tag(tag) => push_vetted_tag(&mut out, tag)?,
        }
    }
    Some(out)
}

fn push_vetted_tag(out: &mut String, tag: &str) -> Option<()> {
    let name = tags::name(tag).trim_end_matches('/');
    if !ELEMENTS.contains(&name.trim_start_matches('/')) {
        return None;
    }
    out.push('<');
    out.push_str(name);
    let end = tag.strip_suffix('>')?;
    let end = end.strip_suffix('/').unwrap_or(end);
    let mut rest = end.get(1 + name.len()..)?.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        push_vetted_attribute(out, key, value)?;
        rest = after.trim();
    }
    out.push_str(if tag.ends_with("/>") { "/>" } else { ">" });
    Some(())
}

/// Leaves a `style` out; `None` for any other that is not known.
fn push_vetted_attribute(out: &mut String, key: &str, value: &str) -> Option<()> {
    if LENGTHS.contains(&key) {
        // Without a length that can be read the element has its natural size.
        if let Some(length) = bounded(value) {
            out.push_str(&format!(" {key}=\"{length}\""));
        }
    } else if ATTRIBUTES.contains(&key) && !value.contains(['<', '>']) {
        out.push_str(&format!(" {key}=\"{value}\""));
    } else if key != "style" {
        return None;
    }
    Some(())
}

const ELEMENTS: [&str; 24] = [
    "math",
    "mrow",
    "mi",
    "mo",
    "mn",
    "ms",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
];

/// A length within the limits, as it was typed where it was; several, as column specifications have them, each by
/// itself. `None`: no lengths.
fn bounded(value: &str) -> Option<String> {
    let lengths: Option<Vec<_>> = value.split_ascii_whitespace().map(bounded_length).collect();
    lengths
        .filter(|lengths| !lengths.is_empty() && lengths.len() <= 100)
        .map(|lengths| lengths.join(" "))
}

fn bounded_length(value: &str) -> Option<String> {
    let unit =
        value.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number: f32 = value.strip_suffix(unit)?.parse().ok()?;
    // A unit that browsers do not know; the crate has turned the number into em already.
    if unit == "mu" {
        return Some(format!("{}em", number.clamp(BACK_LIMIT, LENGTH_LIMIT)))
            .filter(|_| number.is_finite());
    }
    let em = number * in_em(unit)?;
    if (BACK_LIMIT..=LENGTH_LIMIT).contains(&em) {
        return Some(value.to_owned());
    }
    em.is_finite()
        .then(|| format!("{}em", em.clamp(BACK_LIMIT, LENGTH_LIMIT)))
}

fn in_em(unit: &str) -> Option<f32> {
    Some(match unit {
        "em" => 1.0,
        "ex" => 0.5,
        "px" => 1.0 / 16.0,
        "pt" => 1.0 / 12.0,
        "pc" => 1.0,
        "in" => 6.0,
        "cm" => 2.4,
        "mm" => 0.24,
        // A factor, or per cent of what is natural.
        "%" => 0.01,
        "" => 1.0,
        _ => return None,
    })
}

const LENGTHS: [&str; 11] = [
    "width",
    "height",
    "depth",
    "voffset",
    "lspace",
    "rspace",
    "minsize",
    "maxsize",
    "linethickness",
    "columnspacing",
    "rowspacing",
];

const ATTRIBUTES: [&str; 22] = [
    "dir",
    "display",
    "displaystyle",
    "scriptlevel",
    "mathvariant",
    "stretchy",
    "symmetric",
    "form",
    "fence",
    "separator",
    "largeop",
    "movablelimits",
    "accent",
    "accentunder",
    "columnalign",
    "rowalign",
    "columnlines",
    "rowlines",
    "columnspan",
    "class",
    "xmlns",
    "intent",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_mathml_passes() {
        assert_eq!(
            vetted("<mi style=\"color:red\" class=\"a\">x</mi>").unwrap(),
            "<mi class=\"a\">x</mi>"
        );
        assert_eq!(
            vetted("<mspace width=\"1em\" />").unwrap(),
            "<mspace width=\"1em\"/>"
        );
        for bad in [
            "<script>",
            "<mi onclick=\"x\">",
            "<mi href=\"x\">",
            "<maction>",
            "a < b",
            "<mi a>",
        ] {
            assert_eq!(vetted(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(bounded("1em 9999em"), Some("1em 20em".into()));
        for bad in ["", "NaNem", "infem", "1e9em", "calc(1em)", "5vw", "--1em"] {
            assert_eq!(bounded(bad), None, "{bad}");
        }
    }
}
