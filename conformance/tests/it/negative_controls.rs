//! Broken stacks: each must fail, by the check that names its fault.

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
    let ids = [
        "travel/london-madrid-84m",
        "logins/eleven-in-five-minutes",
        "paging/ties-at-a-page-boundary",
        "governance/suspended-in-mid-attack",
        "quiet/benign-fortnight",
    ];
    let house = House::with(&ids);
    house.stack("silent", Some("idle"));
    let (status, report, printed) = house.run(&["scenarios", "--stack", "silent"]);
    assert_eq!(status, 1, "{printed}");
    assert_eq!(report["summary"]["fail"], ids.len(), "{printed}");
    assert!(checks(&report, "travel/london-madrid-84m").contains(&"alert/missing".to_owned()), "{printed}");
}

#[test]
fn a_stack_that_alerts_on_everything_fails_where_it_should_be_silent() {
    check("alert_on_everything", "travel/london-madrid-85m", "alert/false-alarm");
    check("alert_on_everything", "quiet/benign-fortnight", "alert/false-alarm");
}

#[test]
fn a_skipped_last_page_is_a_lost_event() {
    check("skip_last_page", "paging/ties-at-a-page-boundary", "ingest/lost-event");
}

#[test]
fn an_event_counted_twice_is_a_duplicate() {
    check("count_event_twice", "quiet/benign-fortnight", "ingest/duplicate-event");
}

#[test]
fn suspending_a_colleague_is_the_wrong_user() {
    check("suspend_wrong_user", "governance/suspended-in-mid-attack", "governance/wrong-user");
}

#[test]
fn coming_back_before_the_time_is_retry_after_ignored() {
    check("ignore_retry_after", "limits/retry-after-60s", "rate/retry-after-ignored");
}

#[test]
fn a_token_in_the_log_is_a_leaked_secret() {
    check("log_token", "travel/london-madrid-84m", "secret/leaked");
}

#[test]
fn comparing_arrivals_instead_of_event_times_misses_the_alert() {
    check("arrival_order", "travel/older-shown-last", "alert/missing");
}

#[test]
fn a_deed_that_is_only_claimed_is_found_out() {
    check("claim_without_call", "governance/suspended-in-mid-attack", "governance/claimed-not-done");
}

#[test]
fn a_rotated_refresh_token_that_was_not_kept_strands_the_stack() {
    check("lose_rotated_refresh_token", "tokens/rotated-then-killed", "auth/refresh-reused");
}

#[test]
fn a_window_that_starts_after_the_last_event_loses_what_is_shown_late() {
    check("watermark_plus_one", "travel/older-shown-last", "ingest/lost-event");
}

#[test]
fn events_under_the_other_instances_name_are_found_out() {
    check("wrong_instance", "travel/two-miro-instances", "ingest/wrong-instance");
}

#[test]
fn a_token_that_follows_a_link_elsewhere_is_a_leaked_secret() {
    check("follow_foreign_link", "paging/next-link-elsewhere", "secret/leaked");
}

#[test]
fn two_cursors_that_lead_to_each_other_followed_for_ever_are_a_loop() {
    check("remember_one_cursor", "paging/cursors-in-a-circle", "page/cursor-loop");
}

#[test]
fn a_dead_cursor_that_ends_the_poll_loses_what_lay_behind_it() {
    check("keep_dead_cursor", "paging/cursor-expired", "ingest/late-event");
}

#[test]
fn two_addresses_of_one_person_taken_for_two_people_miss_the_alert() {
    check("join_by_email", "identity/renamed-in-mid-attack", "alert/missing");
}

#[test]
fn a_time_read_as_the_processes_own_is_altered() {
    check("local_time", "time/summer-time-begins", "ingest/altered-event");
}

#[test]
fn a_record_without_an_actor_thrown_away_is_a_lost_event() {
    check("drop_null_actor", "payload/nulls-and-missing-fields", "ingest/lost-event");
}

#[test]
fn a_second_page_without_the_filters_of_the_first_invents_users() {
    check("lose_filters", "usage/filters-lost-on-page-two", "usage/invented-row");
}

#[test]
fn sixty_days_counted_to_the_wrong_side_are_wrong() {
    check("border_is_inactive", "usage/sixty-days-ago", "usage/wrong-activity");
}

#[test]
fn every_file_taken_for_one_that_a_policy_matched_puts_the_wrong_one_away() {
    check("lose_file_policy", "content/file-in-quarantine", "governance/wrong-file");
}

#[test]
fn another_applications_grant_taken_away_is_the_wrong_grant() {
    check("revoke_wrong_grant", "consent/one-grant-of-several", "governance/wrong-grant");
}

#[test]
fn an_alert_that_was_closed_before_taken_for_none_is_done_and_never_told() {
    check("close_only_open", "governance/defender-alert-closed-answer-lost", "governance/done-not-claimed");
}

#[test]
fn a_score_read_once_and_never_again_is_stale() {
    check("read_posture_once", "posture/single-sign-on-switched-off", "posture/stale");
}

#[test]
fn a_connector_whose_loop_ended_is_not_asked_any_more() {
    check("end_polling", "connect/down-for-six-hours", "live/polling-stopped");
}

#[test]
fn a_connector_that_fails_without_an_alert_is_silent() {
    check("health_untold", "connect/down-for-six-hours", "health/silent");
}

#[test]
fn an_alert_from_every_poll_that_fails_is_repeated() {
    check("health_at_every_poll", "connect/down-for-six-hours", "health/repeated");
}

#[test]
fn an_alert_that_stays_when_all_is_well_again_is_not_cleared() {
    check("health_never_cleared", "connect/down-for-six-hours", "health/not-cleared");
}

#[test]
fn a_quiet_app_taken_for_a_broken_one_is_a_false_alarm() {
    check("quiet_is_sick", "connect/quiet-weekend", "health/false-alarm");
}

#[test]
fn a_second_directory_that_is_connected_is_one_too_many() {
    check("second_directory", "connect/second-directory-refused", "connector/second-instance");
}
