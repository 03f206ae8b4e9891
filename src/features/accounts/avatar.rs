//! Profile pictures: decoded within limits, cut square, re-encoded. What was uploaded is never served.

use std::io::Cursor;
use std::time::Duration;

use fast_image_resize::{IntoImageView, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Primitive};
use tokio::sync::{Semaphore, SemaphorePermit};

use self::cost::memory_to_decode;
use crate::messages::{Message, text};
use crate::web::cpu_pool::CpuPool;
use crate::web::{Error, Result};

mod cost;

/// Upload limit in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
const SIDE: u32 = 256;
/// What the cameras of telephones make.
const MAX_PIXELS: u64 = 26_000_000;
/// Of one decode, everything but the upload and the allocator's share included, so that it stays below 160 MB. Most
/// pictures need less than four bytes a pixel; some kinds are decoded in several layers and may have fewer pixels.
const MAX_MEMORY: u64 = 150 * 1024 * 1024;

/// Uploads that wait for the one that is decoded.
const WAITING: usize = 4;
const TIMEOUT: Duration = Duration::from_secs(20);

/// Uploads that are held in memory at once, those that arrive included.
static UPLOADS: Semaphore = Semaphore::const_new(16);

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{}", self.message().in_english())]
pub enum AvatarError {
    NotAPicture,
    TooManyPixels { has: u64, most: u64 },
}

impl AvatarError {
    pub fn message(&self) -> Message {
        match self {
            AvatarError::NotAPicture => text::accounts_picture_unreadable(),
            AvatarError::TooManyPixels { has, most } => {
                text::accounts_picture_too_many_pixels(has, most)
            }
        }
    }
}

/// Room in memory for one upload, to be held while it arrives and waits.
pub fn room() -> Result<SemaphorePermit<'static>> {
    UPLOADS
        .try_acquire()
        .map_err(|_| Error::Overloaded { retry_after: 10 })
}

/// Decodes one picture at a time, and lets a few wait. One that was begun goes on to its end when the client hangs up, and
/// is then still the only one.
pub struct AvatarDecoder(CpuPool);

impl AvatarDecoder {
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn new() -> std::io::Result<Self> {
        Ok(AvatarDecoder(
            CpuPool::new("avatar", 1)?.with_queue(WAITING, TIMEOUT),
        ))
    }

    /// Makes the picture that is served.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when too many wait already.
    pub async fn decode(
        &self,
        upload: Vec<u8>,
    ) -> Result<std::result::Result<Vec<u8>, AvatarError>> {
        self.0.run(move || make_now(&upload)).await
    }

    /// Where pictures are decoded.
    pub fn pool(&self) -> &CpuPool {
        &self.0
    }
}

/// Gives 256 × 256 JPEG bytes, upright, without metadata. Takes up to a second of one core.
fn make_now(upload: &[u8]) -> std::result::Result<Vec<u8>, AvatarError> {
    let (mut picture, orientation) = decode(upload)?;
    put_on_white(&mut picture);
    let mut small = middle_square(&picture)?;
    drop(picture);
    // The square from the middle is the same before and after turning.
    small.apply_orientation(orientation);
    let mut out = Vec::new();
    let small = DynamicImage::ImageRgb8(small.into_rgb8());
    small
        .write_with_encoder(JpegEncoder::new_with_quality(&mut out, 85))
        .map_err(|_| AvatarError::NotAPicture)?;
    Ok(out)
}

type Orientation = image::metadata::Orientation;

fn decode(upload: &[u8]) -> std::result::Result<(DynamicImage, Orientation), AvatarError> {
    let (mut decoder, format) = open(upload)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let memory = memory_to_decode(upload, format, pixels, decoder.total_bytes());
    check_size(pixels, memory)?;
    let mut limits = limits();
    // What is left is for what the decoder needs besides.
    limits
        .reserve(decoder.total_bytes())
        .map_err(|_| AvatarError::NotAPicture)?;
    decoder
        .set_limits(limits)
        .map_err(|_| AvatarError::NotAPicture)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| AvatarError::NotAPicture)?;
    Ok((picture, orientation))
}

/// The decoder of an upload that is of one of our formats; it has read the header.
fn open(upload: &[u8]) -> std::result::Result<(impl ImageDecoder + '_, ImageFormat), AvatarError> {
    let mut reader = ImageReader::new(Cursor::new(upload))
        .with_guessed_format()
        .map_err(|_| AvatarError::NotAPicture)?;
    let format = match reader.format() {
        Some(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP),
        ) => format,
        _ => return Err(AvatarError::NotAPicture),
    };
    reader.limits(limits());
    let decoder = reader
        .into_decoder()
        .map_err(|_| AvatarError::NotAPicture)?;
    Ok((decoder, format))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// `memory`: what decoding so many pixels takes.
fn check_size(pixels: u64, memory: u64) -> std::result::Result<(), AvatarError> {
    if pixels > MAX_PIXELS || memory > MAX_MEMORY {
        let most = MAX_PIXELS.min(pixels.saturating_mul(MAX_MEMORY) / memory.max(1));
        return Err(AvatarError::TooManyPixels {
            has: pixels.div_ceil(1_000_000),
            most: most / 1_000_000,
        });
    }
    Ok(())
}

/// JPEG has no transparency: what was clear becomes white, not black. In place, since a copy would double the memory.
fn put_on_white(picture: &mut DynamicImage) {
    match picture {
        DynamicImage::ImageRgba8(image) => over_white::<u8, 4>(image),
        DynamicImage::ImageLumaA8(image) => over_white::<u8, 2>(image),
        DynamicImage::ImageRgba16(image) => over_white::<u16, 4>(image),
        DynamicImage::ImageLumaA16(image) => over_white::<u16, 2>(image),
        _ => {}
    }
}

/// Pixels of `N` samples, the last one alpha.
fn over_white<S: Primitive + Into<u64> + TryFrom<u64>, const N: usize>(samples: &mut [S]) {
    let full: u64 = S::DEFAULT_MAX_VALUE.into();
    for pixel in samples.as_chunks_mut::<N>().0 {
        let alpha: u64 = pixel[N - 1].into();
        if alpha == full {
            continue;
        }
        for colour in &mut pixel[..N - 1] {
            let over = ((*colour).into() * alpha + full * (full - alpha)) / full;
            *colour = S::try_from(over).unwrap_or(S::DEFAULT_MAX_VALUE);
        }
        pixel[N - 1] = S::DEFAULT_MAX_VALUE;
    }
}

/// The largest square from the middle of the picture, made small.
fn middle_square(picture: &DynamicImage) -> std::result::Result<DynamicImage, AvatarError> {
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
        .map_err(|_| AvatarError::NotAPicture)?;
    Ok(small)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let picture = image::RgbaImage::from_pixel(width, height, image::Rgba([10, 200, 30, 0]));
        DynamicImage::ImageRgba8(picture)
            .write_to(&mut out, ImageFormat::Png)
            .unwrap();
        out.into_inner()
    }

    /// A PNG header that says so, with nothing behind it.
    fn png_header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
        let mut bytes = png(1, 1);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        (bytes[24], bytes[25]) = (depth, colour);
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        bytes
    }

    #[test]
    fn makes_a_small_square_and_puts_clear_parts_on_white() {
        let made = make_now(&png(400, 300)).unwrap();
        let read = image::load_from_memory_with_format(&made, ImageFormat::Jpeg)
            .unwrap()
            .to_rgb8();
        assert_eq!(read.dimensions(), (256, 256));
        assert!(read.get_pixel(100, 100).0.iter().all(|c| *c > 250));
    }

    #[test]
    fn the_square_is_from_the_middle_and_upright() {
        // Left third red, middle green, right blue; turned by the metadata.
        let colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
        let picture =
            image::RgbImage::from_fn(900, 300, |x, _| image::Rgb(colours[(x / 300) as usize]));
        let mut out = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture)
            .write_to(&mut out, ImageFormat::Png)
            .unwrap();
        let made = make_now(&out.into_inner()).unwrap();
        let read = image::load_from_memory_with_format(&made, ImageFormat::Jpeg)
            .unwrap()
            .to_rgb8();
        for (x, y) in [(8, 8), (248, 8), (8, 248), (248, 248)] {
            let [red, green, blue] = read.get_pixel(x, y).0;
            assert!(red < 20 && green > 230 && blue < 20, "{x} {y}");
        }
    }

    #[test]
    fn alpha_is_weighed_at_every_depth() {
        let mut samples = [0u8, 100, 200, 255, 0, 100, 200, 0, 0, 100, 200, 51];
        over_white::<u8, 4>(&mut samples);
        assert_eq!(
            samples,
            [0, 100, 200, 255, 255, 255, 255, 255, 204, 224, 244, 255]
        );
        let mut samples = [0u16, 0, 1000, 0xffff];
        over_white::<u16, 2>(&mut samples);
        assert_eq!(samples, [0xffff, 0xffff, 1000, 0xffff]);
    }

    #[test]
    fn refuses_what_is_no_picture_or_too_large() {
        assert_eq!(
            make_now(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            Err(AvatarError::NotAPicture)
        );
        assert_eq!(make_now(b""), Err(AvatarError::NotAPicture));
        // Refused before anything is decoded.
        for (width, height, depth, colour, has, most) in [
            (60_000, 60_000, 8, 6, 3_600, 26),
            (7_000, 7_000, 8, 2, 49, 26),
            (26_001, 1_000, 8, 6, 27, 26),
            (5_000, 5_000, 16, 6, 25, 19),
        ] {
            let refused = make_now(&png_header(width, height, depth, colour));
            assert_eq!(
                refused,
                Err(AvatarError::TooManyPixels { has, most }),
                "{width}"
            );
        }
        assert_eq!(
            make_now(&png_header(26_000, 1_000, 8, 6)),
            Err(AvatarError::NotAPicture),
            "the pixels are missing"
        );
    }
}
