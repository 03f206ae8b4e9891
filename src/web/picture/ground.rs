//! What clear parts of a picture stand on where there can be none.

use image::{DynamicImage, Primitive};

/// JPEG has no transparency: what was clear becomes white, not black. In place, since a copy would double the memory.
pub fn put_on_white(picture: &mut DynamicImage) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
