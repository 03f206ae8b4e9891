//! How much memory a decoder will take, told from the header: some keep several layers of a picture.

use image::ImageFormat;

/// In bytes, the decoded picture of `decoded` bytes included.
pub(super) fn memory_to_decode(
    upload: &[u8],
    format: ImageFormat,
    pixels: u64,
    decoded: u64,
) -> u64 {
    let besides = match format {
        ImageFormat::Jpeg => {
            coefficients(upload).map_or(0.0, |per_pixel| per_pixel * pixels as f64)
        }
        ImageFormat::WebP => layers(upload) * pixels as f64,
        // A row or two; of a GIF also a frame, which the decoder's own limit bounds.
        _ => 0.0,
    };
    decoded + besides as u64
}

/// Bytes a pixel besides the result: a lossy picture is decoded to luma and colours first, a lossless one to four
/// bytes, transparency to a layer of its own, and an animation to a frame and a canvas.
fn layers(webp: &[u8]) -> f64 {
    let flags = webp.get(20).copied().unwrap_or(0xff);
    match webp.get(12..16) {
        Some(b"VP8 ") => 1.6,
        Some(b"VP8X") if flags & 0x02 != 0 => 10.0,
        Some(b"VP8X") if flags & 0x10 != 0 => 6.6,
        _ => 4.2,
    }
}

/// Bytes a pixel that are kept until the last scan: two for each coefficient of a JPEG file whose scans do not hold the
/// whole of what they show, as those of progressive files do not. `None` where every scan is whole.
fn coefficients(jpeg: &[u8]) -> Option<f64> {
    let mut frame: Option<(bool, Vec<(u8, u8)>)> = None;
    let mut rest = jpeg.get(2..)?;
    loop {
        let (kind, content, behind) = segment(rest)?;
        match kind {
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                frame = Some((!matches!(kind, 0xc0 | 0xc1), samplings(content)?));
            }
            0xda => {
                let (progressive, samplings) = frame?;
                let whole = usize::from(*content.first()?) == samplings.len();
                return (progressive || !whole).then(|| per_pixel(&samplings));
            }
            _ => {}
        }
        rest = behind;
    }
}

/// The next segment of a JPEG file: its kind, what it holds, and what comes after it.
fn segment(file: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let marker = file.iter().position(|byte| *byte != 0xff)?;
    let (kind, segment) = (file[marker], file.get(marker + 1..)?);
    let length = usize::from(u16::from_be_bytes([*segment.first()?, *segment.get(1)?]));
    Some((kind, segment.get(2..length)?, segment.get(length..)?))
}

/// Of each component of a frame: how many samples it has across and down, beside the others.
fn samplings(frame: &[u8]) -> Option<Vec<(u8, u8)>> {
    let components = frame.get(6..)?.chunks_exact(3);
    Some(components.map(|c| (c[1] >> 4, c[1] & 15)).collect())
}

fn per_pixel(samplings: &[(u8, u8)]) -> f64 {
    let area = |(h, v): &(u8, u8)| f64::from(*h) * f64::from(*v);
    let widest = samplings.iter().map(|s| s.0).max().unwrap_or(1);
    let highest = samplings.iter().map(|s| s.1).max().unwrap_or(1);
    2.0 * samplings.iter().map(area).sum::<f64>() / area(&(widest.max(1), highest.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start of a file with a comment, a frame of the kind, and a scan of so many components.
    fn jpeg(kind: u8, samplings: &[u8], scanned: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xfe, 0, 4, 1, 2, 0xff, kind, 0];
        let count = u8::try_from(samplings.len()).unwrap();
        bytes.extend([8 + 3 * count, 8, 0x10, 0, 0x10, 0, count]);
        for (id, sampling) in (1..).zip(samplings) {
            bytes.extend([id, *sampling, 0]);
        }
        bytes.extend([0xff, 0xda, 0, 6 + 2 * scanned, scanned]);
        bytes.extend(vec![0; usize::from(scanned) * 2 + 3]);
        bytes
    }

    #[test]
    fn only_scans_in_parts_keep_coefficients() {
        assert_eq!(coefficients(&jpeg(0xc0, &[0x22, 0x11, 0x11], 3)), None);
        assert_eq!(coefficients(&jpeg(0xc2, &[0x22, 0x11, 0x11], 3)), Some(3.0));
        assert_eq!(coefficients(&jpeg(0xc2, &[0x11, 0x11, 0x11], 1)), Some(6.0));
        assert_eq!(
            coefficients(&jpeg(0xc0, &[0x11, 0x11, 0x11, 0x11], 1)),
            Some(8.0)
        );
        assert_eq!(coefficients(&[0xff, 0xd8, 0xff]), None);
        assert_eq!(coefficients(b""), None);
    }
}
