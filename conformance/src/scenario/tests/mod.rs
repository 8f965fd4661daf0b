//! Expectations and faults of the process: what is understood, and what authors are told.

use std::path::Path;
use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;
use simulator::scenario::{AppIndex, AttackIndex, Begins, Who};

use super::{ActionWord, Kind, Level, ProcessFaultKind, Script, Severity, What, control_of, list, read, read_text};

/// The beginning of a scenario that is fine; seven lines.
const HEAD: &str = "title: Alice works\napps: { entra: {}, miro: { page_size: 10 } }\ncast: { alice: {}, bob: {} }\nattacks: { takeover: T1078.004 }\npolicies: { impossible_travel: { action: suspend } }\nscript:\n  - { id: desk, at: day 1 09:00, actor: alice, does: sign_in, app: miro, from: Madrid, attack: takeover, late: 40m }\n";

fn story(rest: &str) -> Result<Script, String> {
    read_text("travel/s", Path::new("s.yaml"), &format!("{HEAD}{rest}")).map_err(|errors| errors.to_string())
}

#[track_caller]
fn good(rest: &str) -> Script {
    story(rest).unwrap_or_else(|told| panic!("{told}"))
}

#[track_caller]
fn told(rest: &str) -> String {
    story(rest).expect_err("was read without complaint")
}

/// What is told of one expectation: it stands on line 9.
#[track_caller]
fn told_of(expectation: &str) -> String {
    told(&format!("expect:\n  - {expectation}\n"))
}

/// What is told of one fault: it stands on line 9.
#[track_caller]
fn told_of_fault(fault: &str) -> String {
    told(&format!("faults:\n  - {fault}\nexpect: [{{ must_not: alert }}]\n"))
}

#[test]
fn expectations_are_resolved() {
    let script = good(
        "expect:\n  - { must: alert, policy: impossible_travel, actor: alice, attack: takeover, evidence: [desk], severity: high, within: 15m, times: 1 }\n  - { must_not: suspend, target: bob, app: entra }\n  - { may: report_trouble }\n",
    );
    let [alert, suspend, trouble] = script.expect.as_slice() else { panic!("{:?}", script.expect) };
    assert_eq!((alert.kind, alert.what, alert.policy.as_deref()), (Kind::Must, What::Alert, Some("impossible_travel")));
    assert_eq!((alert.actor, alert.attack), (Some(Who::Cast(0)), Some(AttackIndex(0))));
    assert_eq!((alert.evidence.as_slice(), alert.severity), (&["desk".to_owned()][..], Some(Severity::High)));
    assert_eq!((alert.within, alert.times, alert.at.line), (Some(Duration::from_secs(900)), Some(1), 9));
    assert_eq!((suspend.kind, suspend.what), (Kind::MustNot, What::Action(ActionWord::Suspend)));
    assert_eq!((suspend.target, suspend.app), (Some(Who::Cast(1)), Some(AppIndex(0))));
    assert_eq!((trouble.kind, trouble.what), (Kind::May, What::ReportTrouble));
}

#[test]
fn what_a_file_is_called_and_how_much_it_matters() {
    let script = good("expect: [{ must_not: alert }]\n");
    assert_eq!((script.id.as_str(), script.level, script.twin_of.as_deref()), ("travel/s", Level::Required, None));
    assert_eq!(script.hash.len(), 64);
    let script = good("level: recommended\ntwin_of: other.yaml\nexpect: [{ must_not: alert }]\n");
    assert_eq!((script.level, script.twin_of.as_deref()), (Level::Recommended, Some("other.yaml")));
}

#[test]
fn faults_of_the_process_are_read_here_and_those_of_the_wire_there() {
    let script = good(
        "faults:\n  - { route: miro.token, nth: 2, fault: kill, after: 100ms, restart_after: 10s }\n  - { at: day 1 10:00, fault: stop }\n  - { route: miro.audit_log, nth: 1, fault: hang }\nexpect: [{ must: ingest }]\n",
    );
    assert_eq!(script.scenario.faults.len(), 1);
    let [kill, stop] = script.process_faults.as_slice() else { panic!("{:?}", script.process_faults) };
    assert_eq!((kill.kind, kill.begins), (ProcessFaultKind::Kill, Begins::Nth(2, 2)));
    assert_eq!(kill.route.as_ref().and_then(|r| r.route.as_deref()), Some("token"));
    assert_eq!((kill.after, kill.restart_after), (Some(Duration::from_millis(100)), Some(Duration::from_secs(10))));
    let at = script.scenario.calendar().parse("day 1 10:00").unwrap();
    assert_eq!((stop.kind, stop.begins, &stop.route), (ProcessFaultKind::Stop, Begins::Time(at), &None));
}

#[test]
fn what_becomes_of_the_state_is_read_like_a_kill_and_a_second_copy_has_its_moment_alone() {
    let script = good(
        "faults:\n  - { at: day 1 10:00, fault: wipe_state, restart_after: 10m }\n  - { at: day 1 11:00, fault: second_copy }\n  - { at: day 1 12:00, fault: cut_state, restart_after: 10m }\n  - { at: day 1 13:00, fault: unwritable_state, restart_after: 10m }\nexpect: [{ must: ingest }]\n",
    );
    let told: Vec<_> = script.process_faults.iter().map(|f| (f.kind, f.restart_after, f.route.is_none())).collect();
    let ten_minutes = Some(Duration::from_secs(600));
    let expected = [
        (ProcessFaultKind::WipeState, ten_minutes, true),
        (ProcessFaultKind::SecondCopy, None, true),
        (ProcessFaultKind::CutState, ten_minutes, true),
        (ProcessFaultKind::UnwritableState, ten_minutes, true),
    ];
    assert_eq!(told, expected);
    assert_eq!(script.scenario.left_to_caller.len(), 4);
}

#[test]
fn the_control_run_has_neither_faults_nor_lateness() {
    let script = good(
        "faults:\n  - { at: day 1 10:00, fault: stop }\n  - { route: miro.audit_log, nth: 1, fault: hang }\nexpect: [{ must: ingest }]\n",
    );
    let control = control_of(&script);
    assert!(script.has_faults() && !control.has_faults());
    assert_eq!((control.scenario.script[0].late, control.expect.len()), (None, 1));
    assert_eq!(script.scenario.script[0].late, Some(Duration::from_secs(2400)), "the script itself is as it was");
}

#[test]
fn a_scenario_without_expectations_is_refused_with_a_hint() {
    assert_snapshot!(told(""), @r"
s.yaml:1:1  a scenario lacks `expect`: what a stack owes; silence is `- { must_not: alert }`
  1 | title: Alice works
    | ^
");
    assert_snapshot!(told("expect:\n"), @r"
s.yaml:8:7  expect is empty, so every stack would pass; silence is `- { must_not: alert }`
  8 | expect:
    |       ^
");
    assert_snapshot!(told("expect: []\n"), @r"
s.yaml:8:9  expect is empty, so every stack would pass; silence is `- { must_not: alert }`
  8 | expect: []
    |         ^
");
    assert_snapshot!(told("expect: alert\n"), @r#"
s.yaml:8:9  expect is a list of entries; found "alert"
  8 | expect: alert
    |         ^^^^^
"#);
}

#[test]
fn an_expectation_says_one_thing() {
    assert_snapshot!(told_of("{ policy: impossible_travel }"), @r"
s.yaml:9:5  an expectation says one of must, may, must_not
  9 |   - { policy: impossible_travel }
    |     ^
");
    assert_snapshot!(told_of("{ must: alert, must_not: suspend }"), @r"
s.yaml:9:20  an expectation says one of must, may, must_not; found must and must_not
  9 |   - { must: alert, must_not: suspend }
    |                    ^^^^^^^^
");
    assert_snapshot!(told_of("{ must: alrt }"), @r#"
s.yaml:9:13  unknown expectation "alrt": did you mean "alert"?
  9 |   - { must: alrt }
    |             ^^^^
"#);
    assert_snapshot!(told_of("{ must: list_user }"), @r"
s.yaml:9:13  expectation `list_user` is not built yet; built: alert, suspend, require_sign_in, notify, remove_member, revoke_token, revoke_app, quarantine, trash, close_alert, contain, ingest, report_trouble, report_gap, usage, tell_contacts, score
  9 |   - { must: list_user }
    |             ^^^^^^^^^
");
    assert_snapshot!(told_of("{ must: ban_app, target: alice }"), @r"
s.yaml:9:13  expectation `ban_app` is not built yet; built: alert, suspend, require_sign_in, notify, remove_member, revoke_token, revoke_app, quarantine, trash, close_alert, contain, ingest, report_trouble, report_gap, usage, tell_contacts, score
  9 |   - { must: ban_app, target: alice }
    |             ^^^^^^^
");
    assert_snapshot!(told_of("{ must: score, control: AdoptSso }"), @r"
s.yaml:9:13  score says which `control` is told `as` passed or failed
  9 |   - { must: score, control: AdoptSso }
    |             ^^^^^
");
    assert_snapshot!(told_of("{ must_not: ingest }"), @r"
s.yaml:9:17  ingest can only be owed: write `must: ingest`
  9 |   - { must_not: ingest }
    |                 ^^^^^^
");
}

#[test]
fn names_in_expectations_exist() {
    assert_snapshot!(told_of("{ must: alert, policy: multiple_failed_logins, actor: alcie, attack: takover, evidence: [desk, dusk] }"), @r#"
s.yaml:9:28  unknown policy "multiple_failed_logins"; there is impossible_travel
  9 |   - { must: alert, policy: multiple_failed_logins, actor: alcie, attack: takover, evidence: [desk, dusk] }
    |                            ^^^^^^^^^^^^^^^^^^^^^^
s.yaml:9:59  unknown person "alcie": did you mean "alice"?
  9 |   - { must: alert, policy: multiple_failed_logins, actor: alcie, attack: takover, evidence: [desk, dusk] }
    |                                                           ^^^^^
s.yaml:9:74  unknown attack "takover": did you mean "takeover"?
  9 |   - { must: alert, policy: multiple_failed_logins, actor: alcie, attack: takover, evidence: [desk, dusk] }
    |                                                                          ^^^^^^^
s.yaml:9:100  unknown id "dusk": did you mean "desk"?
  9 |   - { must: alert, policy: multiple_failed_logins, actor: alcie, attack: takover, evidence: [desk, dusk] }
    |                                                                                                    ^^^^
"#);
    assert_snapshot!(told_of("{ must: suspend, target: carol, app: github }"), @r#"
s.yaml:9:30  unknown person "carol"; there is alice, bob, it_admin
  9 |   - { must: suspend, target: carol, app: github }
    |                              ^^^^^
s.yaml:9:42  unknown app "github"; there is entra, miro
  9 |   - { must: suspend, target: carol, app: github }
    |                                          ^^^^^^
"#);
}

#[test]
fn keys_go_with_what_is_expected() {
    assert_snapshot!(told_of("{ must: ingest, actor: alice }"), @r"
s.yaml:9:21  ingest takes no `actor`; it takes app, evidence, within
  9 |   - { must: ingest, actor: alice }
    |                     ^^^^^
");
    assert_snapshot!(told_of("{ must_not: alert, within: 5m }"), @r"
s.yaml:9:24  what must not be must not be once: `within` says nothing here
  9 |   - { must_not: alert, within: 5m }
    |                        ^^^^^^
");
    assert_snapshot!(told_of("{ must: alert, times: 1, at_most: 2, wihtin: 5m }"), @r#"
s.yaml:9:30  one of times, at_most says how often; found both
  9 |   - { must: alert, times: 1, at_most: 2, wihtin: 5m }
    |                              ^^^^^^^
s.yaml:9:42  unknown key "wihtin" in an expectation: did you mean "within"?
  9 |   - { must: alert, times: 1, at_most: 2, wihtin: 5m }
    |                                          ^^^^^^
"#);
    assert_snapshot!(told_of("{ must: alert, within: 15, times: 0, severity: hihg }"), @r#"
s.yaml:9:28  "15" is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`
  9 |   - { must: alert, within: 15, times: 0, severity: hihg }
    |                            ^^
s.yaml:9:39  times is a whole number from 1 to 1000000; found "0"
  9 |   - { must: alert, within: 15, times: 0, severity: hihg }
    |                                       ^
s.yaml:9:52  unknown severity "hihg": did you mean "high"?
  9 |   - { must: alert, within: 15, times: 0, severity: hihg }
    |                                                    ^^^^
"#);
}

#[test]
fn no_alert_is_owed_when_no_policy_is_in_force() {
    let text = "title: A\napps: { miro: {} }\nexpect:\n  - { must: alert }\n";
    assert_snapshot!(read_text("s", Path::new("s.yaml"), text).unwrap_err(), @r"
s.yaml:4:13  no policy is in force, so no alert is owed; name one under `policies`
  4 |   - { must: alert }
    |             ^^^^^
");
}

#[test]
fn both_halves_complain_together() {
    assert_snapshot!(told("stack: { ends: 10:00 }\nexpect:\n  - { must: alret }\nlevle: required\nlevel: high\ntwin_of: ../x.yaml\n"), @r#"
s.yaml:8:16  "10:00" has no day (and is a number to some YAML readers); write `day 1 10:00`
  8 | stack: { ends: 10:00 }
    |                ^^^^^
s.yaml:10:13  unknown expectation "alret": did you mean "alert"?
  10 |   - { must: alret }
     |             ^^^^^
s.yaml:11:1  unknown key "levle" in a scenario: did you mean "level"?
  11 | levle: required
     | ^^^^^
s.yaml:12:8  unknown level "high"; there is required, recommended, informational
  12 | level: high
     |        ^^^^
s.yaml:13:10  twin_of is the name of a .yaml file beside this one
  13 | twin_of: ../x.yaml
     |          ^^^^^^^^^
"#);
}

#[test]
fn faults_of_a_consent_name_an_app_and_no_request() {
    #[rustfmt::skip]
    let cases = [
        ("{ fault: forged_redirect }",                       "app"),
        ("{ fault: repeated_redirect, app: nowhere }",       "unknown app"),
        ("{ fault: repeated_redirect, app: miro, nth: 1 }",  "unknown key \"nth\""),
    ];
    for (fault, expected) in cases {
        let told = told_of_fault(fault);
        assert!(told.contains(expected), "{fault}: {told}");
    }
}

#[test]
fn faults_of_the_process_are_checked() {
    assert_snapshot!(told_of_fault("{ route: miro.token, nth: 2, fault: kill }"), @r"
s.yaml:9:14  kill on a token route needs `after`: a single-use token whose answer is never sent strands every stack
  9 |   - { route: miro.token, nth: 2, fault: kill }
    |              ^^^^^^^^^^
");
    assert_snapshot!(told_of_fault("{ route: miro, nth: 2, fault: kill }"), @r"
s.yaml:9:14  kill on all routes of an app meets its token route as well and needs `after`: a single-use token whose answer is never sent strands every stack
  9 |   - { route: miro, nth: 2, fault: kill }
    |              ^^^^
");
    assert_snapshot!(told_of_fault("{ fault: unwritable_state, at: day 1 10:00 }"), @r"
s.yaml:9:5  fault `unwritable_state` lacks `restart_after`: simulated time from then until its state is back and it is started anew
  9 |   - { fault: unwritable_state, at: day 1 10:00 }
    |     ^
");
    assert_snapshot!(told_of_fault("{ fault: second_copy, at: day 1 10:00, restart_after: 10s }"), @r#"
s.yaml:9:44  unknown key "restart_after" in fault `second_copy`; its keys are fault, at
  9 |   - { fault: second_copy, at: day 1 10:00, restart_after: 10s }
    |                                            ^^^^^^^^^^^^^
"#);
    assert_snapshot!(told_of_fault("{ fault: kill, nth: 1 }"), @r"
s.yaml:9:5  fault `kill` lacks `route`: the requests it meets
  9 |   - { fault: kill, nth: 1 }
    |     ^
");
    assert_snapshot!(told_of_fault("{ fault: stop, at: day 1 10:00, for: 3h, restart_after: soon }"), @r#"
s.yaml:9:37  unknown key "for" in fault `stop`; its keys are fault, route, nth, page, at, times, after, restart_after
  9 |   - { fault: stop, at: day 1 10:00, for: 3h, restart_after: soon }
    |                                     ^^^
s.yaml:9:61  "soon" is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`
  9 |   - { fault: stop, at: day 1 10:00, for: 3h, restart_after: soon }
    |                                                             ^^^^
"#);
    assert_snapshot!(told_of_fault("{ fault: kill, route: entra.sign_ins, page: 2 }"), @r"
s.yaml:9:49  `page` needs a page_size of entra: without one a client may ask for everything on page 1
  9 |   - { fault: kill, route: entra.sign_ins, page: 2 }
    |                                                 ^
");
}

#[test]
fn a_twin_is_a_file_beside() {
    let house = tempfile::tempdir().unwrap();
    let path = house.path().join("a-85m.yaml");
    std::fs::write(house.path().join("a-84m.yaml"), "").unwrap();
    let told = |twin: &str| {
        std::fs::write(&path, format!("twin_of: {twin}\n{HEAD}expect: [{{ must_not: alert }}]\n")).unwrap();
        read(&path).map(|_| String::new()).unwrap_or_else(|errors| errors.errors[0].text())
    };
    assert_eq!(told("a-84m.yaml"), "");
    assert_eq!(told("a-83m.yaml"), "there is no file \"a-83m.yaml\" beside this one: did you mean \"a-84m.yaml\"?");
    assert_eq!(told("a-85m.yaml"), "a file cannot be the twin of itself");
}

#[test]
fn the_list_is_a_plain_table() {
    assert_snapshot!(list::table(&[good("expect: [{ must_not: alert }]\n")]), @r"
ID        LEVEL     VENDORS     POLICIES           TITLE
travel/s  required  entra,miro  impossible_travel  Alice works
");
}

#[test]
fn every_scenario_of_the_house_is_read() {
    let found = super::find(&[concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios").into()]).unwrap();
    for found in found {
        let script = found.read().unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(script.id, found.id);
    }
}

proptest! {
    #[test]
    fn no_expectation_makes_the_reader_panic(text in "[ -~\n]{0,120}", key in "must|may|must_not|policy|evidence|within|fault") {
        let _ = read_text("s", Path::new("s.yaml"), &format!("{HEAD}expect:\n  - {{ {key}: {text} }}\n"));
        let _ = read_text("s", Path::new("s.yaml"), &format!("{HEAD}faults:\n  - {{ fault: kill, {key}: {text} }}\nexpect: {text}"));
    }
}
