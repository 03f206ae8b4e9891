//! Colours as pages name them.

use std::fmt;

/// Red, green and blue of sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// From `#rrggbb`, or `#rgb`, in any case.
    pub fn parse(text: &str) -> Option<Rgb> {
        let digits = text.strip_prefix('#')?;
        let digits: Vec<u8> = digits
            .chars()
            .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
            .collect::<Option<_>>()?;
        match digits[..] {
            [r, g, b] => Some(Rgb([r * 17, g * 17, b * 17])),
            [r1, r2, g1, g2, b1, b2] => Some(Rgb([r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2])),
            _ => None,
        }
    }

    /// As light: 0 to 1, in proportion to what is emitted.
    pub(super) fn linear(self) -> [f64; 3] {
        self.0.map(|byte| {
            let share = f64::from(byte) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// The way back, of what is 0 to 1.
    pub(super) fn of_linear(light: [f64; 3]) -> Rgb {
        Rgb(light.map(|share| {
            let share = if share <= 0.003_130_8 {
                share * 12.92
            } else {
                1.055 * share.powf(1.0 / 2.4) - 0.055
            };
            (share * 255.0).round().clamp(0.0, 255.0) as u8
        }))
    }

    /// The ratio of WCAG 2: 1 to 21.
    pub(super) fn contrast(self, other: Rgb) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_they_are_typed() {
        for (typed, read) in [("#A3361f", "#a3361f"), ("#fa0", "#ffaa00")] {
            assert_eq!(Rgb::parse(typed).unwrap().to_string(), read);
        }
        for wrong in [
            "", "#", "a3361f", "#a3361", "#a3361f0", "#a3361g", "#é12", "red",
        ] {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let contrast = |one, other| {
            let of = |text| Rgb::parse(text).unwrap();
            (of(one).contrast(of(other)) * 100.0).round() / 100.0
        };
        assert_eq!(contrast("#000000", "#ffffff"), 21.0);
        assert_eq!(contrast("#777777", "#ffffff"), 4.48);
        assert_eq!(contrast("#ffffff", "#767676"), 4.54);
        assert_eq!(contrast("#a3361f", "#a3361f"), 1.0);
    }
}
