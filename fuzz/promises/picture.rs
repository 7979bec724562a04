//! Target `picture`: the bytes of a picture, and its copies.

use linkback::model::{MediaName, MediaType, PictureRole};
use linkback::picture::{
    AVATAR_SIDE, MAX_COPY_BYTES, MIN_SIDE, PHOTO_HEIGHT, PHOTO_WIDTH, copy_of,
};

/// Any bytes are a small copy or an error; a copy is what it says it is, and can be copied again.
pub fn picture(data: &[u8]) {
    for role in PictureRole::ALL {
        let Ok(copy) = copy_of(data, role) else {
            continue;
        };
        let (width, height) = (copy.width, copy.height);
        match role {
            PictureRole::Avatar => assert!(width == height && width <= AVATAR_SIDE),
            PictureRole::Photo => assert!(width <= PHOTO_WIDTH && height <= PHOTO_HEIGHT),
        }
        assert!(width > 0 && height > 0);
        assert!(copy.bytes.len() <= MAX_COPY_BYTES || width.min(height) < 2 * MIN_SIDE);
        let starts = match copy.name.form {
            MediaType::WebP => copy.bytes.starts_with(b"RIFF"),
            MediaType::Jpeg => copy.bytes.starts_with(b"\xff\xd8\xff"),
        };
        assert!(starts, "{role:?}");
        assert_eq!(MediaName::parse(&copy.name.to_string()), Some(copy.name));
        if width.min(height) >= MIN_SIDE {
            let again = copy_of(&copy.bytes, role).expect("what we wrote, we read");
            assert_eq!((again.width, again.height), (width, height));
        }
    }
}
