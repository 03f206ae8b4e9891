//! What stands where. Like a title page: the name of the site above, the title in the middle, its authors below.

use super::canvas::Canvas;
use super::lettering::{Line, drawable};
use super::lines::{self, LEADING, Title};
use super::subject::SocialImage;
use crate::web::accent::Rgb;

/// What those who show links ask for, in pixels.
pub const SIZE: (u32, u32) = (1200, 630);

/// As `tokens.css` has them.
const PAPER: Rgb = Rgb([0xfd, 0xfc, 0xf9]);
const INK: Rgb = Rgb([0x1c, 0x1a, 0x17]);
const SECOND_INK: Rgb = Rgb([0x57, 0x52, 0x4a]);

const MARGIN: u32 = 84;
const WIDTH: f32 = (SIZE.0 - 2 * MARGIN) as f32;
/// Of the colour along the upper edge.
const BAND: u32 = 14;
/// Of names, in pixels.
const NAME: f32 = 36.0;
const SITE_BASELINE: f32 = 122.0;
const AUTHORS_BASELINE: f32 = 552.0;
/// Between them: where the title stands.
const TITLE: (f32, f32) = (160.0, 478.0);
/// Of the frame of a plain picture: how far inside it stands, and how thick it is.
const FRAME: u32 = 36;
const LINE: u32 = 3;
/// Of capitals, as a share of the size.
const CAPITALS: f32 = 0.7;

/// The picture; a plain one where the font lacks letters of the title.
pub fn draw(image: &SocialImage) -> Canvas {
    match drawable(&image.title) {
        Some(title) => title_page(image, &title),
        None => plain(image),
    }
}

fn title_page(image: &SocialImage, title: &str) -> Canvas {
    let mut canvas = Canvas::new(SIZE, PAPER);
    canvas.rectangle((0, 0), (SIZE.0, BAND), image.accent);
    name(&mut canvas, &image.site, SITE_BASELINE, image.accent);
    let title = lines::fit(title, (WIDTH, TITLE.1 - TITLE.0));
    let middle = f32::midpoint(TITLE.0, TITLE.1);
    block(&mut canvas, &title, middle, |_| MARGIN as f32, INK);
    name(&mut canvas, &image.authors, AUTHORS_BASELINE, SECOND_INK);
    canvas
}

/// One line; nothing where the font lacks letters of it.
fn name(canvas: &mut Canvas, text: &str, baseline: f32, colour: Rgb) {
    if let Some(text) = drawable(text) {
        let line = lines::one(&text, NAME, WIDTH);
        canvas.text([(&line, (MARGIN as f32, baseline))], colour);
    }
}

/// The name of the site on its colour, if the font has its letters, in a frame.
fn plain(image: &SocialImage) -> Canvas {
    let mut canvas = Canvas::new(SIZE, image.accent);
    let inside = |side: u32, inset: u32| side - 2 * inset;
    for (inset, colour) in [(FRAME, PAPER), (FRAME + LINE, image.accent)] {
        let size = (inside(SIZE.0, inset), inside(SIZE.1, inset));
        canvas.rectangle((inset, inset), size, colour);
    }
    if let Some(site) = drawable(&image.site) {
        let title = lines::fit(&site, (WIDTH, TITLE.1 - TITLE.0));
        let centred = |line: &Line| (SIZE.0 as f32 - line.width) / 2.0;
        block(&mut canvas, &title, SIZE.1 as f32 / 2.0, centred, PAPER);
    }
    canvas
}

/// Lines around the height `middle`, each beginning where `left` says.
fn block(
    canvas: &mut Canvas,
    title: &Title,
    middle: f32,
    left: impl Fn(&Line) -> f32,
    colour: Rgb,
) {
    let advance = title.size * LEADING;
    let capitals = title.size * CAPITALS;
    let height = advance * (title.lines.len() as f32 - 1.0) + capitals;
    let first = middle - height / 2.0 + capitals;
    let placed = title.lines.iter().zip(0u16..).map(|(line, number)| {
        let baseline = first + advance * f32::from(number);
        (line, (left(line), baseline))
    });
    canvas.text(placed, colour);
}

#[cfg(test)]
mod tests {
    use super::super::subject::ACCENT;
    use super::*;

    fn image(title: &str) -> SocialImage {
        SocialImage {
            title: title.into(),
            authors: "Zoë Łukasiewicz, Анна".into(),
            site: "Masthead".into(),
            accent: ACCENT,
        }
    }

    fn drawn(image: &SocialImage) -> image::RgbImage {
        let png = draw(image).png().unwrap();
        assert!(png.len() < 40_000, "{}", png.len());
        let read = image::load_from_memory(&png).unwrap().to_rgb8();
        assert_eq!(read.dimensions(), SIZE);
        read
    }

    /// From the first to the last row, and from the first to the last column, that have ink of the title.
    fn inked(picture: &image::RgbImage) -> [u32; 4] {
        let rows = TITLE.0 as u32..TITLE.1 as u32;
        let dark = picture
            .enumerate_pixels()
            .filter(|(_, y, pixel)| rows.contains(y) && pixel.0[0] < 0x60);
        dark.fold(
            [u32::MAX, 0, u32::MAX, 0],
            |[top, bottom, left, right], (x, y, _)| {
                [top.min(y), bottom.max(y), left.min(x), right.max(x)]
            },
        )
    }

    #[test]
    fn a_title_stands_inside_the_margins_whatever_its_length() {
        let long = "Of what an honest clock can say about time ".repeat(12);
        let word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(3);
        for title in [
            "I",
            "A short one",
            "Ten ways in which a database tells that it is tired",
            &long,
            &word,
        ] {
            let [top, bottom, left, right] = inked(&drawn(&image(title)));
            assert!(
                top > TITLE.0 as u32 && bottom < TITLE.1 as u32 - 1,
                "{title}: {top} to {bottom}"
            );
            assert!(
                left >= MARGIN - 4 && right <= SIZE.0 - MARGIN + 4,
                "{title}: {left} to {right}"
            );
        }
    }

    #[test]
    fn a_title_of_several_lines_has_none_that_is_much_shorter() {
        let title = lines::fit(
            "Ten ways in which a database tells that it is tired",
            (WIDTH, 318.0),
        );
        let widths: Vec<f32> = title.lines.iter().map(|line| line.width).collect();
        assert!(
            widths.len() > 1 && widths.iter().all(|width| *width > WIDTH / 2.0),
            "{widths:?}"
        );
    }

    #[test]
    fn scripts_of_the_font_are_drawn_and_for_others_the_picture_is_plain() {
        for title in [
            "Übergänge",
            "Żółć",
            "Русский заголовок",
            "Ελληνικά",
            "Việt Nam",
            "Rust 🦀 in production",
        ] {
            assert!(image(title).shows_title(), "{title}");
            assert_eq!(drawn(&image(title)).get_pixel(4, 300).0, PAPER.0);
        }
        for title in [
            "日本語",
            "العربية",
            "עברית",
            "हिन्दी",
            "한국어",
            "Notes on 漢字",
            "🦀",
            "",
        ] {
            assert!(!image(title).shows_title(), "{title}");
            assert_eq!(drawn(&image(title)).get_pixel(4, 300).0, ACCENT.0);
        }
        let nothing = SocialImage {
            site: "日本語".into(),
            ..image("العربية")
        };
        assert_eq!(drawn(&nothing).get_pixel(600, 315).0, ACCENT.0);
    }

    #[test]
    fn the_version_changes_with_everything_that_is_drawn() {
        let versions = [
            image("a"),
            image("b"),
            SocialImage {
                authors: "x".into(),
                ..image("a")
            },
            SocialImage {
                site: "x".into(),
                ..image("a")
            },
            SocialImage {
                accent: Rgb([1, 2, 3]),
                ..image("a")
            },
            SocialImage {
                title: "aZ".into(),
                authors: "oë".into(),
                ..image("a")
            },
        ];
        let all: std::collections::BTreeSet<String> =
            versions.iter().map(SocialImage::version).collect();
        assert_eq!(all.len(), versions.len());
    }
}
