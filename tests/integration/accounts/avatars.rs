//! Pictures of people: what is taken, what is refused and why, and how many are decoded at once.

use actix_web::test::TestRequest;
use futures_util::future::{join_all, poll_immediate};
use image::ExtendedColorType::Rgb8;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder, ImageFormat};

use crate::support::{Actor, PATIENCE, TestApp, until};

const MEGABYTE: usize = 1024 * 1024;
/// Uploads that wait while one is decoded.
const WAITING: usize = 4;
const SOON: std::time::Duration = PATIENCE;

fn upload(bytes: &[u8]) -> TestRequest {
    let mut body =
        b"--b\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"../../x.html\"\r\nContent-Type: text/html\r\n\r\n"
            .to_vec();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b--\r\n");
    TestRequest::post()
        .uri("/settings/avatar")
        .insert_header(("content-type", "multipart/form-data; boundary=b"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_payload(body)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, height)
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

/// A PNG file that is said to have so many pixels, which are missing.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    bytes
}

/// A picture of about so many bytes, all of them needed: it is stored without compression.
fn heavy_png(bytes: usize) -> Vec<u8> {
    let (width, mut file) = (1000, Vec::new());
    let height = u32::try_from(bytes / (3 * width as usize)).unwrap();
    let pixels: Vec<u8> = (0..3 * width as usize * height as usize)
        .map(|n| n as u8)
        .collect();
    let encoder = PngEncoder::new_with_quality(
        &mut file,
        CompressionType::Uncompressed,
        FilterType::NoFilter,
    );
    encoder.write_image(&pixels, width, height, Rgb8).unwrap();
    file
}

#[actix_web::test]
async fn avatars_are_re_encoded_and_served_for_ever() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let refused = ann.send(upload(b"<svg onload=alert(1)>")).await;
    refused.assert_status(422);
    let large = ann.send(upload(&png_header(7_000, 7_000))).await;
    large.assert_status(422);
    let told = "This picture has 49 megapixels. A picture of its kind may have at most 26";
    assert!(large.text().contains(told), "{}", large.text());
    ann.send(upload(&png(40, 90))).await.assert_status(303);
    let path = ann.get("/me.json").await.json()["user"]["avatar"]
        .as_str()
        .unwrap()
        .to_owned();
    let picture = app.anonymous().get(&path).await;
    picture.assert_status(200);
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert!(
        picture
            .header("cache-control")
            .unwrap()
            .contains("immutable")
    );
    assert!(
        picture
            .header("content-security-policy")
            .unwrap()
            .contains("sandbox")
    );
    assert_eq!(image::load_from_memory(&picture.body).unwrap().width(), 256);
}

#[actix_web::test]
async fn a_picture_of_more_than_five_megabytes_is_refused_for_its_size() {
    let app = TestApp::new().await;
    let mut ann = app.author("ann").await;
    let large = heavy_png(6 * MEGABYTE);
    assert!(
        large.len() > 5 * MEGABYTE && image::load_from_memory(&large).is_ok(),
        "nothing else is wrong with it"
    );
    let refused = ann.send(upload(&large)).await;
    refused.assert_status(422);
    let (told, main) = ("A picture may have at most 5 MB.", refused.one("main"));
    assert!(main.contains(told), "{main}");
    assert!(ann.get("/me.json").await.json()["user"]["avatar"].is_null());
    let below = heavy_png(5 * MEGABYTE - 64 * 1024);
    assert!(below.len() < 5 * MEGABYTE);
    ann.send(upload(&below)).await.assert_status(303);
}

#[actix_web::test]
async fn one_picture_is_decoded_at_a_time_and_a_few_wait() {
    let app = TestApp::new().await;
    let ann = app.author("ann").await;
    let held = app.hold_picture_thread().await;
    let mut waiting: Vec<_> = (0..WAITING)
        .map(|_| Box::pin(send(ann.clone(), png(40, 90))))
        .collect();
    until("they wait", SOON, async || {
        for upload in &mut waiting {
            assert!(
                poll_immediate(upload).await.is_none(),
                "none is decoded beside the one that is under way"
            );
        }
        app.pictures_waiting() == WAITING
    })
    .await;
    let busy = ann.clone().send(upload(&png(40, 90))).await;
    busy.assert_status(503);
    assert!(busy.header("retry-after").is_some());
    assert!(
        busy.one("main").contains("Choose yours again in a moment"),
        "told beside the field"
    );
    drop(held);
    assert_eq!(join_all(waiting).await, [303; WAITING]);
    assert_eq!(app.pictures_waiting(), 0);
}

#[actix_web::test]
async fn a_client_that_hangs_up_during_decoding_lets_no_second_picture_in() {
    let app = TestApp::new().await;
    let ann = app.author("ann").await;
    // The client of the picture under way is gone already.
    let held = app.hold_picture_thread().await;
    let mut next = Box::pin(send(ann.clone(), png(40, 90)));
    until("the next one waits", SOON, async || {
        assert!(
            poll_immediate(&mut next).await.is_none(),
            "it is decoded beside the first"
        );
        app.pictures_waiting() == 1
    })
    .await;
    // A client that waits and hangs up gives its place away.
    let mut gone = Box::pin(send(ann.clone(), png(40, 90)));
    until("another one waits", SOON, async || {
        assert!(poll_immediate(&mut gone).await.is_none());
        app.pictures_waiting() == 2
    })
    .await;
    drop(gone);
    assert_eq!(app.pictures_waiting(), 1);
    drop(held);
    assert_eq!(next.await, 303);
}

async fn send(mut by: Actor, picture: Vec<u8>) -> u16 {
    by.send(upload(&picture)).await.status.as_u16()
}
