//! [OKLCH](https://bottosson.github.io/posts/oklab/): lightness, chroma and hue as eyes see them, so that a colour can be made
//! lighter or darker and stays the same colour.

use super::rgb::Rgb;

/// What rounding may put outside of the colours that a screen has.
const ROUNDING: f64 = 1e-4;
/// Halvings of the chroma, for a colour that no screen has at that lightness.
const HALVINGS: u32 = 10;

#[derive(Clone, Copy, Debug)]
pub(super) struct Oklch {
    /// 0, black, to 1, white.
    pub lightness: f64,
    pub chroma: f64,
    /// In radians.
    pub hue: f64,
}

impl Oklch {
    pub fn of(colour: Rgb) -> Oklch {
        let [r, g, b] = colour.linear();
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        let a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s;
        Oklch {
            lightness: 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            chroma: a.hypot(b),
            hue: b.atan2(a),
        }
    }

    /// The colour of this hue and that lightness, with as much of its chroma as a screen can show there.
    pub fn with_lightness(self, lightness: f64) -> Rgb {
        let with = |chroma| {
            Oklch {
                lightness,
                chroma,
                ..self
            }
            .linear()
        };
        let is_shown = |light: &[f64; 3]| {
            light
                .iter()
                .all(|c| (-ROUNDING..=1.0 + ROUNDING).contains(c))
        };
        let own = with(self.chroma);
        if is_shown(&own) {
            return Rgb::of_linear(own);
        }
        let (mut shown, mut not_shown) = (0.0, self.chroma);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(shown, not_shown);
            if is_shown(&with(middle)) {
                shown = middle;
            } else {
                not_shown = middle;
            }
        }
        Rgb::of_linear(with(shown))
    }

    fn linear(self) -> [f64; 3] {
        let (b, a) = self.hue.sin_cos();
        let (a, b) = (a * self.chroma, b * self.chroma);
        let cube = |root: f64| root * root * root;
        let l = cube(self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
        let m = cube(self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
        let s = cube(self.lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_where_the_definition_has_them() {
        // As the CSS Color specification's own examples have them.
        for (hex, lightness, chroma, degrees) in [
            ("#ff0000", 0.628, 0.258, 29.2),
            ("#008000", 0.520, 0.177, 142.5),
            ("#0000ff", 0.452, 0.313, 264.1),
        ] {
            let got = Oklch::of(Rgb::parse(hex).unwrap());
            let hue = got.hue.to_degrees().rem_euclid(360.0);
            assert!((got.lightness - lightness).abs() < 0.001, "{hex} {got:?}");
            assert!((got.chroma - chroma).abs() < 0.001, "{hex} {got:?}");
            assert!((hue - degrees).abs() < 0.1, "{hex} {hue}");
        }
    }

    #[test]
    fn the_same_lightness_gives_the_same_colour() {
        for hex in [
            "#000000", "#ffffff", "#a3361f", "#00ffff", "#123456", "#808080",
        ] {
            let colour = Rgb::parse(hex).unwrap();
            let own = Oklch::of(colour);
            assert_eq!(own.with_lightness(own.lightness), colour, "{hex}");
        }
    }
}
