//! The door: what is asked of a submission before it is stored. The network is never asked here.

use actix_web::HttpRequest;

use super::Context;
use super::error::ApiError;
use crate::model::{Ruling, SiteId, Submission};
use crate::protocol::webmention::Refusal;
use crate::store::{Admission, admission, may_vouch};

impl Context {
    /// Lets a submission in, and says for which site; its vouch stays only if it is needed, its code only if
    /// the site takes private mentions.
    ///
    /// # Errors
    /// [`Refusal`]s, in the order: not our target, a blocked client or source, a site that takes no
    /// mentions of itself, no good vouch; then the limits.
    pub(super) async fn let_in(
        &self,
        request: &HttpRequest,
        submission: &mut Submission,
    ) -> Result<SiteId, ApiError> {
        let (store, now) = (self.store.as_ref(), self.clock.now());
        if self.is_ours(request, &submission.source) {
            return Err(Refusal::SourceIsReceiver.into());
        }
        // WM-13: known here and now, without asking anyone.
        let site = store
            .site_of(&submission.target)
            .await?
            .ok_or(Refusal::TargetNotSupported)?;
        let door = store.door().await?;
        let asker = self.asker(request);
        if asker.is_some_and(|a| door.rules.of_client(a.address, site, now) == Ruling::Blocked) {
            return Err(Refusal::ClientBlocked.into());
        }
        let source = submission.source.as_url();
        match admission(store, &door, source, site, now).await? {
            Admission::Blocked => return Err(Refusal::SourceBlocked.into()),
            Admission::SelfPing => return Err(Refusal::SelfPing.into()),
            Admission::Free => submission.vouch = None,
            Admission::WithVouch => {
                let vouch = submission.vouch.as_ref().ok_or(Refusal::VouchRequired)?;
                if !may_vouch(store, &door, vouch.as_url(), site, now).await? {
                    return Err(Refusal::VouchUnknown.into());
                }
            }
        }
        if !door.settings_of(site).takes_private {
            // As if it were an unknown field: the source is asked as anybody may ask it.
            submission.code = None;
        }
        self.take_claim(request, &submission.source, site)?;
        Ok(site)
    }
}
