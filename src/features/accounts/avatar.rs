//! Avatars: decoded within limits, cut square, re-encoded. What was uploaded is never served.

use std::io::Cursor;

use fast_image_resize::{IntoImageView, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Upload limit in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
const SIDE: u32 = 256;
const MAX_SIDE: u32 = 10_000;
const MAX_PIXELS: u64 = 50_000_000;

#[derive(Debug, thiserror::Error)]
pub enum AvatarError {
    #[error("This is not a picture that can be read. Use a JPEG, PNG, GIF or WebP file.")]
    NotAPicture,
    #[error("This picture has too many pixels. Make it smaller than 10,000 pixels on each side and 50 megapixels.")]
    TooManyPixels,
}

/// Gives 256 × 256 JPEG bytes, upright, without metadata. Takes up to half a second of one core: call it
/// off the async threads.
pub fn make(upload: &[u8]) -> Result<Vec<u8>, AvatarError> {
    let picture = decode(upload)?;
    let (width, height) = (picture.width(), picture.height());
    let side = width.min(height);
    let square = picture.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    let square = on_white(&square);
    let mut small = DynamicImage::new_rgb8(SIDE, SIDE);
    debug_assert!(square.pixel_type().is_some());
    Resizer::new()
        .resize(&square, &mut small, &ResizeOptions::default())
        .map_err(|_| AvatarError::NotAPicture)?;
    let mut out = Vec::new();
    small.write_with_encoder(JpegEncoder::new_with_quality(&mut out, 85)).map_err(|_| AvatarError::NotAPicture)?;
    Ok(out)
}

fn decode(upload: &[u8]) -> Result<DynamicImage, AvatarError> {
    let reader = ImageReader::new(Cursor::new(upload)).with_guessed_format().map_err(|_| AvatarError::NotAPicture)?;
    match reader.format() {
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP) => {}
        _ => return Err(AvatarError::NotAPicture),
    }
    let mut decoder = reader.into_decoder().map_err(|_| AvatarError::NotAPicture)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(AvatarError::TooManyPixels);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(256 * 1024 * 1024);
    decoder.set_limits(limits).map_err(|_| AvatarError::TooManyPixels)?;
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| AvatarError::NotAPicture)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// JPEG has no transparency: what was clear becomes white, not black.
fn on_white(picture: &DynamicImage) -> DynamicImage {
    let rgba = picture.to_rgba8();
    let mut rgb = image::RgbImage::new(rgba.width(), rgba.height());
    for (from, to) in rgba.pixels().zip(rgb.pixels_mut()) {
        let [r, g, b, a] = from.0.map(u32::from);
        let over = |c: u32| u8::try_from((c * a + 255 * (255 - a)) / 255).unwrap_or(255);
        to.0 = [over(r), over(g), over(b)];
    }
    DynamicImage::ImageRgb8(rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let picture = image::RgbaImage::from_pixel(width, height, image::Rgba([10, 200, 30, 0]));
        DynamicImage::ImageRgba8(picture).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn makes_a_small_square_and_puts_clear_parts_on_white() {
        let made = make(&png(400, 300)).unwrap();
        let read = image::load_from_memory_with_format(&made, ImageFormat::Jpeg).unwrap().to_rgb8();
        assert_eq!(read.dimensions(), (256, 256));
        assert!(read.get_pixel(100, 100).0.iter().all(|c| *c > 250));
    }

    #[test]
    fn refuses_what_is_no_picture_or_too_large() {
        assert!(matches!(make(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Err(AvatarError::NotAPicture)));
        assert!(matches!(make(b""), Err(AvatarError::NotAPicture)));
        // Header of a 60,000 pixel wide PNG: refused before anything is decoded.
        let mut bomb = png(1, 1);
        bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(matches!(make(&bomb), Err(AvatarError::TooManyPixels)));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }
}
