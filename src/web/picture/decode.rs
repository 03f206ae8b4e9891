//! From an upload to its pixels, within limits of time and memory.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::cost::memory_to_decode;
use super::error::{Made, PictureError};

/// What the cameras of telephones make.
const MAX_PIXELS: u64 = 26_000_000;
/// Of one decode, everything but the upload and the allocator's share included, so that it stays below 160 MB. Most
/// pictures need less than four bytes a pixel; some kinds are decoded in several layers and may have fewer pixels.
const MAX_MEMORY: u64 = 150 * 1024 * 1024;

/// The pixels of an upload as they are stored, and how they have to be turned.
pub struct Decoded {
    /// Large: what is made of it is made without a copy.
    pub picture: DynamicImage,
    /// From the metadata of the file.
    pub orientation: Orientation,
}

impl Decoded {
    pub(super) fn of(upload: &[u8]) -> Made<Decoded> {
        let (mut decoder, format) = open(upload)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        let memory = memory_to_decode(upload, format, pixels, decoder.total_bytes());
        check_size(pixels, memory)?;
        let mut limits = limits();
        // What is left is for what the decoder needs besides.
        limits
            .reserve(decoder.total_bytes())
            .map_err(|_| PictureError::NotAPicture)?;
        decoder
            .set_limits(limits)
            .map_err(|_| PictureError::NotAPicture)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let picture = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::NotAPicture)?;
        Ok(Decoded {
            picture,
            orientation,
        })
    }

    /// Width and height as they are shown.
    pub fn size(&self) -> (u32, u32) {
        let (width, height) = (self.picture.width(), self.picture.height());
        match self.orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => (height, width),
            _ => (width, height),
        }
    }
}

/// The decoder of an upload that is of one of our formats; it has read the header.
fn open(upload: &[u8]) -> Made<(impl ImageDecoder + '_, ImageFormat)> {
    let mut reader = ImageReader::new(Cursor::new(upload))
        .with_guessed_format()
        .map_err(|_| PictureError::NotAPicture)?;
    let format = match reader.format() {
        Some(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP),
        ) => format,
        _ => return Err(PictureError::NotAPicture),
    };
    reader.limits(limits());
    let decoder = reader
        .into_decoder()
        .map_err(|_| PictureError::NotAPicture)?;
    Ok((decoder, format))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// `memory`: what decoding so many pixels takes.
fn check_size(pixels: u64, memory: u64) -> Made<()> {
    if pixels > MAX_PIXELS || memory > MAX_MEMORY {
        let most = MAX_PIXELS.min(pixels.saturating_mul(MAX_MEMORY) / memory.max(1));
        return Err(PictureError::TooManyPixels {
            has: pixels.div_ceil(1_000_000),
            most: most / 1_000_000,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG header that says so, with nothing behind it.
    fn png_header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(1, 1)
            .write_to(&mut file, ImageFormat::Png)
            .unwrap();
        let mut bytes = file.into_inner();
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        (bytes[24], bytes[25]) = (depth, colour);
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        bytes
    }

    fn refused(upload: &[u8]) -> Option<PictureError> {
        Decoded::of(upload).err()
    }

    #[test]
    fn refuses_what_is_no_picture_or_too_large() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        assert_eq!(refused(svg), Some(PictureError::NotAPicture));
        assert_eq!(refused(b""), Some(PictureError::NotAPicture));
        // Refused before anything is decoded.
        for (width, height, depth, colour, has, most) in [
            (60_000, 60_000, 8, 6, 3_600, 26),
            (7_000, 7_000, 8, 2, 49, 26),
            (26_001, 1_000, 8, 6, 27, 26),
            (5_000, 5_000, 16, 6, 25, 19),
        ] {
            assert_eq!(
                refused(&png_header(width, height, depth, colour)),
                Some(PictureError::TooManyPixels { has, most }),
                "{width}"
            );
        }
        assert_eq!(
            refused(&png_header(26_000, 1_000, 8, 6)),
            Some(PictureError::NotAPicture),
            "the pixels are missing"
        );
    }
}
