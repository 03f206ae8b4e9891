//! Pixels, and what is put on them. There are few colours, so that the file is a quarter of what it would be else.

use ab_glyph_rasterizer::Rasterizer;

use super::lettering::Line;
use crate::web::accent::Rgb;

/// How many steps an edge of a letter has between its ground and its own colour.
const STEPS: f32 = 15.0;

pub struct Canvas {
    width: u32,
    height: u32,
    /// Places in the palette, row by row.
    pixels: Vec<u8>,
    palette: Vec<Rgb>,
}

impl Canvas {
    pub fn new((width, height): (u32, u32), ground: Rgb) -> Canvas {
        Canvas {
            width,
            height,
            pixels: vec![0; (width * height) as usize],
            palette: vec![ground],
        }
    }

    /// Of what lies outside, nothing is drawn.
    pub fn rectangle(&mut self, (left, top): (u32, u32), (width, height): (u32, u32), colour: Rgb) {
        let colour = self.place_of(colour);
        let columns = left.min(self.width)..(left + width).min(self.width);
        for y in top..(top + height).min(self.height) {
            let row = (y * self.width) as usize;
            self.pixels[row + columns.start as usize..row + columns.end as usize].fill(colour);
        }
    }

    /// Lines of text, each with the place where it begins and the height on which it stands.
    pub fn text<'a>(
        &mut self,
        lines: impl IntoIterator<Item = (&'a Line, (f32, f32))>,
        colour: Rgb,
    ) {
        let mut ink = Rasterizer::new(self.width as usize, self.height as usize);
        for (line, place) in lines {
            line.outline(&mut ink, place);
        }
        ink.for_each_pixel(|at, covered| {
            let share = (covered.min(1.0) * STEPS).round() / STEPS;
            if share > 0.0 {
                let ground = self.palette[usize::from(self.pixels[at])];
                self.pixels[at] = self.place_of(between(ground, colour, share));
            }
        });
    }

    /// A colour for which there is no more room is the one before.
    fn place_of(&mut self, colour: Rgb) -> u8 {
        let known = self.palette.iter().position(|known| *known == colour);
        let place = known.unwrap_or_else(|| {
            if self.palette.len() < 256 {
                self.palette.push(colour);
            }
            self.palette.len() - 1
        });
        place as u8
    }

    /// The pixels as a file.
    ///
    /// # Errors
    ///
    /// Where there are no pixels.
    pub fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(
            self.palette
                .iter()
                .flat_map(|colour| colour.0)
                .collect::<Vec<u8>>(),
        );
        encoder.set_filter(png::Filter::NoFilter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

fn between(ground: Rgb, ink: Rgb, share: f32) -> Rgb {
    let mixed = |channel: usize| {
        let (under, over) = (f32::from(ground.0[channel]), f32::from(ink.0[channel]));
        (under + (over - under) * share).round() as u8
    };
    Rgb([mixed(0), mixed(1), mixed(2)])
}
