//! Wrong faults.

use insta::assert_snapshot;

use super::told_of_fault;

#[test]
fn kinds_that_are_not_built_are_refused_by_name() {
    assert_snapshot!(told_of_fault("{ route: entra.batch, nth: 1, fault: shuffle_batch }"), @r"
s.yaml:6:42  fault `shuffle_batch` is not built yet; built: error, throttle, hang, slow, lose_answer, reset, idle_close, no_effect, expire_token, revoke_grant, repeat_cursor, empty_page, cycle_cursor, expire_cursor, empty_cursor, foreign_next_link, new_records, odd_expiry, cut_body, drip, late, redeliver, alter_record, clock, lose_delivery, forge, replay, duplicate, reorder, newest_signature, unsubscribe, reverse_events, repeat_event, spoil_event, foreign_subscription, large_page, redirect, gzip, heavy_window, same_ids, bad_certificate, crowd
  6 |   - { route: entra.batch, nth: 1, fault: shuffle_batch }
    |                                          ^^^^^^^^^^^^^
");
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, fault: eror }"), @r#"
s.yaml:6:45  unknown fault "eror": did you mean "error"?
  6 |   - { route: miro.audit_log, nth: 1, fault: eror }
    |                                             ^^^^
"#);
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, fault: kil }"), @r#"
s.yaml:6:45  unknown fault "kil": did you mean "kill"?
  6 |   - { route: miro.audit_log, nth: 1, fault: kil }
    |                                             ^^^
"#);
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1 }"), @r"
s.yaml:6:5  a fault lacks `fault`: what goes wrong
  6 |   - { route: miro.audit_log, nth: 1 }
    |     ^
");
}

#[test]
fn routes_are_those_that_the_vendor_serves() {
    assert_snapshot!(told_of_fault("{ route: miro.audit_logs, nth: 1, fault: hang }"), @r#"
s.yaml:6:14  unknown route "miro.audit_logs": did you mean "miro.audit_log"?
  6 |   - { route: miro.audit_logs, nth: 1, fault: hang }
    |              ^^^^^^^^^^^^^^^
"#);
    assert_snapshot!(told_of_fault("{ route: board.audit_log, nth: 1, fault: hang }"), @r#"
s.yaml:6:14  unknown app "board"; there is entra, miro
  6 |   - { route: board.audit_log, nth: 1, fault: hang }
    |              ^^^^^^^^^^^^^^^
"#);
    assert_snapshot!(told_of_fault("{ route: sink, nth: 1, fault: hang }"), @r"
s.yaml:6:14  route `sink` is not built yet; built: APP.ROUTE and APP
  6 |   - { route: sink, nth: 1, fault: hang }
    |              ^^^^
");
    assert_snapshot!(told_of_fault("{ nth: 1, fault: hang }"), @r"
s.yaml:6:5  fault `hang` lacks `route`: the requests it meets
  6 |   - { nth: 1, fault: hang }
    |     ^
");
}

#[test]
fn exactly_one_key_says_when_it_begins() {
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, fault: hang }"), @r"
s.yaml:6:5  fault `hang` does not say when it begins: one of nth, page, at
  6 |   - { route: miro.audit_log, fault: hang }
    |     ^
");
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, at: day 1 10:00, fault: hang }"), @r"
s.yaml:6:38  exactly one of nth, page, at says when a fault begins; found nth and at
  6 |   - { route: miro.audit_log, nth: 1, at: day 1 10:00, fault: hang }
    |                                      ^^
");
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 3..1, fault: hang }"), @r#"
s.yaml:6:35  nth is a request's number from 1, or N..M; found "3..1"
  6 |   - { route: miro.audit_log, nth: 3..1, fault: hang }
    |                                   ^^^^
"#);
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 0, fault: hang }"), @r#"
s.yaml:6:35  nth is a request's number from 1, or N..M; found "0"
  6 |   - { route: miro.audit_log, nth: 0, fault: hang }
    |                                   ^
"#);
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1..3, times: 2, fault: hang }"), @r"
s.yaml:6:41  nth 1..3 says how long it lasts; `times` would say it again
  6 |   - { route: miro.audit_log, nth: 1..3, times: 2, fault: hang }
    |                                         ^^^^^
");
}

#[test]
fn a_page_fault_needs_a_page_size() {
    assert_snapshot!(told_of_fault("{ route: entra.sign_ins, page: 2, fault: repeat_cursor }"), @r"
s.yaml:6:36  `page` needs a page_size of entra: without one a client may ask for everything on page 1
  6 |   - { route: entra.sign_ins, page: 2, fault: repeat_cursor }
    |                                    ^
");
    assert_snapshot!(told_of_fault("{ route: miro, page: 2, fault: repeat_cursor }"), @r"
s.yaml:6:14  `page` counts the pages of one route; write miro.ROUTE
  6 |   - { route: miro, page: 2, fault: repeat_cursor }
    |              ^^^^
");
}

#[test]
fn a_fault_from_a_moment_on_says_how_long() {
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, at: day 1 10:00, fault: error, status: 503 }"), @r"
s.yaml:6:34  fault `error` with `at` lacks `for` (or `times`): how long it lasts
  6 |   - { route: miro.audit_log, at: day 1 10:00, fault: error, status: 503 }
    |                                  ^^^^^^^^^^^
");
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, at: day 1 10:00, for: 1h, times: 3, fault: error, status: 503 }"), @r"
s.yaml:6:47  one of times, for says how long a fault lasts; found both
  6 |   - { route: miro.audit_log, at: day 1 10:00, for: 1h, times: 3, fault: error, status: 503 }
    |                                               ^^^
");
}

#[test]
fn parameters_belong_to_their_kind() {
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, fault: error }"), @r"
s.yaml:6:5  fault `error` lacks `status`: HTTP status
  6 |   - { route: miro.audit_log, nth: 1, fault: error }
    |     ^
");
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, fault: error, status: 200, body: xml, by: 3m }"), @r#"
s.yaml:6:60  status is a whole number from 400 to 599; found "200"
  6 |   - { route: miro.audit_log, nth: 1, fault: error, status: 200, body: xml, by: 3m }
    |                                                            ^^^
s.yaml:6:71  unknown body "xml"; there is vendor, html, empty, error_in_200
  6 |   - { route: miro.audit_log, nth: 1, fault: error, status: 200, body: xml, by: 3m }
    |                                                                       ^^^
s.yaml:6:76  unknown key "by" in fault `error`; its keys are status, body, retry_after, fault, route, nth, page, at, times, for, app, records
  6 |   - { route: miro.audit_log, nth: 1, fault: error, status: 200, body: xml, by: 3m }
    |                                                                            ^^
"#);
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, fault: throttle, retry_after: 60 }"), @r#"
s.yaml:6:68  "60" is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`
  6 |   - { route: miro.audit_log, nth: 1, fault: throttle, retry_after: 60 }
    |                                                                    ^^
"#);
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, fault: hang, app: miro }"), @r"
s.yaml:6:51  hang bends no records; `app` is for late, redeliver, alter_record, clock, same_ids
  6 |   - { route: miro.audit_log, nth: 1, fault: hang, app: miro }
    |                                                   ^^^
");
}

#[test]
fn kinds_that_bend_records_meet_no_request() {
    assert_snapshot!(told_of_fault("{ route: miro.audit_log, nth: 1, fault: late, by: 45m, records: [desk] }"), @r#"
s.yaml:6:7  late bends records and meets no request; say whose with `app`
  6 |   - { route: miro.audit_log, nth: 1, fault: late, by: 45m, records: [desk] }
    |       ^^^^^
s.yaml:6:30  late meets no request, so `nth` says nothing; it takes at and for
  6 |   - { route: miro.audit_log, nth: 1, fault: late, by: 45m, records: [desk] }
    |                              ^^^
s.yaml:6:70  unknown id "desk"; no id is written in this file
  6 |   - { route: miro.audit_log, nth: 1, fault: late, by: 45m, records: [desk] }
    |                                                                      ^^^^
"#);
    assert_snapshot!(told_of_fault("{ fault: late, by: 45m, for: 1h, app: miro }"), @r"
s.yaml:6:29  `for` counts from `at`, which is missing
  6 |   - { fault: late, by: 45m, for: 1h, app: miro }
    |                             ^^^
");
}

/// Each in a company whose apps have no `page_size`; the message says this.
#[track_caller]
fn refused(cases: &[(&str, &str)]) {
    for (fault, message) in cases {
        let told = told_of_fault(&format!("{{ {fault} }}"));
        assert!(told.contains(message), "{fault}: {told}");
    }
}

#[test]
fn a_fault_that_may_never_strike_is_refused() {
    #[rustfmt::skip]
    refused(&[
        ("route: miro.audit_log, page: 2, fault: cycle_cursor",       "cycle_cursor strikes page 3 at the earliest; found 2"),
        ("route: miro.audit_log, page: 1, fault: expire_cursor",      "expire_cursor strikes page 2 at the earliest; found 1"),
        ("route: miro.audit_log, page: 1, fault: new_records",        "new_records strikes page 2 at the earliest; found 1"),
        ("route: entra.sign_ins, page: 1, fault: foreign_next_link",  "foreign_next_link strikes page 2 at the earliest; found 1"),
        ("route: miro.audit_log, nth: 3, fault: expire_cursor",       "expire_cursor begins with a page (from 2)"),
        ("route: entra.sign_ins, nth: 3, fault: foreign_next_link",   "foreign_next_link begins with a page (from 2)"),
        ("route: miro.audit_log, nth: 3, fault: empty_cursor",        "empty_cursor strikes last pages"),
        ("route: miro.audit_log, page: 2, fault: empty_cursor",       "empty_cursor strikes last pages"),
        ("route: miro.audit_log, page: 2, fault: foreign_next_link",  "miro gives cursors and no links"),
        ("route: entra.user, page: 2, fault: repeat_cursor",          "`page` counts the pages of a list, and entra.user has none"),
        ("route: entra.users, page: 2, fault: new_records",           "new_records arrive in a log; those of entra are sign_ins, directory_audits"),
        ("route: miro.audit_log, nth: 1, fault: odd_expiry",          "odd_expiry strikes token answers; write miro.token"),
        ("route: miro, nth: 1, fault: odd_expiry",                    "odd_expiry strikes token answers; write miro.token"),
    ]);
}

#[test]
fn faults_of_webhooks_strike_deliveries_and_those_of_answers_do_not() {
    let company = |apps: &str, fault: &str| format!("title: A\napps: {{ {apps} }}\nfaults:\n  - {{ {fault} }}");
    const ONE: &str = "workplace: {}, miro: {}";
    #[rustfmt::skip]
    let cases = [
        (ONE, "route: workplace.webhook, nth: 1, fault: error, status: 503",    "error strikes what a vendor answers; deliveries can be struck with slow, lose_answer, reset, lose_delivery"),
        (ONE, "route: workplace.webhook, nth: 1, fault: hang",                  "hang strikes what a vendor answers"),
        (ONE, "route: workplace.webhook, page: 1, fault: duplicate",            "`page` counts the pages of a list, and workplace.webhook has none"),
        (ONE, "route: workplace.members, nth: 1, fault: duplicate",             "duplicate strikes webhook deliveries; write workplace.webhook"),
        (ONE, "route: workplace, nth: 1, fault: lose_delivery",                 "lose_delivery strikes webhook deliveries; write workplace.webhook"),
        (ONE, "route: miro.audit_log, nth: 1, fault: forge",                    "forge strikes webhook deliveries; miro makes none"),
        (ONE, "route: miro.webhook, nth: 1, fault: forge",                      "unknown route \"miro.webhook\""),
        (ONE, "route: workplace.webhok, nth: 1, fault: forge",                  "did you mean \"workplace.webhook\"?"),
        (ONE, "route: workplace.webhook, nth: 1, fault: replay",                "fault `replay` lacks `after`"),
        (ONE, "route: workplace.webhook, nth: 1, fault: forge, signature: sha1_only",    "signature `sha1_only` is not built yet"),
        (ONE, "route: workplace.webhook, nth: 1, fault: forge, signature: other_tenant", "other_tenant has the key of a second workplace, and there is none"),
        ("entra: {}", "route: entra.notification, nth: 1, fault: forge",        "entra signs no deliveries, so a forged one cannot be told from its own"),
        ("entra: {}, defender: {}", "route: defender.webhook, nth: 1, fault: forge, signature: other_tenant", "defender signs no deliveries"),
        ("workplace: { profile: admin_center }", "route: workplace.webhook, nth: 1, fault: forge", "workplace makes no deliveries: its profile is admin_center"),
    ];
    for (apps, fault, message) in cases {
        let told = super::told(&company(apps, fault));
        assert!(told.contains(message), "{fault}: {told}");
    }
    for fault in ["nth: 2, fault: forge", "at: day 1 10:00, for: 1h, fault: slow, by: 5m", "nth: 1..3, fault: reorder"]
    {
        super::good(&company(ONE, &format!("route: workplace.webhook, {fault}")));
    }
}

#[test]
fn parameters_of_bytes_records_and_clocks_are_checked() {
    #[rustfmt::skip]
    refused(&[
        ("route: miro.audit_log, nth: 1, fault: cut_body, percent: 100",   "percent is a whole number from 0 to 99"),
        ("route: miro.audit_log, nth: 1, fault: cut_body, framing: close", "unknown framing \"close\""),
        ("route: miro.audit_log, nth: 1, fault: drip",                     "fault `drip` lacks `over`"),
        ("route: miro.token, nth: 1, fault: odd_expiry, form: never",      "unknown form \"never\""),
        ("fault: alter_record, field: createdBy",                          "fault `alter_record` lacks `becomes`"),
        ("fault: alter_record, field: context..ip, becomes: missing",      "field is a path of names such as `context.ip`"),
        ("fault: clock, by: 2d",                                           "by is from -1d to 1d and not 0; found \"2d\""),
        ("fault: clock, by: -0s",                                          "by is from -1d to 1d and not 0; found \"-0s\""),
        ("fault: clock, by: soon",                                         "\"soon\" is not a duration"),
        ("route: miro.audit_log, fault: clock, by: 4m",                    "clock bends records and meets no request"),
    ]);
}

#[test]
fn faults_of_the_wire_strike_what_they_can() {
    #[rustfmt::skip]
    let cases = [
        ("{ route: miro.audit_log, nth: 1, fault: redirect, status: 304 }",
            "a redirection has the status 301, 302, 303, 307 or 308; found 304"),
        ("{ route: miro.audit_log, at: day 1 10:00, for: 1h, fault: bad_certificate }",
            "a certificate is shown before any route is asked for; write miro"),
        ("{ route: entra.sign_ins, nth: 1, fault: heavy_window, per_day: 20s }",
            "no log of entra has parameters that name a window"),
        ("{ route: miro.members, nth: 1, fault: heavy_window, per_day: 20s }",
            "heavy_window strikes logs whose parameters name a window; of miro: audit_log"),
        ("{ fault: same_ids, app: miro }",
            "it takes several instances to give out one id; say whose records with `records`"),
        ("{ fault: alter_record, field: a, becomes: many, as: number }",
            "as a number it becomes a whole one of at most 64 bits; found \"many\""),
        ("{ fault: alter_record, field: a, becomes: 5000000, as: filler }",
            "as filler it becomes a number of bytes from 1 to 4000000; found \"5000000\""),
        ("{ route: miro.audit_log, nth: 1, fault: unsubscribe }",
            "unsubscribe strikes webhook deliveries; miro makes none"),
        ("{ route: entra.subscriptions, nth: 1, fault: foreign_subscription }",
            "entra has no topic with one address"),
        ("{ route: miro.members, nth: 1, fault: large_page, most: 25 }",
            "miro refuses no page for its size: it serves fewer records"),
        ("{ route: miro.token, nth: 1, fault: large_page, most: 25 }",
            "large_page strikes one list; write its route"),
    ];
    for (fault, expected) in cases {
        let told = told_of_fault(fault);
        assert!(told.contains(expected), "{fault}: {told}");
    }
}
