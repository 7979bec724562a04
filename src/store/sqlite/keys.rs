//! [`Keys`]: the names of status pages, which only this database can make.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{SourceUrl, StatusKey, TargetUrl};

/// The secret of the names.
#[derive(Clone, Copy)]
pub(super) struct Keys(pub(super) [u8; 32]);

impl Keys {
    /// The name of the status page of a source and a target.
    pub(super) fn of(&self, source: &SourceUrl, target: &TargetUrl) -> StatusKey {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key length");
        mac.update(source.as_str().as_bytes());
        // A URL holds no line break: the pair cannot be read as another pair.
        mac.update(b"\n");
        mac.update(target.as_str().as_bytes());
        let hash = mac.finalize().into_bytes();
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash) {
            *to = from;
        }
        StatusKey::from_bytes(key)
    }
}
