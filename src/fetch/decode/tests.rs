use reqwest::header::HeaderValue;

use super::*;
use crate::fetch::limits::MAX_RATIO;

fn coding(lines: &[&'static str]) -> Result<Coding, FetchError> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(CONTENT_ENCODING, HeaderValue::from_static(line));
    }
    Coding::of(&headers)
}

#[test]
fn one_coding_that_was_asked_for_is_undone_and_no_other() {
    for (lines, want) in [
        (&[][..], Coding::Identity),
        (&[""], Coding::Identity),
        (&["identity"], Coding::Identity),
        (&["gzip"], Coding::Gzip),
        (&["GZip"], Coding::Gzip),
        (&["x-gzip"], Coding::Gzip),
        (&[" br "], Coding::Brotli),
        (&["identity, gzip"], Coding::Gzip),
        (&["identity", "br"], Coding::Brotli),
    ] {
        assert_eq!(coding(lines), Ok(want), "{lines:?}");
    }
    for lines in [
        &["gzip, gzip"][..],
        &["gzip", "gzip"],
        &["gzip, br"],
        &["br", "identity", "gzip"],
        &["deflate"],
        &["zstd"],
        &["gzip;q=1"],
    ] {
        assert!(
            matches!(coding(lines), Err(FetchError::BadResponse(_))),
            "{lines:?}"
        );
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 5, 22);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    out
}

/// What becomes of a body that comes in pieces of `size` bytes.
fn decoded(
    coding: Coding,
    body: &[u8],
    size: usize,
    max_body_bytes: usize,
) -> Result<(Vec<u8>, bool), FetchError> {
    let mut inflow = Inflow::new(coding, max_body_bytes, MAX_RATIO);
    for piece in body.chunks(size) {
        if inflow.take(piece)? {
            break;
        }
    }
    inflow.finish()
}

/// Words that no compression makes a hundredth of.
fn prose(bytes: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes())
        .take(bytes)
        .collect()
}

#[test]
fn a_body_is_the_same_however_it_is_cut_up_on_the_way() {
    let page = prose(50_000);
    let two_members = [gzip(&page[..20_000]), gzip(&page[20_000..])].concat();
    for (coding, body) in [
        (Coding::Identity, page.clone()),
        (Coding::Gzip, gzip(&page)),
        (Coding::Gzip, two_members),
        (Coding::Brotli, brotli(&page)),
    ] {
        for size in [1, 7, 511, 512, 513, 100_000] {
            let got = decoded(coding, &body, size, 50_000).unwrap();
            assert!(got == (page.clone(), false), "{coding:?} by {size}");
        }
    }
}

#[test]
fn what_is_beyond_the_cap_is_cut_off_in_every_coding() {
    let page = prose(50_000);
    for (coding, body) in [
        (Coding::Identity, page.clone()),
        (Coding::Gzip, gzip(&page)),
        (Coding::Brotli, brotli(&page)),
    ] {
        for cap in [0, 1, 10_000, 49_999] {
            let got = decoded(coding, &body, 1000, cap).unwrap();
            assert!(got == (page[..cap].to_vec(), true), "{coding:?} at {cap}");
        }
    }
}

#[test]
fn a_bomb_is_told_from_a_long_page() {
    let zeros = vec![0; 3 * 512 * 1024];
    for (coding, bomb) in [
        (Coding::Gzip, gzip(&zeros)),
        (Coding::Brotli, brotli(&zeros)),
    ] {
        let got = decoded(coding, &bomb, 65_536, 1024 * 1024);
        let want = "decompresses to more than 100 times its size".to_owned();
        assert!(got == Err(FetchError::BadResponse(want)), "{coding:?}");
        // What fits is no bomb, however well it was packed.
        let got = decoded(coding, &bomb, 65_536, zeros.len()).unwrap();
        assert!(got == (zeros.clone(), false), "{coding:?}");
    }
}

#[test]
fn the_window_is_bounded_by_what_comes_out_and_not_by_what_is_asked_for() {
    let with_window = |bytes: &[u8], window| {
        let mut out = Vec::new();
        let mut encoder = brotli::CompressorWriter::new(&mut out, bytes.len(), 5, window);
        encoder.write_all(bytes).unwrap();
        drop(encoder);
        out
    };
    let page = prose(1_000_000);
    for window in [10, 16, 22, 24] {
        let body = with_window(&page, window);
        let got = decoded(Coding::Brotli, &body, 4096, 1024 * 1024).unwrap();
        assert!(got == (page.clone(), false), "{window}");
    }
    // A header that announces 16 MiB in one block, and the beginning of that block.
    let greedy = with_window(&vec![0; 16 * 1024 * 1024], 24);
    let want = "does not decompress: it asks for too much memory".to_owned();
    let got = decoded(Coding::Brotli, &greedy, 4096, 1024 * 1024);
    assert!(got == Err(FetchError::BadResponse(want)));
}

#[test]
fn a_body_that_is_compressed_to_more_than_it_was_ends() {
    // Empty blocks of deflate, and empty blocks of metadata of Brotli.
    let nothing = [
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(),
        b"\0\0\0\xff\xff".repeat(50_000),
    ];
    let got = decoded(Coding::Gzip, &nothing.concat(), 4096, 100_000);
    let want = "compressed to more than it was".to_owned();
    assert!(got == Err(FetchError::BadResponse(want)));
}

#[test]
fn a_compressed_body_that_is_broken_or_has_no_end_is_an_error() {
    let page = prose(20_000);
    for (coding, whole) in [(Coding::Gzip, gzip(&page)), (Coding::Brotli, brotli(&page))] {
        for end in [1, 5, whole.len() / 2, whole.len() - 1] {
            let got = decoded(coding, &whole[..end], 100, 50_000);
            assert!(got.is_err(), "{coding:?} up to {end}");
        }
        let longer = [&whole[..], b"and then some"].concat();
        assert!(decoded(coding, &longer, 100, 50_000).is_err(), "{coding:?}");
        assert!(decoded(coding, b"<p>not packed at all", 100, 50_000).is_err());
        assert_eq!(decoded(coding, b"", 100, 50_000), Ok((Vec::new(), false)));
    }
    let mut flipped = gzip(&page);
    let crc = flipped.len() - 6;
    flipped[crc] ^= 1;
    assert!(decoded(Coding::Gzip, &flipped, 100, 50_000).is_err());
}

#[test]
fn no_bytes_make_the_decoders_panic_or_exceed_the_cap() {
    let mut seed = 1_u32;
    let mut noise = move |length: usize| -> Vec<u8> {
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        };
        (0..length).map(|_| next()).collect()
    };
    let (gzipped, brotlied) = (gzip(&prose(3000)), brotli(&prose(3000)));
    for round in 0..2000 {
        for (coding, good) in [(Coding::Gzip, &gzipped), (Coding::Brotli, &brotlied)] {
            let mut body = good.clone();
            let at = (round * 7) % body.len();
            let splice = noise(1 + round % 9);
            let end = (at + splice.len()).min(body.len());
            body.splice(at..end, splice);
            if let Ok((bytes, _)) = decoded(coding, &body, 64, 5000) {
                assert!(bytes.len() <= 5000);
            }
            let _ = decoded(coding, &noise(200), 64, 5000);
        }
    }
}
