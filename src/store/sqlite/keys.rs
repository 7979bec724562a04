//! [`Keys`]: the names of status pages, which only this database can make.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{Secret, SourceUrl, StatusKey, Submission, TargetUrl};

/// The secret of the names.
#[derive(Clone, Copy)]
pub(super) struct Keys(pub(super) [u8; 32]);

impl Keys {
    /// The name of the status page of a source and a target.
    pub(super) fn of(&self, source: &SourceUrl, target: &TargetUrl) -> StatusKey {
        self.name(source, target, None)
    }

    /// The name of the status page of a submission. Whoever does not know its code does not learn whether
    /// there is a private one.
    pub(super) fn of_submission(&self, submission: &Submission) -> StatusKey {
        let code = submission.code.as_ref();
        self.name(&submission.source, &submission.target, code)
    }

    fn name(&self, source: &SourceUrl, target: &TargetUrl, code: Option<&Secret>) -> StatusKey {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key length");
        mac.update(source.as_str().as_bytes());
        // A URL holds no line break: the pair cannot be read as another pair.
        mac.update(b"\n");
        mac.update(target.as_str().as_bytes());
        if let Some(code) = code {
            mac.update(b"\n");
            mac.update(code.expose().as_bytes());
        }
        let hash = mac.finalize().into_bytes();
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash) {
            *to = from;
        }
        StatusKey::from_bytes(key)
    }
}
