//! Characters that are not seen, or change how others are.

/// Whether it has characters that are not drawn and change how their neighbours are: names with them pass for others, and
/// turn the sentence around that they stand in. Marks and joiners that Arabic, Hebrew or Hindi need are none of them.
pub fn has_text_controls(text: &str) -> bool {
    without_text_controls(text) != text
}

/// The same without them, for titles and texts in which they were pasted or imported: nothing that can be seen is lost.
pub fn without_text_controls(text: &str) -> String {
    // The flags of England, Scotland and Wales are spelled with tags behind a black flag.
    let mut in_flag = false;
    let is_kept = |c: &char| {
        in_flag = *c == '\u{1f3f4}' || in_flag && is_tag(*c);
        !is_text_control(*c) && (in_flag || !is_tag(*c))
    };
    text.chars().filter(is_kept).collect()
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Embeddings, overrides and isolates of the bidirectional algorithm, and what Unicode calls deprecated or not for plain text.
fn is_text_control(c: char) -> bool {
    matches!(c,
        '\u{202a}'..='\u{202e}' | '\u{2061}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}')
}

/// Whether anything of it can be seen.
pub fn is_visible(text: &str) -> bool {
    // The blank of Braille is a symbol without dots.
    let is_blank =
        |c: char| c.is_whitespace() || c.is_control() || is_default_ignorable(c) || c == '\u{2800}';
    text.chars().any(|c| !is_blank(c))
}

/// Unicode's Default_Ignorable_Code_Point: drawn as nothing where it has no effect on its neighbours.
pub fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}
