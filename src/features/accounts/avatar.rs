//! Profile pictures: cut square, re-encoded.

use fast_image_resize::{IntoImageView, ResizeOptions, Resizer};
use image::DynamicImage;
use image::codecs::jpeg::JpegEncoder;

use crate::web::picture::{Decoded, Made, PictureError, put_on_white};

const SIDE: u32 = 256;

/// Gives 256 × 256 JPEG bytes, upright, without metadata.
pub fn make(upload: Decoded) -> Made<Vec<u8>> {
    let Decoded {
        mut picture,
        orientation,
    } = upload;
    put_on_white(&mut picture);
    let mut small = middle_square(&picture)?;
    drop(picture);
    // The square from the middle is the same before and after turning.
    small.apply_orientation(orientation);
    let mut out = Vec::new();
    let small = DynamicImage::ImageRgb8(small.into_rgb8());
    small
        .write_with_encoder(JpegEncoder::new_with_quality(&mut out, 85))
        .map_err(|_| PictureError::NotAPicture)?;
    Ok(out)
}

/// The largest square from the middle of the picture, made small.
fn middle_square(picture: &DynamicImage) -> Made<DynamicImage> {
    let side = f64::from(picture.width().min(picture.height()));
    let (left, top) = (
        (f64::from(picture.width()) - side) / 2.0,
        (f64::from(picture.height()) - side) / 2.0,
    );
    let mut small = DynamicImage::new(SIDE, SIDE, picture.color());
    debug_assert!(picture.pixel_type().is_some());
    // Nothing is clear any more, so the resizer needs no copy to weigh colours by their alpha.
    let options = ResizeOptions::new()
        .crop(left, top, side, side)
        .use_alpha(false);
    Resizer::new()
        .resize(picture, &mut small, &options)
        .map_err(|_| PictureError::NotAPicture)?;
    Ok(small)
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;
    use image::metadata::Orientation;

    use super::*;

    fn made(picture: DynamicImage) -> image::RgbImage {
        let orientation = Orientation::NoTransforms;
        let bytes = make(Decoded {
            picture,
            orientation,
        })
        .unwrap();
        image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg)
            .unwrap()
            .to_rgb8()
    }

    #[test]
    fn makes_a_small_square_and_puts_clear_parts_on_white() {
        let clear = image::RgbaImage::from_pixel(400, 300, image::Rgba([10, 200, 30, 0]));
        let made = made(DynamicImage::ImageRgba8(clear));
        assert_eq!(made.dimensions(), (256, 256));
        assert!(made.get_pixel(100, 100).0.iter().all(|c| *c > 250));
    }

    #[test]
    fn the_square_is_from_the_middle() {
        // Left third red, middle green, right blue.
        let colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
        let picture =
            image::RgbImage::from_fn(900, 300, |x, _| image::Rgb(colours[(x / 300) as usize]));
        let made = made(DynamicImage::ImageRgb8(picture));
        for (x, y) in [(8, 8), (248, 8), (8, 248), (248, 248)] {
            let [red, green, blue] = made.get_pixel(x, y).0;
            assert!(red < 20 && green > 230 && blue < 20, "{x} {y}");
        }
    }
}
