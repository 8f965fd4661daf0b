use std::path::Path;

use super::*;
use crate::scenario::read_text;

const TRAVEL: &str = "title: Alice is in two places
apps: { entra: {}, miro: {} }
cast: { alice: {} }
attacks: { takeover: T1078.004 }
policies:
  impossible_travel: { speed: 900, distance: 500 }
script:
  - { id: desk, at: day 1 09:00, actor: alice, does: sign_in, app: miro }
  - { id: thief, at: +84m, actor: alice, does: sign_in, app: miro, from: Madrid, attack: takeover }
expect:
  - { must: alert, policy: impossible_travel, actor: alice, evidence: [desk, thief] }
";

#[track_caller]
fn check(text: &str, expected: &[(u32, &str)]) {
    let script = read_text("test", Path::new("test.yaml"), text).unwrap_or_else(|errors| panic!("{errors}"));
    let found = remarks(&script);
    let found: Vec<(u32, &str)> = found.iter().map(|r| (r.at.line, r.message.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn labels_that_agree_with_the_definition_are_not_remarked() {
    check(TRAVEL, &[]);
}

#[test]
fn an_alert_that_cannot_be_derived_is_an_error_at_its_line() {
    check(
        &TRAVEL.replace("+84m", "+85m"),
        &[(11, "no such alert follows from the script: by its definition impossible_travel finds nothing at all")],
    );
}

#[test]
fn an_alert_about_ordinary_activities_is_an_error_at_its_last_step() {
    let benign = TRAVEL.replace(", attack: takeover", "").replace("attacks: { takeover: T1078.004 }\n", "");
    let nothing_said =
        benign.replace("must: alert, policy: impossible_travel, actor: alice, evidence: [desk, thief]", "must: ingest");
    check(
        &nothing_said,
        &[(
            8,
            "what alice does is called benign, but impossible_travel fires on it at day 1 10:24:00: mark the attack, or allow the alert with `may`",
        )],
    );
}

#[test]
fn a_forbidden_alert_that_is_derivable_is_an_error() {
    let forbidden = TRAVEL.replace(
        "{ must: alert, policy: impossible_travel, actor: alice, evidence: [desk, thief] }",
        "{ must_not: alert }",
    );
    check(
        &forbidden,
        &[(11, "this forbids what follows from the script: impossible_travel fires on alice at day 1 10:24:00")],
    );
}

#[test]
fn an_edge_wants_its_parameter_written() {
    let unwritten = TRAVEL.replace("speed: 900, distance: 500", "");
    check(
        &unwritten,
        &[(6, "alice comes within 2 % of `speed` (902.4 against 900.0) at day 1 10:24:00: write the parameter")],
    );
}

#[test]
fn a_world_that_cannot_be_made_is_told() {
    let crowd = TRAVEL.replace("cast: { alice: {} }", "cast: { alice: {}, others: { count: 900 } }").replace(
        "expect:",
        "  - { at: +1m, actor: others, does: sign_in, app: miro, from: Madrid, over: 1h }\nexpect:",
    );
    let script = read_text("test", Path::new("test.yaml"), &crowd).unwrap_or_else(|errors| panic!("{errors}"));
    let found = remarks(&script);
    assert!(found[0].message.starts_with("no address is left for `others-"), "{}", found[0].message);
}

#[test]
fn a_page_that_cannot_occur_is_an_error_for_faults_on_the_wire_and_of_the_process() {
    for fault in ["empty_page", "kill"] {
        let faults = format!("faults:\n  - {{ fault: {fault}, route: miro.audit_log, page: 900 }}\nexpect:");
        let text = TRAVEL.replace("miro: {}", "miro: { page_size: 50 }").replace("expect:", &faults);
        let script = read_text("test", Path::new("test.yaml"), &text).unwrap_or_else(|errors| panic!("{errors}"));
        let found = remarks(&script);
        let message = found.iter().map(|r| (r.at.line, r.message.as_str())).collect::<Vec<_>>();
        assert!(
            matches!(message[..], [(11, m)] if m.starts_with("page 900 cannot occur: miro holds")),
            "{fault}: {message:?}"
        );
    }
}
