//! A title in lines: as large as it fits, and of about the same length.

use unicode_segmentation::UnicodeSegmentation;

use super::lettering::Line;

/// Tried from the largest, in pixels.
const SIZES: [f32; 7] = [100.0, 90.0, 80.0, 72.0, 64.0, 56.0, 50.0];
/// Of a line, as a share of the size.
pub const LEADING: f32 = 1.12;
/// Halvings of the width in which lines become equally long.
const HALVINGS: u32 = 6;

/// The lines, and their size.
pub struct Title {
    pub lines: Vec<Line>,
    pub size: f32,
}

/// The largest size at which the text fits; at the smallest, what has no room is cut off.
pub fn fit(text: &str, (width, height): (f32, f32)) -> Title {
    let room = |size: f32| ((height / (size * LEADING)) as usize).max(1);
    let words = measured(text.split(' '));
    for size in SIZES {
        let lines = fill(&words, " ", width / size);
        if lines.len() <= room(size) && all_within(&lines, width / size) {
            return title(&balanced(&words, width / size, lines), size);
        }
    }
    let size = SIZES[SIZES.len() - 1];
    title(&cut(text, width / size, room(size)), size)
}

/// A single line, cut off where it has no room.
pub fn one(text: &str, size: f32, width: f32) -> Line {
    let whole = Line::new(text, size);
    if whole.width <= width {
        return whole;
    }
    let cut = cut(text, width / size, 1);
    Line::new(cut.first().map_or("", |line| &line.text), size)
}

fn title(lines: &[Part], size: f32) -> Title {
    let lines = lines
        .iter()
        .map(|line| Line::new(&line.text, size))
        .collect();
    Title { lines, size }
}

/// Of a text, with its width at the size 1: to bring it into shape takes long, so each word is measured once for all sizes.
#[derive(Clone)]
struct Part {
    text: String,
    width: f32,
}

impl Part {
    fn new(text: &str) -> Part {
        Part {
            text: text.to_owned(),
            width: Line::new(text, 1.0).width,
        }
    }
}

fn measured<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Part> {
    texts.map(Part::new).collect()
}

fn all_within(lines: &[Part], width: f32) -> bool {
    lines.iter().all(|line| line.width <= width)
}

/// As many parts in each line as it has room for. One that is longer than a line has one to itself.
fn fill(parts: &[Part], between: &str, width: f32) -> Vec<Part> {
    let gap = Line::new(between, 1.0).width;
    let mut lines: Vec<Part> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width + gap + part.width <= width => {
                line.text.push_str(between);
                line.text.push_str(&part.text);
                line.width += gap + part.width;
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}

/// The same number of lines in the least width that holds them: no single word below a full line.
fn balanced(words: &[Part], width: f32, mut lines: Vec<Part>) -> Vec<Part> {
    let (mut least, mut most) = (width / 2.0, width);
    for _ in 0..HALVINGS {
        let middle = f32::midpoint(least, most);
        let tried = fill(words, " ", middle);
        if tried.len() == lines.len() && all_within(&tried, middle) {
            (most, lines) = (middle, tried);
        } else {
            least = middle;
        }
    }
    lines
}

/// So many lines as there is room for, the last one with three dots where there were more. Words longer than a line are broken.
fn cut(text: &str, width: f32, room: usize) -> Vec<Part> {
    let broken = |word: &str| match Part::new(word) {
        whole if whole.width <= width => vec![whole],
        _ => fill(&measured(word.graphemes(true)), "", width),
    };
    let parts: Vec<Part> = text.split(' ').flat_map(broken).collect();
    let mut lines = fill(&parts, " ", width);
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            *last = with_dots(&last.text, width);
        }
    }
    lines
}

fn with_dots(line: &str, width: f32) -> Part {
    let mut kept: Vec<&str> = line.graphemes(true).collect();
    loop {
        let dotted = Part::new(&format!("{}…", kept.concat().trim_end()));
        if kept.is_empty() || dotted.width <= width {
            return dotted;
        }
        kept.pop();
    }
}
