//! What an upload becomes: never larger than it was, small enough that every node can serve it from the database.

use data_encoding::HEXLOWER;
use fast_image_resize::{MulDiv, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, Rgba, RgbaImage};
use sha2::{Digest, Sha256};

use super::MadeFile;
use crate::features::site::model::PictureKind;
use crate::web::frame::{PictureFile, TOUCH_ICON};
use crate::web::picture::{Decoded, Made, PictureError, put_on_white};

/// Of a file. What is larger is made with fewer pixels.
const MAX_FILE: usize = 256 * 1024;
/// A logo is shown up to 120 pixels high; twice that for dense screens.
const LOGO_BOX: (u32, u32) = (800, 240);
const LEAST_LOGO: (u32, u32) = (32, 32);
/// Sides: of those in tabs, and on home screens.
const ICONS: [u32; 3] = [32, 48, TOUCH_ICON];
/// What those who show links ask for.
const SOCIAL_BOX: (u32, u32) = (1200, 1200);
const LEAST_SOCIAL: (u32, u32) = (600, 315);

const CLEAR: [u8; 4] = [0; 4];
const WHITE: [u8; 4] = [255; 4];

/// The files of a kind of picture.
///
/// # Errors
///
/// Where it has too few pixels.
pub fn make(kind: PictureKind, upload: Decoded) -> Made<Vec<MadeFile>> {
    match kind {
        PictureKind::Logo => logo(upload).map(|file| vec![file]),
        PictureKind::Icon => icons(upload),
        PictureKind::Social => social(upload).map(|file| vec![file]),
    }
}

/// PNG, which keeps clear parts clear and letters sharp.
fn logo(upload: Decoded) -> Made<MadeFile> {
    at_least(LEAST_LOGO, &upload)?;
    let mut picture = within(upload, LOGO_BOX)?;
    loop {
        let bytes = png(&picture)?;
        if bytes.len() <= MAX_FILE {
            return Ok(file("logo", &picture, "png", bytes));
        }
        picture = three_quarters(&picture);
    }
}

/// A picture that is not square stands in the middle of its square.
fn icons(upload: Decoded) -> Made<Vec<MadeFile>> {
    at_least((TOUCH_ICON, TOUCH_ICON), &upload)?;
    let largest = within(upload, (TOUCH_ICON, TOUCH_ICON))?;
    let of_side = |side: u32| {
        let scaled = largest.resize(side, side, image::imageops::FilterType::Lanczos3);
        // Telephones show black where an icon is clear.
        let ground = if side == TOUCH_ICON { WHITE } else { CLEAR };
        let picture = in_the_middle(&scaled, side, ground);
        Ok(file("icon", &picture, "png", png(&picture)?))
    };
    ICONS.into_iter().map(of_side).collect()
}

/// JPEG: it is a photograph more often than not, and stands on no page of the site.
fn social(mut upload: Decoded) -> Made<MadeFile> {
    at_least(LEAST_SOCIAL, &upload)?;
    put_on_white(&mut upload.picture);
    let mut picture = within(upload, SOCIAL_BOX)?;
    loop {
        for quality in [85, 75, 60] {
            let bytes = jpeg(&picture, quality)?;
            if bytes.len() <= MAX_FILE {
                return Ok(file("social", &picture, "jpg", bytes));
            }
        }
        picture = three_quarters(&picture);
    }
}

fn at_least(least: (u32, u32), upload: &Decoded) -> Made<()> {
    let has = upload.size();
    if has.0 < least.0 || has.1 < least.1 {
        return Err(PictureError::TooSmall { has, least });
    }
    Ok(())
}

/// The whole picture, upright and made so small that it fits.
fn within(upload: Decoded, (width, height): (u32, u32)) -> Made<DynamicImage> {
    let (own_width, own_height) = upload.size();
    let scale = (f64::from(width) / f64::from(own_width))
        .min(f64::from(height) / f64::from(own_height))
        .min(1.0);
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let Decoded {
        mut picture,
        orientation,
    } = upload;
    let mut small = DynamicImage::new(
        scaled(picture.width()),
        scaled(picture.height()),
        picture.color(),
    );
    // The resizer would weigh colours by their alpha in a copy, which doubles the memory.
    let (weigh, has_alpha) = (MulDiv::new(), picture.color().has_alpha());
    if has_alpha {
        weigh
            .multiply_alpha_inplace(&mut picture)
            .map_err(|_| PictureError::NotAPicture)?;
    }
    Resizer::new()
        .resize(&picture, &mut small, &ResizeOptions::new().use_alpha(false))
        .map_err(|_| PictureError::NotAPicture)?;
    drop(picture);
    if has_alpha {
        weigh
            .divide_alpha_inplace(&mut small)
            .map_err(|_| PictureError::NotAPicture)?;
    }
    small.apply_orientation(orientation);
    Ok(DynamicImage::ImageRgba8(small.into_rgba8()))
}

fn three_quarters(picture: &DynamicImage) -> DynamicImage {
    let side = |side: u32| (side * 3 / 4).max(1);
    picture.resize_exact(
        side(picture.width()),
        side(picture.height()),
        image::imageops::FilterType::Lanczos3,
    )
}

fn in_the_middle(picture: &DynamicImage, side: u32, ground: [u8; 4]) -> DynamicImage {
    let mut whole = RgbaImage::from_pixel(side, side, Rgba(ground));
    let begin = |part: u32| i64::from(side.saturating_sub(part) / 2);
    let (left, top) = (begin(picture.width()), begin(picture.height()));
    image::imageops::overlay(&mut whole, picture, left, top);
    DynamicImage::ImageRgba8(whole)
}

fn png(picture: &DynamicImage) -> Made<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    picture
        .write_with_encoder(encoder)
        .map_err(|_| PictureError::NotAPicture)?;
    Ok(bytes)
}

fn jpeg(picture: &DynamicImage, quality: u8) -> Made<Vec<u8>> {
    let mut bytes = Vec::new();
    let opaque = DynamicImage::ImageRgb8(picture.to_rgb8());
    opaque
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
        .map_err(|_| PictureError::NotAPicture)?;
    Ok(bytes)
}

fn file(kind: &str, picture: &DynamicImage, ending: &str, bytes: Vec<u8>) -> MadeFile {
    let hash = HEXLOWER.encode(&Sha256::digest(&bytes));
    MadeFile {
        file: PictureFile {
            name: format!("site-{kind}-{}.{ending}", &hash[..16]),
            width: picture.width(),
            height: picture.height(),
        },
        content_type: if ending == "png" {
            "image/png"
        } else {
            "image/jpeg"
        },
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;

    use super::*;

    fn upload(picture: RgbaImage) -> Decoded {
        Decoded {
            picture: DynamicImage::ImageRgba8(picture),
            orientation: Orientation::NoTransforms,
        }
    }

    /// Cannot be compressed.
    fn noise(width: u32, height: u32) -> RgbaImage {
        let mut state = 1u32;
        RgbaImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [r, g, b, _] = state.rotate_left(7).to_be_bytes();
            Rgba([r, g, b, 255])
        })
    }

    fn read(file: &MadeFile) -> DynamicImage {
        let picture = image::load_from_memory(&file.bytes).unwrap();
        let size = (picture.width(), picture.height());
        assert_eq!(size, (file.file.width, file.file.height));
        assert!(file.bytes.len() <= MAX_FILE);
        picture
    }

    #[test]
    fn a_logo_keeps_its_shape_and_its_clear_parts() {
        let half = RgbaImage::from_fn(1600, 200, |x, _| {
            Rgba(if x < 800 {
                [200, 30, 30, 255]
            } else {
                [0, 0, 0, 0]
            })
        });
        let made = make(PictureKind::Logo, upload(half)).unwrap();
        let logo = read(&made[0]).to_rgba8();
        assert_eq!(logo.dimensions(), (800, 100));
        assert_eq!(logo.get_pixel(100, 50).0, [200, 30, 30, 255]);
        assert_eq!(logo.get_pixel(700, 50).0[3], 0);
        let small = RgbaImage::from_pixel(64, 40, Rgba([1, 2, 3, 255]));
        let made = make(PictureKind::Logo, upload(small)).unwrap();
        assert_eq!(
            read(&made[0]).to_rgba8().dimensions(),
            (64, 40),
            "not enlarged"
        );
    }

    #[test]
    fn what_is_turned_by_its_metadata_stands_upright() {
        let left_red = RgbaImage::from_fn(400, 100, |x, _| {
            Rgba(if x < 200 {
                [255, 0, 0, 255]
            } else {
                [0, 0, 255, 255]
            })
        });
        let turned = Decoded {
            orientation: Orientation::Rotate90,
            ..upload(left_red)
        };
        let made = make(PictureKind::Logo, turned).unwrap();
        let logo = read(&made[0]).to_rgba8();
        assert_eq!(logo.dimensions(), (60, 240));
        assert_eq!(logo.get_pixel(30, 20).0, [255, 0, 0, 255]);
    }

    #[test]
    fn icons_are_square_and_the_one_for_telephones_has_a_ground() {
        let wide = RgbaImage::from_pixel(600, 300, Rgba([10, 20, 200, 255]));
        let made = make(PictureKind::Icon, upload(wide)).unwrap();
        let sides: Vec<u32> = made.iter().map(|file| read(file).width()).collect();
        assert_eq!(sides, [32, 48, 180]);
        let corners: Vec<[u8; 4]> = made
            .iter()
            .map(|file| read(file).to_rgba8().get_pixel(0, 0).0)
            .collect();
        assert_eq!(corners, [CLEAR, CLEAR, WHITE]);
        assert_eq!(
            read(&made[0]).to_rgba8().get_pixel(16, 16).0,
            [10, 20, 200, 255]
        );
    }

    #[test]
    fn what_cannot_be_compressed_is_made_smaller() {
        for (kind, size) in [
            (PictureKind::Logo, (800, 240)),
            (PictureKind::Social, (1200, 1200)),
        ] {
            let made = make(kind, upload(noise(size.0, size.1))).unwrap();
            let picture = read(&made[0]);
            assert!(
                picture.width() < size.0 && picture.width() >= size.0 / 4,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn too_few_pixels_are_refused() {
        for (kind, has, least) in [
            (PictureKind::Logo, (31, 400), (32, 32)),
            (PictureKind::Icon, (180, 179), (180, 180)),
            (PictureKind::Social, (599, 400), (600, 315)),
        ] {
            let refused = make(kind, upload(noise(has.0, has.1))).err();
            assert_eq!(refused, Some(PictureError::TooSmall { has, least }));
        }
    }
}
