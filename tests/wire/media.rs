//! Pictures on the wire: fetched once, copied small, served for ever, and gone with what showed them.

use std::collections::HashSet;
use std::io::Cursor;
use std::time::Duration;

use image::codecs::gif::GifEncoder;
use image::{Frame, ImageFormat, Rgba, RgbaImage};
use linkback::app::{Role, Service};
use linkback::config::Config;
use linkback::model::{Clock as _, SystemClock, Timestamp};
use linkback::store::{Manners, PictureRequest, Store};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{Answer, PATIENCE, TestService, flags, form, get, send};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";
const HOUR: Duration = Duration::from_secs(3600);

fn picture(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        Rgba([(x % 251) as u8, (y % 241) as u8, 90, 255])
    })
}

fn written(form: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = image::DynamicImage::ImageRgba8(picture(300, 200)).into_rgb8();
    image.write_to(&mut bytes, form).unwrap();
    bytes.into_inner()
}

/// One colour: no form is smaller than lossless WebP.
fn flat() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbaImage::from_pixel(300, 300, Rgba([200, 30, 60, 255]))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A PNG that says it has 2,500 million pixels.
fn bomb() -> Vec<u8> {
    let mut png = flat();
    png[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    png
}

fn animation() -> Vec<u8> {
    let frames = [[0, 0, 255, 255], [255, 0, 0, 255]]
        .map(|colour| Frame::new(RgbaImage::from_pixel(50, 50, Rgba(colour))));
    let mut bytes = Vec::new();
    GifEncoder::new(&mut bytes).encode_frames(frames).unwrap();
    bytes
}

/// A post that likes the target, by somebody with that face.
fn post(face: &str) -> SourcePage {
    SourcePage::html(&format!(
        "<article class=h-entry><a class='p-author h-card' href=/><img class=u-photo src='{face}' alt=''>\
         Ann</a> likes <a class=u-like-of href='{TARGET}'>this</a></article>"
    ))
}

/// The path of the author's copied face, once the first mention has one.
async fn await_avatar(service: &TestService) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mentions = service.mentions(TARGET).await;
        let avatar = mentions
            .first()
            .and_then(|mention| mention["author"]["avatar"].as_str().map(str::to_owned));
        if let Some(avatar) = avatar {
            return avatar;
        }
        assert!(Instant::now() < deadline, "has {mentions:#?}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// When the next picture is due; nothing may be due before.
async fn next_picture(store: &dyn Store) -> Option<Timestamp> {
    let request = PictureRequest {
        limit: 0,
        busy: HashSet::new(),
        lease: HOUR,
        manners: Manners::default(),
    };
    let now = SystemClock.now();
    store.claim_pictures(request, now).await.unwrap().next_at
}

/// Waits until no picture is due, or under way.
async fn await_rest(store: &dyn Store) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let soon = SystemClock.now().plus(HOUR / 2);
        match next_picture(store).await {
            Some(at) if at > soon => return,
            other => assert!(Instant::now() < deadline, "still {other:?}"),
        }
        sleep(Duration::from_millis(10)).await;
    }
}

async fn get_media(service: &TestService, path: &str) -> Answer {
    get(service.address, path, "image/*").await
}

#[actix_web::test]
async fn a_face_is_copied_and_served_for_ever_until_its_source_is_gone() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    site.put("/face.png", SourcePage::file("image/png", flat()));
    let source = site.put("/post", post("/face.png"));
    service.webmention(&source, TARGET).await;
    let first = service.await_mentions(TARGET, 1).await;
    assert_eq!(
        first[0]["author"]["photo"],
        format!("{}/face.png", site.url)
    );
    let path = await_avatar(&service).await;
    let name = path.strip_prefix("/media/").unwrap();
    assert_eq!(name.split_once('.').unwrap().1, "webp");

    let answer = get_media(&service, &path).await;
    assert_eq!(answer.status, 200);
    for (name, want) in [
        ("content-type", "image/webp"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(answer.header(name), Some(want), "{name}");
    }
    assert_eq!(answer.header("content-encoding"), None);
    let copy = image::load_from_memory(&answer.body).unwrap();
    assert_eq!((copy.width(), copy.height()), (128, 128));

    let head = format!("HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let head = send(service.address, head.as_bytes()).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), Some("image/webp"));
    let etag = answer.header("etag").unwrap();
    let unchanged = service.get_again(&path, etag).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    let cached = unchanged.header("cache-control");
    assert_eq!(cached, Some("public, max-age=31536000, immutable"));

    // Names are no paths, and no names of other things.
    for wrong in [
        path.replace(".webp", ".jpg"),
        path.replace(".webp", ""),
        path.to_uppercase().replace("MEDIA", "media"),
        "/media/..%2f..%2fetc%2fpasswd".to_owned(),
        format!("/media/{}.webp", "0".repeat(32)),
    ] {
        assert_eq!(get_media(&service, &wrong).await.status, 404, "{wrong}");
    }

    site.put("/post", SourcePage::status(410));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 0).await;
    assert_eq!(get_media(&service, &path).await.status, 404);
    assert_eq!(next_picture(service.store().as_ref()).await, None);
    assert_eq!(site.requests_of("/face.png"), 1);
}

#[actix_web::test]
async fn the_page_has_a_new_version_when_a_picture_arrives() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let face = SourcePage::file("image/png", flat()).after(Duration::from_millis(200));
    site.put("/face.png", face);
    let source = site.put("/post", post("/face.png"));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 1).await;
    let api = format!("/api/v1/mentions?{}", form(&[("target", TARGET)]));
    let before = service.get(&api).await;
    assert_eq!(
        before.json()["mentions"][0]["author"]["avatar"],
        Value::Null
    );
    await_avatar(&service).await;
    let etag = before.header("etag").unwrap();
    assert_eq!(service.get_again(&api, etag).await.status, 200);
}

#[actix_web::test]
async fn a_hundred_mentions_of_one_author_ask_for_the_face_once() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    site.put(
        "/face",
        SourcePage::file("image/jpeg", written(ImageFormat::Jpeg)),
    );
    for n in 0..100 {
        let source = site.put(&format!("/{n}"), post("/face"));
        assert_eq!(service.webmention(&source, TARGET).await.status, 201);
    }
    let api = format!(
        "/api/v1/mentions?{}",
        form(&[("target", TARGET), ("limit", "200")])
    );
    let deadline = Instant::now() + PATIENCE;
    let avatars = loop {
        let answer = service.get(&api).await.json();
        let mentions = answer["mentions"].as_array().unwrap();
        let avatars: HashSet<_> = mentions
            .iter()
            .filter_map(|mention| mention["author"]["avatar"].as_str().map(str::to_owned))
            .collect();
        if mentions.len() == 100 && !avatars.is_empty() {
            assert!(
                mentions
                    .iter()
                    .all(|one| one["author"]["avatar"].is_string())
            );
            break avatars;
        }
        assert!(Instant::now() < deadline, "{} mentions", mentions.len());
        sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(avatars.len(), 1);
    await_rest(service.store().as_ref()).await;
    assert_eq!(site.requests_of("/face"), 1);
}

#[actix_web::test]
async fn photos_are_copied_with_their_size() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let mut bytes = Cursor::new(Vec::new());
    let photo = image::DynamicImage::ImageRgba8(picture(1200, 900)).into_rgb8();
    photo.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    site.put(
        "/tree.jpg",
        SourcePage::file("image/jpeg", bytes.into_inner()),
    );
    let source = site.put(
        "/post",
        SourcePage::html(&format!(
            "<article class=h-entry><p class=e-content>A tree, after <a class=u-in-reply-to \
             href='{TARGET}'>this</a></p><img class=u-photo src=/tree.jpg alt='A tree'></article>"
        )),
    );
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 1).await;
    await_rest(service.store().as_ref()).await;
    let mention = service.mentions(TARGET).await.remove(0);
    let photo = &mention["photos"][0];
    assert_eq!(photo["url"], format!("{}/tree.jpg", site.url));
    assert_eq!(
        (&photo["width"], &photo["height"]),
        (&640.into(), &480.into())
    );
    let path = photo["cached"].as_str().unwrap();
    let answer = get_media(&service, path).await;
    assert_eq!(answer.status, 200);
    let copy = image::load_from_memory(&answer.body).unwrap();
    assert_eq!((copy.width(), copy.height()), (640, 480));
}

#[actix_web::test]
async fn what_is_no_picture_costs_one_request_and_is_not_asked_for_again() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let png = "image/png";
    let bad = [
        ("/bomb", SourcePage::file(png, bomb())),
        (
            "/html",
            SourcePage {
                content_type: png.to_owned(),
                ..SourcePage::html("<p>No.")
            },
        ),
        (
            "/svg",
            SourcePage::file("image/svg+xml", svg.as_bytes().to_vec()),
        ),
        ("/cut", SourcePage::file(png, flat()[..60].to_vec())),
        ("/404", SourcePage::status(404)),
        ("/410", SourcePage::status(410)),
        ("/500", SourcePage::status(500)),
        (
            "/inward",
            SourcePage::status(302).with_header("location", "http://10.0.0.1/a.png"),
        ),
        ("/empty", SourcePage::file(png, Vec::new())),
    ];
    let good = [
        (
            "/typed-wrong",
            SourcePage::file("text/html", written(ImageFormat::Png)),
        ),
        ("/animated", SourcePage::file("image/gif", animation())),
        (
            "/webp",
            SourcePage::file("image/webp", written(ImageFormat::WebP)),
        ),
    ];
    for (path, page) in bad.iter().chain(&good) {
        site.put(path, page.clone());
        let source = site.put(&format!("/post{path}"), post(path));
        assert_eq!(service.webmention(&source, TARGET).await.status, 201);
    }
    service.await_mentions(TARGET, bad.len() + good.len()).await;
    let store = service.open_store();
    await_rest(store.as_ref()).await;
    // Somebody else names them, too.
    for (path, _) in &bad {
        let source = site.put(&format!("/other{path}"), post(path));
        assert_eq!(service.webmention(&source, TARGET).await.status, 201);
    }
    let mentions = service
        .await_mentions(TARGET, 2 * bad.len() + good.len())
        .await;
    await_rest(store.as_ref()).await;
    for mention in mentions {
        let (author, source) = (&mention["author"], mention["source"].as_str().unwrap());
        let is_good = good
            .iter()
            .any(|(path, _)| source.ends_with(&format!("/post{path}")));
        assert_eq!(author["avatar"].is_string(), is_good, "{mention:#?}");
    }
    for (path, _) in bad.iter().chain(&good) {
        assert_eq!(site.requests_of(path), 1, "{path}");
    }
}

#[actix_web::test]
async fn one_process_fetches_pictures_and_another_serves_them() {
    let site = SourceSite::start();
    site.put("/face.png", SourcePage::file("image/png", flat()));
    let source = site.put("/post", post("/face.png"));
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::load(&flags(folder.path().join("t.sqlite"), &[BLOG])).unwrap();
    config.worker.poll = Duration::from_millis(20);
    let serving = Service::start(&config, Role::Http).await.unwrap();
    let working = Service::start(&config, Role::Worker).await.unwrap();
    let service = TestService::around(serving, folder);
    service.webmention(&source, TARGET).await;
    let path = await_avatar(&service).await;
    assert_eq!(get_media(&service, &path).await.status, 200);
    working.stop().await.unwrap();
    service.stop().await;
}

#[actix_web::test]
async fn who_wants_no_pictures_gets_none_and_keeps_none() {
    let site = SourceSite::start();
    site.put("/face.png", SourcePage::file("image/png", flat()));
    let source = site.put("/post", post("/face.png"));
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::load(&flags(folder.path().join("t.sqlite"), &[BLOG])).unwrap();
    let service = Service::start(&config, Role::Everything).await.unwrap();
    let service = TestService::around(service, folder);
    service.webmention(&source, TARGET).await;
    let path = await_avatar(&service).await;
    let folder = service.stop_keeping().await;
    config.media.is_enabled = false;
    let service = Service::start(&config, Role::Everything).await.unwrap();
    let service = TestService::around(service, folder);
    assert_eq!(get_media(&service, &path).await.status, 404);
    let other = site.put("/other", post("/other-face.png"));
    service.webmention(&other, TARGET).await;
    let mentions = service.await_mentions(TARGET, 2).await;
    assert!(mentions.iter().all(|one| one["author"]["avatar"].is_null()));
    service.stop().await;
    assert_eq!(site.requests_of("/other-face.png"), 0);
}
