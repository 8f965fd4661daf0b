//! Broken stacks: each must fail, by the check that names its fault. These are a few of the catalogue, one of each kind;
//! `conformance prove` goes through all of it.

use crate::support::{House, checks};

/// Runs the stack with a planted bug through a scenario; the check that names the bug must be among the findings.
#[track_caller]
fn check(bug: &str, scenario: &str, expected: &str) {
    let house = House::with(&[scenario]);
    house.stack("broken", Some(bug));
    let (status, report, printed) = house.run(&["scenarios", "--stack", "broken"]);
    assert_eq!(status, 1, "{bug} in {scenario}: {printed}");
    let found = checks(&report, scenario);
    assert!(found.iter().any(|c| c == expected), "{bug} in {scenario}: {expected} is not among {found:?}\n{printed}");
}

#[test]
fn a_stack_that_does_nothing_fails_everything_that_expects_anything() {
    let ids = ["travel/london-madrid-84m", "paging/ties-at-a-page-boundary", "webhooks/delivered-twice"];
    let house = House::with(&ids);
    house.stack("silent", Some("state-idle"));
    let (status, report, printed) = house.run(&["scenarios", "--stack", "silent"]);
    assert_eq!(status, 1, "{printed}");
    assert_eq!(report["summary"]["fail"], ids.len(), "{printed}");
    assert!(checks(&report, "travel/london-madrid-84m").contains(&"alert/missing".to_owned()), "{printed}");
}

#[test]
fn a_skipped_last_page_is_a_lost_event() {
    check("page-last-lost", "paging/ties-at-a-page-boundary", "ingest/lost-event");
}

#[test]
fn suspending_a_colleague_is_the_wrong_user() {
    check("gov-wrong-user-name-match", "governance/suspended-in-mid-attack", "governance/wrong-user");
}

#[test]
fn coming_back_before_the_time_is_retry_after_ignored() {
    check("rate-retry-after-ignored", "faults/rate/retry-after-as-a-date", "rate/retry-after-ignored");
}

#[test]
fn a_token_in_the_log_is_a_leaked_secret() {
    check("sec-secrets-in-logs", "travel/london-madrid-84m", "secret/leaked");
}

#[test]
fn a_rotated_refresh_token_that_was_not_kept_strands_the_stack() {
    check("auth-refresh-token-rotation-lost", "tokens/rotated-then-killed", "auth/refresh-reused");
}

#[test]
fn an_unsigned_delivery_that_is_taken_in_is_a_forgery_accepted() {
    check("hook-signature-not-checked", "webhooks/forged", "hook/forged-accepted");
}
