//! Letters of the title's font: which it has, how they stand beside each other, and their outlines.

use std::sync::LazyLock;

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder, Tag};
use rustybuzz::{Face, Feature, UnicodeBuffer};
use unicode_normalization::UnicodeNormalization;

static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    let font = include_bytes!("../../../../static/fonts/literata-title.ttf");
    Face::from_slice(font, 0).expect("the font in the program is whole")
});

/// Figures as high as capitals.
const LINING: Tag = Tag::from_bytes(b"lnum");

/// The text in the letters that the font has. What is no letter, such as an emoji, is left out; `None` where a letter is missing, or
/// where nothing is left.
pub fn drawable(text: &str) -> Option<String> {
    let mut drawn = String::new();
    for sign in text.nfc() {
        if sign.is_whitespace() {
            drawn.push(' ');
        } else if FACE.glyph_index(sign).is_some() {
            drawn.push(sign);
        } else if sign.is_alphanumeric() {
            return None;
        }
    }
    let words: Vec<&str> = drawn.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A line of text at a size.
pub struct Line {
    /// Each with the place where it begins, in pixels.
    glyphs: Vec<(GlyphId, Point)>,
    /// In pixels.
    pub width: f32,
    scale: f32,
}

impl Line {
    /// `size` is that of the em, in pixels.
    pub fn new(text: &str, size: f32) -> Line {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(&FACE, &[Feature::new(LINING, 1, ..)], buffer);
        let scale = size / FACE.units_per_em() as f32;
        let (mut glyphs, mut at) = (Vec::with_capacity(shaped.len()), 0.0);
        for (glyph, place) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let (x, y) = (place.x_offset as f32, place.y_offset as f32);
            let begin = point(at + x * scale, y * scale);
            glyphs.push((GlyphId(glyph.glyph_id as u16), begin));
            at += place.x_advance as f32 * scale;
        }
        Line {
            glyphs,
            width: at,
            scale,
        }
    }

    /// Draws the outlines, beginning at `left` and standing on `baseline`.
    pub fn outline(&self, ink: &mut Rasterizer, (left, baseline): (f32, f32)) {
        for (glyph, begin) in &self.glyphs {
            let mut pen = Pen {
                ink,
                origin: point(left + begin.x, baseline - begin.y),
                scale: self.scale,
                start: point(0.0, 0.0),
                last: point(0.0, 0.0),
            };
            FACE.outline_glyph(*glyph, &mut pen);
        }
    }
}

/// Takes an outline in the units of the font, whose y points upwards.
struct Pen<'a> {
    ink: &'a mut Rasterizer,
    origin: Point,
    scale: f32,
    start: Point,
    last: Point,
}

impl Pen<'_> {
    fn place(&self, x: f32, y: f32) -> Point {
        point(
            self.origin.x + x * self.scale,
            self.origin.y - y * self.scale,
        )
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.place(x, y);
        self.last = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.place(x, y);
        self.ink.draw_line(self.last, to);
        self.last = to;
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.ink.draw_quad(self.last, self.place(x1, y1), to);
        self.last = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (one, two, to) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.ink.draw_cubic(self.last, one, two, to);
        self.last = to;
    }

    fn close(&mut self) {
        self.ink.draw_line(self.last, self.start);
        self.last = self.start;
    }
}
