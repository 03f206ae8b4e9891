//! The accent colour of a site: links, buttons and small signs have it in place of the design's own.
//!
//! It reaches pages as a style sheet of its own, which browsers load after that of the design. Its address has the colour and the
//! hash of the sheet, so every node computes it from the address alone, without the database; a sheet of another version, which
//! computes it otherwise, is in the table of [`assets`](crate::web::assets).

mod oklch;
mod rgb;
mod sheet;

use oklch::Oklch;
pub use rgb::Rgb;
pub use sheet::{CONTENT_TYPE, sheet_called};

/// What words in the colour stand on, as `tokens.css` has it: paper, what is raised from it and what is sunk into it.
const LIGHT_GROUNDS: [Rgb; 3] = [
    Rgb([0xfd, 0xfc, 0xf9]),
    Rgb([0xff, 0xff, 0xff]),
    Rgb([0xf4, 0xf1, 0xea]),
];
const DARK_GROUNDS: [Rgb; 3] = [
    Rgb([0x16, 0x15, 0x13]),
    Rgb([0x1e, 0x1d, 0x1a]),
    Rgb([0x21, 0x1f, 0x1c]),
];

/// Of words to their ground: WCAG 2.2, success criterion 1.4.3. A button has the paper's colour on the accent, which is the
/// same contrast.
const LEAST_CONTRAST: f64 = 4.5;
/// Halvings of the way to black or white: finer than a step of eight bits.
const HALVINGS: u32 = 10;

/// The colour that a site chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent(pub Rgb);

/// The colour as pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// On light pages.
    pub light: Rgb,
    /// On dark pages.
    pub dark: Rgb,
}

impl Accent {
    /// From `#rrggbb`.
    pub fn parse(text: &str) -> Option<Accent> {
        Rgb::parse(text).map(Accent)
    }

    /// The nearest colours of its hue in which words can be read on light and on dark pages.
    pub fn shades(self) -> Shades {
        Shades {
            light: readable(self.0, &LIGHT_GROUNDS, 0.0),
            dark: readable(self.0, &DARK_GROUNDS, 1.0),
        }
    }
}

/// The colour, or the nearest one towards the lightness `end` that is readable. Contrast grows on that way, and is enough at
/// its end.
fn readable(colour: Rgb, grounds: &[Rgb], end: f64) -> Rgb {
    let is_readable = |colour: &Rgb| {
        let least = grounds.iter().map(|ground| colour.contrast(*ground));
        least.fold(f64::INFINITY, f64::min) >= LEAST_CONTRAST
    };
    if is_readable(&colour) {
        return colour;
    }
    let own = Oklch::of(colour);
    let (mut near, mut far) = (own.lightness, end);
    let mut found = own.with_lightness(end);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(near, far);
        let tried = own.with_lightness(middle);
        if is_readable(&tried) {
            (far, found) = (middle, tried);
        } else {
            near = middle;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn least(colour: Rgb, grounds: &[Rgb]) -> f64 {
        let all = grounds.iter().map(|ground| colour.contrast(*ground));
        all.fold(f64::INFINITY, f64::min)
    }

    fn shades(typed: &str) -> (String, String) {
        let shades = Accent::parse(typed).unwrap().shades();
        (shades.light.to_string(), shades.dark.to_string())
    }

    #[test]
    fn what_can_be_read_stays_as_it_was_chosen() {
        assert_eq!(shades("#a3361f").0, "#a3361f");
        assert_eq!(shades("#f0866b").1, "#f0866b");
    }

    #[test]
    fn the_ends_are_reached() {
        assert_eq!(shades("#000000").0, "#000000");
        assert_eq!(shades("#ffffff").1, "#ffffff");
        let (light, dark) = (shades("#ffffff").0, shades("#000000").1);
        let is_grey = |hex: &str| hex[1..3] == hex[3..5] && hex[3..5] == hex[5..7];
        assert!(is_grey(&light) && is_grey(&dark), "{light} {dark}");
    }

    #[test]
    fn grounds_are_those_of_the_design() {
        let tokens = include_str!("../../../static/css/site/tokens.css");
        for (index, name) in ["paper", "raised", "sunk"].into_iter().enumerate() {
            let (_, rest) = tokens
                .split_once(&format!("--{name}: light-dark("))
                .unwrap();
            let (both, _) = rest.split_once(')').unwrap();
            let (light, dark) = both.split_once(", ").unwrap();
            assert_eq!(Rgb::parse(light), Some(LIGHT_GROUNDS[index]), "{name}");
            assert_eq!(Rgb::parse(dark), Some(DARK_GROUNDS[index]), "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_colour_can_be_read_and_keeps_its_hue(bytes in any::<[u8; 3]>()) {
            let own = Oklch::of(Rgb(bytes));
            let shades = Accent(Rgb(bytes)).shades();
            for (shade, grounds) in [(shades.light, &LIGHT_GROUNDS), (shades.dark, &DARK_GROUNDS)] {
                prop_assert!(least(shade, grounds) >= LEAST_CONTRAST, "{shade}");
                let got = Oklch::of(shade);
                // The hue of what is nearly grey is noise of eight bits.
                if own.chroma > 0.04 && got.chroma > 0.04 {
                    let turned = (got.hue - own.hue).rem_euclid(std::f64::consts::TAU);
                    let turned = turned.min(std::f64::consts::TAU - turned);
                    prop_assert!(turned < 0.12, "{} to {shade}: {turned}", Rgb(bytes));
                }
            }
        }
    }
}
