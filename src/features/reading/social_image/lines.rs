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
    for size in SIZES {
        let lines = broken(text, size, width);
        let fits = lines.len() <= room(size) && lines.iter().all(|l| measure(l, size) <= width);
        if fits {
            return title(&balanced(text, size, width, lines), size);
        }
    }
    let size = SIZES[SIZES.len() - 1];
    title(&cut(text, size, width, room(size)), size)
}

/// A single line, cut off where it has no room.
pub fn one(text: &str, size: f32, width: f32) -> Line {
    Line::new(&cut(text, size, width, 1).concat(), size)
}

fn title(lines: &[String], size: f32) -> Title {
    let lines = lines.iter().map(|line| Line::new(line, size)).collect();
    Title { lines, size }
}

fn measure(text: &str, size: f32) -> f32 {
    Line::new(text, size).width
}

/// As many words in each line as it has room for. One that is longer than a line has one to itself.
fn broken(text: &str, size: f32, width: f32) -> Vec<String> {
    fill(text.split(' '), " ", size, width)
}

fn fill<'a>(
    parts: impl Iterator<Item = &'a str>,
    between: &str,
    size: f32,
    width: f32,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let longer = lines.last().map(|line| format!("{line}{between}{part}"));
        match (lines.last_mut(), longer) {
            (Some(line), Some(longer)) if measure(&longer, size) <= width => *line = longer,
            _ => lines.push(part.to_owned()),
        }
    }
    lines
}

/// The same number of lines in the least width that holds them: no single word below a full line.
fn balanced(text: &str, size: f32, width: f32, mut lines: Vec<String>) -> Vec<String> {
    let (mut least, mut most) = (width / 2.0, width);
    for _ in 0..HALVINGS {
        let middle = f32::midpoint(least, most);
        let tried = broken(text, size, middle);
        if tried.len() == lines.len() && tried.iter().all(|line| measure(line, size) <= middle) {
            (most, lines) = (middle, tried);
        } else {
            least = middle;
        }
    }
    lines
}

/// So many lines as there is room for, the last one with three dots where there were more. Words longer than a line are broken.
fn cut(text: &str, size: f32, width: f32, room: usize) -> Vec<String> {
    let parts: Vec<String> = text
        .split(' ')
        .flat_map(|word| fill(word.graphemes(true), "", size, width))
        .collect();
    let mut lines = fill(parts.iter().map(String::as_str), " ", size, width);
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            *last = with_dots(last, size, width);
        }
    }
    lines
}

fn with_dots(line: &str, size: f32, width: f32) -> String {
    let mut kept: Vec<&str> = line.graphemes(true).collect();
    loop {
        let dotted = format!("{}…", kept.concat().trim_end());
        if kept.is_empty() || measure(&dotted, size) <= width {
            return dotted;
        }
        kept.pop();
    }
}
