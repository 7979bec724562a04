//! What every [`Store`] must do: one list of tests, run over each backend.

use std::collections::HashMap;
use std::time::Duration;

use super::{
    Accepted, ClaimRequest, Claimed, Finished, Leased, Manners, MentionQuery, Scope, Start, Store,
    StoreError,
};
use crate::model::{
    Author, AuthoredTime, CleanHtml, Comment, Content, Entry, Excerpt, Failure, FailureKind,
    Location, MentionKind, NearMiss, NextCheck, Outcome, Photo, Protocol, Publication, Removal,
    Rsvp, SiteBase, SiteId, SourceUrl, State, Submission, TargetUrl, Timestamp,
};

mod addresses;
mod changes;
mod checks;
mod door;
mod erasing;
mod life;
mod listing;
mod media;
mod mentions;
mod originals;
mod pictures;
mod politeness;
mod private;
mod queue;
mod sites;
mod states;
mod submissions;
mod telling;
mod tokens;
mod upstream;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LEASE: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(24 * 3600);
const TARGET: &str = "https://blog.example/post";

/// Makes a test of each named function for the backend that `$open` gives; `$open` yields a store
/// and whatever must live as long as it.
macro_rules! contract {
    ($open:expr; $($part:ident: $($name:ident)*;)*) => {
        $($(
            #[tokio::test]
            async fn $name() {
                let (store, _keep) = $open;
                super::$part::$name(&store).await;
            }
        )*)*
    };
}

mod sqlite {
    fn open() -> (crate::store::sqlite::SqliteStore, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("linkback.sqlite");
        (
            crate::store::sqlite::SqliteStore::open(&path).unwrap(),
            folder,
        )
    }

    contract! { open();
        sites:
            a_target_belongs_to_the_site_with_the_longest_path
            adding_a_site_again_adds_what_was_missing
            removing_a_site_takes_everything_with_it
            a_site_inside_another_keeps_its_pages_when_the_other_goes
            a_page_is_of_the_site_that_its_path_is_of_whatever_its_query
            a_page_is_of_the_innermost_site_whatever_its_submission_was_accepted_for
            what_was_submitted_to_a_site_inside_another_survives_the_others_end
            a_submission_for_a_site_that_is_gone_is_refused
            a_page_that_comes_back_has_other_versions
        ;
        queue:
            a_submission_is_pending_until_its_verdict
            two_claims_never_share_a_submission
            a_lease_that_ran_out_is_claimed_again_and_its_holder_turned_away
            a_renewed_lease_lasts_longer
            a_released_lease_is_due_at_once
            hosts_that_are_busy_are_passed_over
            a_repetition_during_a_lease_is_verified_again
            a_repetition_does_not_override_what_the_source_asked_for
            fifty_identical_submissions_are_one_mention
            a_verdict_wakes_who_waits_for_it
            waiting_for_a_verdict_ends_in_time
            prune_forgets_old_failures_only
        ;
        telling:
            what_had_changed_before_the_beginning_is_told_to_nobody
            one_tells_at_a_time_and_another_goes_on_where_it_ended
        ;
        politeness:
            every_domain_has_its_turn_however_much_waits_in_another
            a_domain_is_asked_one_page_in_each_interval
            a_fresh_submission_goes_before_what_is_looked_at_again
            what_one_page_asks_for_holds_its_whole_domain
            submissions_of_one_source_are_one_fetch
            sources_that_differ_in_their_query_share_an_allowance
            a_flood_of_queries_keeps_no_known_source_waiting
            a_repetition_finds_no_way_round_an_allowance
            targets_of_one_source_wait_for_the_same_place
            a_domain_has_a_budget_and_a_known_one_more
        ;
        door:
            rules_come_back_as_they_were_made
            a_changed_rule_is_obeyed_at_once
            configured_rules_are_those_of_the_last_start
            a_sites_rules_and_settings_go_with_it
            a_domain_is_known_once_a_mention_of_it_was_verified
            a_purge_takes_what_the_pattern_covers_and_leaves_tombstones
            a_rule_is_never_cut_short_by_another
            a_purge_spares_what_is_let_in
        ;
        mentions:
            everything_an_entry_says_comes_back
            an_update_takes_away_what_is_not_said_any_more
            whatever_a_source_stops_to_say_goes
            one_source_and_target_are_one_mention_whatever_the_protocol
            a_failure_keeps_what_is_shown
            no_link_removes_what_is_shown
            no_link_to_one_form_of_a_target_keeps_a_mention_of_the_other
            gone_erases_what_is_shown
            gone_of_an_unknown_source_is_a_failure
            each_visible_change_raises_the_version
            pages_of_mentions_follow_one_another_without_gap
            every_name_in_the_model_is_accepted_by_the_schema
        ;
        checks:
            a_mention_is_checked_when_it_says_so_and_not_before
            the_longest_overdue_are_checked_first_and_only_so_many
            a_domain_that_is_to_be_left_alone_keeps_no_other_waiting
            a_domain_with_many_mentions_leaves_room_for_the_others
            no_check_is_queued_while_a_submission_is_due
            a_check_that_fails_waits_in_the_mention_and_a_sender_overtakes_it
            a_check_that_somebody_sends_meanwhile_is_theirs
            an_update_has_the_other_mentions_of_its_source_checked
            all_other_mentions_of_a_source_come_to_be_checked_however_many
        ;
        life:
            a_doubt_keeps_a_mention_until_it_is_confirmed
            a_tombstone_stays_until_the_source_links_again
            a_dead_source_goes_and_says_why
            a_page_that_is_gone_takes_no_mention_of_the_post_that_it_showed
            a_source_that_is_gone_is_gone_from_every_page
        ;
        addresses:
            http_and_https_of_a_source_are_one_mention
            a_source_that_moves_for_good_keeps_its_mention
            two_mentions_that_turn_out_to_be_one_page_become_one
            addresses_that_a_page_calls_its_own_on_its_host_are_one_mention
            who_only_leads_to_a_page_cannot_take_its_mention_away
            a_page_that_claims_anothers_address_is_its_own_mention
            a_page_that_a_host_redirects_to_cannot_claim_an_address_of_that_host
        ;
        upstream:
            a_change_is_given_out_once_and_one_that_comes_meanwhile_is_another
            a_pair_is_told_once_in_the_interval
        ;
        private:
            a_private_mention_is_for_its_owner_alone
            private_and_public_mentions_of_one_source_are_apart
            a_private_mention_is_updated_by_its_sender_and_asked_for_by_nobody
            each_code_is_verified_by_itself
            a_private_mention_of_a_site_inside_another_is_for_its_owner_alone
        ;
        pictures:
            a_picture_is_asked_for_once_however_many_mentions_name_it
            a_picture_that_fails_is_asked_for_when_it_is_said_and_not_before
            what_a_picture_came_with_is_asked_about_while_there_is_a_copy
            two_claims_never_share_a_picture_until_the_lease_has_run_out
            domains_take_turns_however_many_pictures_one_has
            a_domain_that_asks_to_be_left_alone_is_for_pages_and_pictures_alike
        ;
        media:
            what_an_entry_shows_is_copied_in_its_own_role
            a_picture_that_comes_or_goes_raises_the_version
            a_picture_goes_with_the_last_mention_that_names_it
            a_picture_under_way_when_its_mention_goes_is_not_kept
            an_update_that_names_another_picture_lets_the_first_go
            pictures_that_look_the_same_have_one_copy
            pictures_go_with_their_site
            of_all_copies_the_least_lately_used_goes_first
        ;
        erasing:
            what_another_sender_was_told_of_somebody_is_erased
            a_mention_that_is_shown_no_longer_is_erased
            who_is_to_be_told_of_a_change_and_is_forgotten_is_told_nothing
            the_turn_of_a_domain_is_erased_unless_others_wait_for_it
            a_picture_goes_with_who_is_forgotten_unless_others_name_it
            the_turn_for_pictures_is_erased_unless_others_name_some
        ;
        originals:
            a_post_by_two_bridges_is_shown_once_as_it_came_first
            a_native_post_is_shown_before_a_bridged_one_whichever_came_first
            when_the_shown_road_ends_the_next_one_is_shown
            an_update_of_the_address_moves_a_mention_to_another_original
            a_post_that_mentions_two_pages_is_shown_on_both
            the_version_moves_with_what_is_shown_and_not_with_what_is_hidden
            pages_of_mentions_pass_over_what_is_hidden
        ;
        listing:
            every_scope_filter_and_order_lists_what_it_says
            since_a_time_is_what_was_received_later
            mentions_are_counted_by_kind_and_answer
            a_page_that_another_site_takes_over_is_listed_there
            a_listing_goes_on_where_it_was_whatever_goes_meanwhile
        ;
        states:
            an_owner_is_shown_mentions_of_each_state_and_nobody_else_is
        ;
        submissions:
            an_owner_sees_what_was_sent_and_what_came_of_it
            who_follows_submissions_misses_none_that_is_sent_again_or_moves
            a_check_that_comes_to_the_same_keeps_its_place_in_the_owners_list
        ;
        tokens:
            a_token_reads_for_its_site_until_it_is_removed
            a_token_that_is_nearly_right_is_none
        ;
        changes:
            a_sites_version_moves_with_each_of_its_pages_and_no_others
            who_follows_changes_and_deletions_has_what_is_shown
            what_has_gone_is_listed_by_page_and_site
            a_poller_sees_each_mention_once_while_many_write
        ;
    }
}

fn target(text: &str) -> TargetUrl {
    TargetUrl::parse(text).unwrap()
}

fn source(text: &str) -> SourceUrl {
    SourceUrl::parse(text).unwrap()
}

fn base(text: &str) -> SiteBase {
    SiteBase::parse(text).unwrap()
}

/// An entry that says all an entry can say, at this address.
fn entry_at(url: &str) -> Entry {
    let time = |text: &str| Some(AuthoredTime::from_checked(text.into()));
    let author = |name: &str| Author {
        name: Some(name.into()),
        url: Some(format!("https://{name}.example/")),
        photo: Some(format!("https://{name}.example/face.png")),
    };
    Entry {
        kind: MentionKind::Reply,
        also: vec![MentionKind::Bookmark, MentionKind::Listen],
        rsvp: Some(Rsvp::Maybe),
        title: Some("A title".into()),
        summary: Some("In short".into()),
        content: Some(Content {
            html: Some(CleanHtml::from_sanitised("<p>All of it ☕</p>".into())),
            text: "All of \"it\" ☕\n\nto the \u{1}end".into(),
        }),
        excerpt: Some(Excerpt {
            before: "… read ".into(),
            linked: "this".into(),
            after: " today.".into(),
        }),
        author: Some(author("ann")),
        published: time("2011-05-15T09:30:00+02:00"),
        updated: time("2011-05-16"),
        photos: vec![
            Photo {
                url: "https://ann.example/1.jpg".into(),
                alt: Some("A tree".into()),
            },
            Photo {
                url: "https://ann.example/2.jpg".into(),
                alt: None,
            },
        ],
        videos: vec!["https://ann.example/1.mp4".into()],
        audio: vec!["https://ann.example/1.ogg".into()],
        categories: vec!["trees".into(), "linden".into()],
        syndication: vec!["https://silo.example/ann/1".into()],
        location: Some(Location {
            name: Some("Prague".into()),
            url: Some("https://places.example/prague".into()),
            coordinates: Some((50.087_465, -14.421_254)),
        }),
        comments: vec![Comment {
            kind: MentionKind::Like,
            author: Some(author("bob")),
            published: time("2011-05-17T08:00:00"),
            text: Some("Yes".into()),
            url: Some("https://bob.example/yes".into()),
        }],
        site_name: Some("A site".into()),
        site_icon: Some("https://ann.example/icon.png".into()),
        language: Some("en".into()),
        url: url.into(),
    }
}

fn entry() -> Entry {
    entry_at("https://ann.example/post")
}

async fn added(store: &dyn Store, bases: &[SiteBase]) -> SiteId {
    store.add_site(bases, NOW).await.unwrap().id
}

async fn site(store: &dyn Store) -> SiteId {
    added(store, &[base("https://blog.example")]).await
}

async fn submit(store: &dyn Store, from: &str, to: &str, protocol: Protocol) -> Accepted {
    let submission = Submission {
        source: source(from),
        target: target(to),
        protocol,
        vouch: None,
        code: None,
    };
    let site = site(store).await;
    store.accept(submission, site, NOW).await.unwrap()
}

/// Asks for all there is, without manners.
fn everything() -> ClaimRequest {
    ClaimRequest {
        limit: 100,
        per_host: 100,
        busy: HashMap::new(),
        lease: LEASE,
        manners: Manners::default(),
    }
}

fn all(claimed: Claimed) -> Vec<Leased> {
    claimed.batches.into_iter().flat_map(|b| b.leased).collect()
}

async fn claim(store: &dyn Store, now: Timestamp) -> Vec<Leased> {
    all(store.claim(everything(), now).await.unwrap())
}

async fn claim_one(store: &dyn Store, now: Timestamp) -> Leased {
    let mut all = claim(store, now).await;
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn finish(store: &dyn Store, outcome: Outcome) -> Finished {
    let leased = claim_one(store, NOW).await;
    store.finish(leased.lease, outcome, NOW).await.unwrap()
}

fn publish() -> Outcome {
    publishing(entry())
}

/// What a source says that has not moved, if it is on the host of its entry; to be asked again in a day.
fn publishing(entry: Entry) -> Outcome {
    Outcome::Publish(Box::new(publication(entry)))
}

fn publication(entry: Entry) -> Publication {
    Publication {
        ended_at: entry.url.parse().unwrap(),
        moved_to: None,
        entry,
        validators: None,
        next_check: NextCheck {
            at: NOW.plus(DAY),
            checks: 0,
        },
    }
}

fn gone() -> Outcome {
    Outcome::Gone { moved_to: None }
}

fn no_link() -> Outcome {
    Outcome::NoLink {
        moved_to: None,
        near_misses: vec![],
        recheck_at: None,
    }
}

fn failed(retry_at: Option<Timestamp>) -> Outcome {
    Outcome::Failed {
        failure: Failure {
            kind: FailureKind::Timeout,
            detail: "read".into(),
        },
        retry_at,
        not_before: None,
    }
}

async fn shown(store: &dyn Store, page: &str) -> Vec<crate::model::Mention> {
    let query = MentionQuery::newest(target(page).page_key(), 100);
    let page = store.mentions(&query).await.unwrap();
    assert_eq!(page.total, Some(page.mentions.len() as u64));
    page.mentions
}

/// The version of a page.
async fn version(store: &dyn Store, page: &str) -> i64 {
    let scope = Scope::from(target(page).page_key());
    store.version(&scope).await.unwrap().number.0
}

async fn state(store: &dyn Store, accepted: Accepted) -> State {
    store.status(accepted.key).await.unwrap().unwrap().state
}
