//! What is understood of scenarios that are right.

use std::time::Duration;

use serde_json::json;

use super::{HEAD, good};
use crate::scenario::{
    AppIndex, AttackIndex, Becomes, Begins, ExpiryForm, FaultKind, Flaw, Framing, From, Lasts, LinkedTo, Login,
    Outcome, Packing, RedirectedTo, RetryAfterForm, RoutePattern, Scenario, SignIn, ThrottledBy, Using, Verb, Who,
};
use crate::time::SimTime;
use crate::world::place;

fn at(scenario: &Scenario, text: &str) -> SimTime {
    scenario.calendar().parse(text).unwrap()
}

#[test]
fn what_is_not_written_has_its_default() {
    let s = good("title: Nothing happens\napps: { miro: {} }\n");
    assert_eq!((s.seed.0, s.history_days, s.people, s.home.name), (1, 14, 20, "London"));
    assert_eq!(s.day_1.to_string(), "2026-03-02");
    assert_eq!(s.apps[0].sign_in, SignIn::Password, "there is no entra");
    assert_eq!((s.stack.starts, s.stack.ends, s.stack.timezone.as_str()), (s.calendar().day_1(), None, "UTC"));
    assert!(s.cast.is_empty() && s.script.is_empty() && s.faults.is_empty() && s.policies.is_empty());
}

#[test]
fn a_story_of_two_cities_reads() {
    let s = good(include_str!("two-cities.yaml"));
    let (desk, stranger) = (&s.script[0], &s.script[1]);
    assert_eq!(desk.at, at(&s, "day 1 09:00"));
    assert_eq!(stranger.at - Duration::from_secs(84 * 60), desk.at);
    assert_eq!((desk.verb, desk.actor, desk.app), (Verb::SignIn, Who::Cast(0), Some(AppIndex(1))));
    assert_eq!((&desk.from, &desk.using, desk.attack), (&None, &Using::Laptop, None));
    assert_eq!((stranger.from, &stranger.using), (place("Madrid").map(From::Place), &Using::UnknownDevice));
    assert_eq!(stranger.attack, Some(AttackIndex(0)));
    assert_eq!(s.attacks[0].techniques, ["T1078.004"]);
    assert_eq!(s.apps[1].sign_in, SignIn::Sso);
    let parameters = serde_json::to_value(&s.policies[0].parameters).unwrap();
    assert_eq!(parameters, json!({ "speed": 900, "distance": 500, "action": ["require_sign_in"] }));
}

#[test]
fn what_the_caller_reads_is_skipped_unread() {
    let s = good(
        "title: A\napps: { miro: {} }\nexpect: anything\nlevel: 7\nfaults:\n  - { fault: kill, zebra: 1 }\n  - { route: miro.token, nth: 2, fault: hang }\n",
    );
    assert_eq!(s.faults.len(), 1);
    assert_eq!(s.faults[0].at.line, 7);
}

#[test]
fn faults_say_when_and_how_long() {
    #[rustfmt::skip]
    let cases = [
        ("nth: 3",                            Begins::Nth(3, 3), Lasts::Requests(1)),
        ("nth: 3, times: 2",                  Begins::Nth(3, 4), Lasts::Requests(2)),
        ("nth: 3..5",                         Begins::Nth(3, 5), Lasts::Requests(3)),
        ("nth: 3, for: 1h",                   Begins::Nth(3, 3), Lasts::For(Duration::from_secs(3600))),
        ("page: 2",                           Begins::Page(2),   Lasts::Requests(1)),
        ("page: 2, times: 4",                 Begins::Page(2),   Lasts::Requests(4)),
    ];
    for (keys, begins, lasts) in cases {
        let s = good(&format!("{HEAD}faults:\n  - {{ route: miro.audit_log, fault: hang, {keys} }}\n"));
        assert_eq!((s.faults[0].begins, s.faults[0].lasts), (begins, lasts), "{keys}");
        assert_eq!(s.faults[0].route, Some(RoutePattern { app: AppIndex(1), route: Some("audit_log".to_owned()) }));
    }
}

#[test]
fn a_throttle_with_a_time_says_it_in_seconds() {
    let kind = |keys: &str| {
        good(&format!("{HEAD}faults:\n  - {{ route: miro, nth: 1, fault: throttle{keys} }}\n")).faults[0].kind.clone()
    };
    let minute = Duration::from_secs(60);
    assert_eq!(
        kind(""),
        FaultKind::Throttle { retry_after: minute, form: RetryAfterForm::Vendor, limit: ThrottledBy::Usual }
    );
    assert_eq!(
        kind(", retry_after: 60s"),
        FaultKind::Throttle { retry_after: minute, form: RetryAfterForm::Seconds, limit: ThrottledBy::Usual }
    );
}

#[test]
fn records_are_late_from_the_beginning_unless_a_moment_is_written() {
    let s = good(&format!(
        "{HEAD}script:\n  - {{ id: desk, at: day 1 09:00, actor: alice, does: sign_in, app: miro, late: 45m }}\nfaults:\n  - {{ fault: late, by: 45m, app: miro, records: [desk] }}\n  - {{ fault: redeliver, after: 1h, at: day 1 10:00, for: 2h }}\n"
    ));
    assert_eq!(s.script[0].late, Some(Duration::from_secs(45 * 60)));
    assert_eq!(
        (s.faults[0].begins, s.faults[0].lasts, s.faults[0].records.as_slice()),
        (Begins::Always, Lasts::Always, &["desk".to_owned()][..])
    );
    assert_eq!(s.faults[1].begins, Begins::Time(at(&s, "day 1 10:00")));
}

#[test]
fn a_group_acts_with_its_own_repetition() {
    let s = good(&format!(
        "{HEAD}script:\n  - {{ at: day 1 09:00, actor: others, does: sign_in, app: entra, result: wrong_password, times: 2, over: 0s }}\n"
    ));
    assert_eq!((s.script[0].times, s.script[0].over, s.script[0].result), (2, Duration::ZERO, Outcome::WrongPassword));
}

#[test]
fn lifecycle_is_the_administrators_work() {
    let s = good(
        "title: A\napps: { entra: {} }\ncast: { alice: {}, bob: { logins: { entra: unlinked } } }\nscript:\n  - { at: day 1 09:00, does: suspend, target: alice }\n  - { at: day 1 09:00, does: terminate, target: bob }\n",
    );
    assert_eq!(
        (s.script[0].actor, s.script[0].target, s.script[0].app),
        (Who::Admin, Some(Who::Cast(0)), Some(AppIndex(0)))
    );
    assert_eq!(s.script[1].app, None);
    assert_eq!(s.cast[1].logins[&AppIndex(0)], Login::Unlinked);
}

#[test]
fn comments_and_block_style_change_nothing() {
    let s = good(
        "# a story\ntitle: |\n  Alice works\napps: # two\n  entra: {}\n  miro:\n    page_size: 10 # small\nscript:\n  - at: day 1 09:00\n    actor: it_admin\n    does: sign_in\n    app: miro\n",
    );
    assert_eq!((s.apps[1].page_size, s.script[0].actor), (Some(10), Who::Admin));
}

#[test]
fn every_kind_is_read_with_its_parameters() {
    let minute = |n: i64| n * 60_000_000;
    let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    let alters = |field: &str, becomes| FaultKind::AlterRecord { field: path(field), becomes };
    #[rustfmt::skip]
    let cases = [
        ("route: miro.audit_log, page: 3, fault: cycle_cursor",                    FaultKind::CycleCursor),
        ("route: miro.audit_log, page: 2, fault: expire_cursor",                   FaultKind::ExpireCursor),
        ("route: miro.audit_log, at: day 1 09:00, for: 1h, fault: empty_cursor",   FaultKind::EmptyCursor),
        ("route: entra.sign_ins, page: 2, fault: foreign_next_link",               FaultKind::ForeignNextLink { to: LinkedTo::OtherHost }),
        ("route: entra.sign_ins, page: 2, fault: foreign_next_link, to: clear_text", FaultKind::ForeignNextLink { to: LinkedTo::ClearText }),
        ("route: entra.sign_ins, nth: 1, fault: redirect",                         FaultKind::Redirect { to: RedirectedTo::OtherHost, status: 302 }),
        ("route: entra.sign_ins, nth: 1, fault: redirect, to: itself, status: 308", FaultKind::Redirect { to: RedirectedTo::Itself, status: 308 }),
        ("route: miro.audit_log, nth: 1, fault: gzip, form: cut",                  FaultKind::Gzip { form: Packing::Cut }),
        ("route: miro, nth: 1, fault: bad_certificate, flaw: expired",             FaultKind::BadCertificate { flaw: Flaw::Expired }),
        ("route: miro.audit_log, page: 2, fault: new_records",                     FaultKind::NewRecords { count: 3 }),
        ("route: miro.audit_log, page: 2, fault: new_records, count: 9",           FaultKind::NewRecords { count: 9 }),
        ("route: miro.token, nth: 1, fault: odd_expiry",                           FaultKind::OddExpiry { form: ExpiryForm::Missing }),
        ("route: miro.token, nth: 1, fault: odd_expiry, form: text",               FaultKind::OddExpiry { form: ExpiryForm::Text }),
        ("route: miro.token, nth: 1, fault: odd_expiry, form: zero",               FaultKind::OddExpiry { form: ExpiryForm::Zero }),
        ("route: miro.token, nth: 1, fault: odd_expiry, form: negative",           FaultKind::OddExpiry { form: ExpiryForm::Negative }),
        ("route: miro, nth: 1, fault: cut_body",                                   FaultKind::CutBody { percent: 60, framing: Framing::ContentLength }),
        ("route: miro, nth: 1, fault: cut_body, percent: 0, framing: chunked",     FaultKind::CutBody { percent: 0, framing: Framing::Chunked }),
        ("route: miro, nth: 1, fault: drip, over: 5m",                             FaultKind::Drip { over: Duration::from_secs(300) }),
        ("fault: alter_record, field: context.ip, becomes: missing",               alters("context.ip", Becomes::Missing)),
        ("fault: alter_record, field: createdBy, becomes: nothing",                alters("createdBy", Becomes::Nothing)),
        ("fault: alter_record, field: details, becomes: retyped",                  alters("details", Becomes::Retyped)),
        ("fault: alter_record, field: context.ip, becomes: unknown",               alters("context.ip", Becomes::Text("unknown".to_owned()))),
        ("fault: alter_record, field: a, becomes: 9007199254740993, as: number",   alters("a", Becomes::Number(9_007_199_254_740_993))),
        ("fault: alter_record, field: a, becomes: 2000000, as: filler",            alters("a", Becomes::Filler(2_000_000))),
        ("fault: alter_record, field: a, becomes: missing, as: text",              alters("a", Becomes::Text("missing".to_owned()))),
        ("fault: clock, by: 4m, app: miro",                                        FaultKind::Clock { by_us: minute(4) }),
        ("fault: clock, by: -90m, at: day 1 09:00, for: 2h",                       FaultKind::Clock { by_us: minute(-90) }),
    ];
    for (fault, expected) in cases {
        let head = "title: A\napps: { entra: { page_size: 10 }, miro: { page_size: 10 } }\n";
        let s = good(&format!("{head}faults:\n  - {{ {fault} }}\n"));
        assert_eq!(s.faults[0].kind, expected, "{fault}");
        let written = fault.split("fault: ").nth(1).and_then(|rest| rest.split(',').next());
        assert_eq!(Some(expected.name()), written);
    }
}

#[test]
fn an_app_grants_all_scopes_unless_some_are_written() {
    let scopes = |keys: &str| good(&format!("title: A\napps: {{ miro: {{ {keys} }} }}\n")).apps[0].scopes.clone();
    assert_eq!(scopes(""), None);
    assert_eq!(scopes("scopes: [auditlogs:read]"), Some(vec!["auditlogs:read".to_owned()]));
}
