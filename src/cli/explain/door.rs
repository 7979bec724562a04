//! What the owner's sites and rules say of a mention: asked of the database, in which nothing is changed.

use std::path::PathBuf;

use serde_json::{Value, json};
use url::Url;

use super::line;
use crate::app;
use crate::config::Config;
use crate::fetch::{Answer, Fetched};
use crate::http::failure_words;
use crate::model::{
    Action, Clock as _, Door, FailureKind, PageKey, Rule, Rules, Ruling, SiteBase, SiteId,
    SourceUrl, State, SystemClock, TargetUrl, Timestamp, same_host, same_page,
};
use crate::protocol::webmention::Refusal;
use crate::store::{Admission, Store, admission};

/// The number of a site that the store does not have yet: no rule and no setting is of it alone.
const NEW_SITE: SiteId = SiteId(0);

/// What was asked at the door, and what was said.
pub(super) struct AtDoor {
    database: PathBuf,
    /// Whether the database is there, so that sites and rules could be asked.
    pub(super) is_asked: bool,
    answers: Vec<Said>,
}

/// An answer to one question.
struct Said {
    about: &'static str,
    text: String,
    refusal: Option<Refused>,
}

/// How the sender would be told that a mention is refused.
#[derive(Clone, Copy)]
struct Refused {
    /// What the request is answered: 400, or 201 if the refusal shows on the status page.
    status: u16,
    /// `docs/protocol.md` lists them.
    code: &'static str,
}

/// Refuses the request itself.
fn at_once(refusal: &Refusal) -> Refused {
    let code = refusal.code();
    Refused { status: 400, code }
}

/// Refuses once the source was fetched.
fn later(code: &'static str) -> Refused {
    Refused { status: 201, code }
}

impl AtDoor {
    /// Asks what the service would ask of a source that was `fetched`, the sender's network left out.
    ///
    /// # Errors
    /// The database is there and cannot be used.
    pub(super) async fn ask(
        config: &Config,
        source: &SourceUrl,
        target: &TargetUrl,
        fetched: &Fetched,
    ) -> anyhow::Result<Self> {
        let ended_at = match &fetched.answer {
            Ok(Answer::Page(page)) if PageKey::of(&page.url) != source.page_key() => {
                Some(&page.url)
            }
            _ => None,
        };
        let mut at_door = Self {
            database: config.database.clone(),
            is_asked: config.database.exists(),
            answers: Vec::new(),
        };
        at_door.compare(config, source, target, ended_at);
        if at_door.is_asked {
            let store = app::open_existing_store(config)?;
            at_door
                .look_up(&*store, config, (source, target), ended_at)
                .await?;
        }
        Ok(at_door)
    }

    /// Whether the mention would be refused.
    pub(super) fn is_refused(&self) -> bool {
        self.answers.iter().any(|said| said.refusal.is_some())
    }

    fn say(&mut self, about: &'static str, text: String, refusal: Option<Refused>) {
        self.answers.push(Said {
            about,
            text,
            refusal,
        });
    }

    /// What the addresses alone tell.
    fn compare(
        &mut self,
        config: &Config,
        source: &SourceUrl,
        target: &TargetUrl,
        ended_at: Option<&Url>,
    ) {
        if same_page(source, target) {
            let text = "the target itself: a page cannot mention itself".to_owned();
            self.say("source", text, Some(at_once(&Refusal::SourceIsTarget)));
        }
        let is_ours = |url| {
            config
                .public_url
                .as_ref()
                .is_some_and(|us| same_host(us, url))
        };
        if is_ours(source.as_url()) {
            let text = "a page of this service itself (public_url)".to_owned();
            self.say("source", text, Some(at_once(&Refusal::SourceIsReceiver)));
        }
        let Some(url) = ended_at else { return };
        if is_ours(url) {
            let text = format!("leads to {url}, a page of this service itself (public_url)");
            let code = failure_words(FailureKind::Receiver).0;
            self.say("redirect", text, Some(later(code)));
        }
        if PageKey::of(url) == target.page_key() {
            let text = "leads to the target, which cannot mention itself".to_owned();
            self.say("redirect", text, Some(later("no_link_found")));
        }
    }

    /// What the store tells.
    async fn look_up(
        &mut self,
        store: &dyn Store,
        config: &Config,
        (source, target): (&SourceUrl, &TargetUrl),
        ended_at: Option<&Url>,
    ) -> anyhow::Result<()> {
        let Some(site) = self.site(store, config, target).await? else {
            return Ok(());
        };
        let book = Book::read(store, config, site).await?;
        let url = source.as_url();
        let said = admission(store, &book.door, url, site, book.now).await?;
        let (text, refusal) = match said {
            Admission::Free | Admission::WithVouch => (book.why(url), None),
            Admission::Blocked => (book.why(url), Some(at_once(&Refusal::SourceBlocked))),
            Admission::SelfPing => (
                "a page of the target's own site, which takes mentions of others only".to_owned(),
                Some(at_once(&Refusal::SelfPing)),
            ),
        };
        self.say("source", text, refusal);
        if said == Admission::WithVouch {
            let text = "needed: the source's domain is not known here; without one".to_owned();
            self.say("vouch", text, Some(at_once(&Refusal::VouchRequired)));
        } else if said == Admission::Free {
            let text = if book.door.settings_of(site).needs_vouch {
                "not needed: the source is known here, or let in by name"
            } else {
                "not needed: the site asks nobody for one"
            };
            self.say("vouch", text.to_owned(), None);
        }
        let Some(url) = ended_at else {
            return Ok(());
        };
        let known = store.status_of(source, target).await?;
        let is_known = known.is_some_and(|known| matches!(known.state, State::Accepted { .. }));
        let coded = |kind| Some(later(failure_words(kind).0));
        let (why, refusal) = match admission(store, &book.door, url, site, book.now).await? {
            Admission::WithVouch if !is_known => (
                "whose domain is not known here, without a vouch".to_owned(),
                coded(FailureKind::Vouch),
            ),
            Admission::Free | Admission::WithVouch => (book.why(url), None),
            Admission::Blocked => (book.why(url), coded(FailureKind::Blocked)),
            Admission::SelfPing => (
                "a page of the target's own site, which takes mentions of others only".to_owned(),
                coded(FailureKind::Blocked),
            ),
        };
        self.say("redirect", format!("leads to {url}: {why}"), refusal);
        Ok(())
    }

    /// The site that the target is of, if it is of any.
    async fn site(
        &mut self,
        store: &dyn Store,
        config: &Config,
        target: &TargetUrl,
    ) -> anyhow::Result<Option<SiteId>> {
        let covers = |base: &&SiteBase| base.covers(target);
        if let Some(id) = store.site_of(target).await? {
            let sites = store.sites().await?;
            let bases = sites.iter().filter(|site| site.id == id);
            let base = bases.flat_map(|site| &site.bases).find(covers);
            let name = base.map_or_else(|| target.authority(), ToString::to_string);
            self.say("target", format!("{name} is a site here"), None);
            return Ok(Some(id));
        }
        if let Some(base) = config.sites.iter().find(covers) {
            let text =
                format!("{base} is a site in the configuration: `serve` adds it at its start");
            self.say("target", text, None);
            return Ok(Some(NEW_SITE));
        }
        let text = "no site of yours covers the target (`linkback site list`)".to_owned();
        self.say("target", text, Some(at_once(&Refusal::TargetNotSupported)));
        Ok(None)
    }

    /// A line for each answer.
    pub(super) fn text(&self, out: &mut String) {
        line(out, "\ndoor");
        for said in &self.answers {
            let told = match said.refusal {
                None => String::new(),
                Some(Refused { status: 201, code }) => format!(": 201, then {code}"),
                Some(Refused { status, code }) => format!(": {status}, {code}"),
            };
            line(out, &format!("  {:<11} {}{told}", said.about, said.text));
        }
        if !self.is_asked {
            let file = self.database.display();
            let text = format!("  no database at {file}: sites and rules were not asked");
            line(out, &text);
        }
    }

    pub(super) fn json(&self) -> Value {
        let answers = self.answers.iter().map(|said| {
            json!({
                "about": said.about,
                "says": said.text,
                "status": said.refusal.map(|refused| refused.status),
                "code": said.refusal.map(|refused| refused.code),
            })
        });
        json!({
            "database": self.database.display().to_string(),
            "is_asked": self.is_asked,
            "is_refused": self.is_refused(),
            "answers": answers.collect::<Vec<_>>(),
        })
    }
}

/// The rules as they are, and as the configuration will have them.
struct Book {
    rules: Vec<Rule>,
    door: Door,
    site: SiteId,
    now: Timestamp,
}

impl Book {
    async fn read(store: &dyn Store, config: &Config, site: SiteId) -> anyhow::Result<Self> {
        let now = SystemClock.now();
        let mut rules = store.rules(now).await?;
        let configured = config.receive.blocked_sources.iter();
        rules.extend(configured.map(|pattern| Rule {
            action: Action::Block,
            pattern: pattern.clone(),
            site: None,
            reason: String::new(),
            created_at: now,
            expires_at: None,
            is_configured: true,
        }));
        let mut of_all = Rules::default();
        for rule in &rules {
            of_all.add(rule);
        }
        let settings = store.door().await?.settings.clone();
        Ok(Self {
            rules,
            door: Door {
                rules: of_all,
                settings,
            },
            site,
            now,
        })
    }

    /// What the rules say of a page at `url`, and which rule says it.
    fn why(&self, url: &Url) -> String {
        let (action, said) = match self.door.rules.of_page(url, self.site, self.now) {
            Ruling::Unlisted => return "no rule turns it away".to_owned(),
            Ruling::Allowed => (Action::Allow, "let in"),
            Ruling::Blocked => (Action::Block, "blocked"),
        };
        let covers = |rule: &&Rule| {
            let alone = Rules::blocking(&rule.pattern);
            rule.action == action && alone.of_page(url, self.site, self.now) == Ruling::Blocked
        };
        // The rules of the site are asked before those of all.
        let mut asked = [Some(self.site), None].into_iter();
        let rule = asked.find_map(|of| {
            let mut rules = self.rules.iter().filter(|rule| rule.site == of);
            rules.find(covers)
        });
        let Some(rule) = rule else {
            return format!("{said} by a rule");
        };
        let mut notes = Vec::new();
        if rule.site.is_some() {
            notes.push("for this site".to_owned());
        }
        if rule.is_configured {
            notes.push("in the configuration".to_owned());
        }
        if !rule.reason.is_empty() {
            notes.push(rule.reason.escape_debug().to_string());
        }
        let notes = if notes.is_empty() {
            String::new()
        } else {
            format!(" ({})", notes.join(", "))
        };
        format!("{said} by the rule “{}”{notes}", rule.pattern)
    }
}
