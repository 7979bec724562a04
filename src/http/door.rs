//! The door: what is asked of a submission before it is stored. The network is never asked here.

use actix_web::HttpRequest;

use super::Context;
use super::error::ApiError;
use crate::model::{
    Door, Ruling, SiteId, SourceUrl, Submission, TargetUrl, Timestamp, registrable_domain,
};
use crate::protocol::webmention::Refusal;

impl Context {
    /// Lets a submission in, and says for which site; its vouch stays only if it is needed.
    ///
    /// # Errors
    /// [`Refusal`]s, in the order: not our target, a blocked client or source, a site that takes no
    /// mentions of itself, no good vouch; then the limits.
    pub(super) async fn let_in(
        &self,
        request: &HttpRequest,
        submission: &mut Submission,
    ) -> Result<SiteId, ApiError> {
        let now = self.clock.now();
        if self.is_ours(request, &submission.source) {
            return Err(Refusal::SourceIsReceiver.into());
        }
        // WM-13: known here and now, without asking anyone.
        let site = self
            .store
            .site_of(&submission.target)
            .await?
            .ok_or(Refusal::TargetNotSupported)?;
        let door = self.store.door().await?;
        let asker = self.asker(request);
        if asker.is_some_and(|a| door.rules.of_client(a.address, site, now) == Ruling::Blocked) {
            return Err(Refusal::ClientBlocked.into());
        }
        let ruling = door.rules.of_page(submission.source.as_url(), site, now);
        if ruling == Ruling::Blocked {
            return Err(Refusal::SourceBlocked.into());
        }
        let settings = door.settings_of(site);
        if !settings.takes_self_pings && self.is_of_site(&submission.source, site).await? {
            return Err(Refusal::SelfPing.into());
        }
        let is_free = !settings.needs_vouch
            || ruling == Ruling::Allowed
            || self.is_known(&submission.source, site).await?;
        if is_free {
            submission.vouch = None;
        } else {
            let vouch = submission.vouch.as_ref().ok_or(Refusal::VouchRequired)?;
            if !self.may_vouch(vouch, &door, site, now).await? {
                return Err(Refusal::VouchUnknown.into());
            }
        }
        self.take_claim(request, &submission.source, site)?;
        Ok(site)
    }

    async fn is_of_site(&self, page: &SourceUrl, site: SiteId) -> Result<bool, ApiError> {
        let Ok(page) = TargetUrl::parse(page.as_str()) else {
            return Ok(false);
        };
        Ok(self.store.site_of(&page).await? == Some(site))
    }

    /// Whether a mention of that domain was verified before, or it is the site's own.
    async fn is_known(&self, page: &SourceUrl, site: SiteId) -> Result<bool, ApiError> {
        let domain = registrable_domain(page.as_url());
        Ok(self.store.knows_domain(site, domain).await? || self.is_of_site(page, site).await?)
    }

    async fn may_vouch(
        &self,
        vouch: &SourceUrl,
        door: &Door,
        site: SiteId,
        now: Timestamp,
    ) -> Result<bool, ApiError> {
        match door.rules.of_page(vouch.as_url(), site, now) {
            Ruling::Allowed => Ok(true),
            Ruling::Blocked => Ok(false),
            Ruling::Unlisted => self.is_known(vouch, site).await,
        }
    }
}
