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
        &[(
            11,
            "no such alert follows from the script: by its definition impossible_travel finds nothing; nearest is alice at day 1 10:25:00 with 1263 km in 1h25m: `speed` is 891.8 against 900.0",
        )],
    );
}

/// What is remarked of the expectation of a scenario whose people are alice and bob.
#[track_caller]
fn told(policy: &str, steps: &str, wanted: &str) -> String {
    let text = format!(
        "title: Alice and Bob\napps: {{ entra: {{}}, miro: {{}} }}\npeople: 0\ncast: {{ alice: {{}}, bob: {{}} }}\nattacks: {{ theft: T1078.004 }}\n\
         policies: {{ {policy} }}\nscript:\n{steps}expect:\n  - {{ must: alert, {wanted} }}\n"
    );
    let script = read_text("test", Path::new("test.yaml"), &text).unwrap_or_else(|errors| panic!("{errors}"));
    let found = remarks(&script).into_iter().map(|remark| remark.message);
    found.filter(|message| message.starts_with("no such alert")).collect::<Vec<_>>().join("\n")
}

#[test]
fn of_an_alert_that_does_not_follow_the_nearest_numbers_are_told() {
    let guesses = |times: u32| {
        format!(
            "  - {{ at: day 1 09:00, actor: alice, does: sign_in, app: entra, result: wrong_password, times: {times}, over: 2m, from: Lagos, attack: theft }}\n"
        )
    };
    let wanted = "policy: multiple_failed_logins, actor: alice, attack: theft";
    insta::assert_snapshot!(told("multiple_failed_logins: {}", &guesses(9), wanted), @"no such alert follows from the script: by its definition multiple_failed_logins finds nothing; nearest is alice at day 1 09:02:00 with 9 in 2m: `at_least` is 9 against 11");
    let wanted = "policy: multiple_failed_logins, actor: bob";
    insta::assert_snapshot!(told("multiple_failed_logins: {}", &guesses(12), wanted), @"no such alert follows from the script: by its definition multiple_failed_logins finds only alice at day 1 09:01:49.090909 (by line 8)");
    let exports = "  - { at: day 1 09:00, actor: bob, does: export, app: miro, times: 4, over: 2h, from: Lagos, attack: theft }\n";
    let own = "exports: { activity: export, at_least: 4, within: 1h }";
    insta::assert_snapshot!(told(own, exports, "policy: exports, actor: bob"), @"no such alert follows from the script: by its definition exports finds nothing; nearest is bob at day 1 11:00:00 with 2 in 40m: `at_least` is 2 against 4");
    insta::assert_snapshot!(told("mfa_or_sso_disabled: {}", exports, "policy: mfa_or_sso_disabled"), @"no such alert follows from the script: by its definition mfa_or_sso_disabled finds nothing; nothing comes near; it looks at `change_setting` of a `setting` whose name speaks of sso, saml, mfa, two_factor or 2fa, `to: disabled`");
    let near = "  - { id: a, at: day 1 09:00, actor: bob, does: sign_in, app: miro }\n  - { id: b, at: +10h, actor: bob, does: sign_in, app: miro, from: Paris, attack: theft }\n";
    insta::assert_snapshot!(told("impossible_travel: {}", near, "policy: impossible_travel, evidence: [a, b]"), @"no such alert follows from the script: by its definition impossible_travel finds nothing; nearest is bob at day 1 19:00:00 with 344 km in 10h: `speed` is 34.4 against 900.0");
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

/// The story with these faults.
fn with_faults(faults: &str) -> String {
    TRAVEL.replace("expect:", &format!("faults:\n{faults}expect:"))
}

#[test]
fn a_fault_that_finds_no_record_to_bend_is_an_error() {
    let alter =
        |field: &str| format!("  - {{ fault: alter_record, records: [desk], field: {field}, becomes: missing }}\n");
    check(&with_faults(&alter("createdBy.email")), &[]);
    let message = "no record that this concerns has a field `createdBy.mail`";
    check(&with_faults(&alter("createdBy.mail")), &[(11, message)]);
    check(&with_faults("  - { fault: clock, app: miro, by: 4m, at: day 1 08:00, for: 2h }\n"), &[]);
    let after_the_end = "  - { fault: clock, app: miro, by: 4m, at: day 9 08:00, for: 2h }\n";
    check(&with_faults(after_the_end), &[(11, "`clock` concerns no record")]);
}

#[test]
fn new_records_want_somebody_at_work() {
    let paged = TRAVEL.replace("miro: {} }", "miro: { page_size: 2 } }");
    let fault = "faults:\n  - { route: miro.audit_log, page: 2, fault: new_records }\nexpect:";
    check(&paged.replace("expect:", fault), &[]);
    let alone = paged.replace("title:", "people: 0\ntitle:").replace("expect:", fault);
    check(&alone, &[(12, "nobody is there whose records could arrive: `people` is 0")]);
}

#[test]
fn a_fault_that_no_delivery_meets_is_an_error_at_its_line() {
    let story = |fault: &str| {
        format!(
            "title: Alice signs in at nine and at ten
apps: {{ workplace: {{}} }}
people: 0
cast: {{ alice: {{}} }}
script:
  - {{ at: day 1 09:00, actor: alice, does: sign_in }}
  - {{ at: day 1 09:40, actor: alice, does: sign_in }}
faults:
  - {{ route: workplace.webhook, {fault} }}
expect:
  - {{ must: ingest }}
"
        )
    };
    #[rustfmt::skip]
    let cases: [(&str, &[(u32, &str)]); 7] = [
        ("nth: 2, fault: duplicate",                               &[]),
        ("nth: 3, fault: duplicate",                               &[(9, "delivery 3 cannot occur: workplace makes 2")]),
        ("nth: 1, fault: reorder",                                 &[]),
        ("nth: 2, fault: reorder",                                 &[(9, "nothing can overtake delivery 2: workplace makes no other within an hour")]),
        ("at: day 1 09:30, for: 1h, fault: forge",                 &[]),
        ("at: day 1 09:10, for: 10m, fault: forge",                &[(9, "no delivery is made then: workplace makes 2 in all")]),
        ("at: day 1 09:30, times: 1, fault: slow, by: 5m",         &[]),
    ];
    for (fault, expected) in cases {
        check(&story(fault), expected);
    }
}

#[test]
fn what_a_definition_does_not_look_at_is_told_with_what_it_does() {
    let pair = |first: &str, second: &str| {
        format!(
            "  - {{ id: desk, at: day 1 09:00, actor: alice, app: miro, {first} }}\n  - {{ id: thief, at: +40m, actor: alice, app: miro, from: Madrid, attack: theft, {second} }}\n"
        )
    };
    let (sign_in, evidence) = ("does: sign_in", "policy: impossible_travel, evidence: [desk, thief]");
    let looks = "is nothing that it looks at: successful sign-ins, at most a day apart";
    #[rustfmt::skip]
    let cases = [
        ("impossible_travel: {}", pair("does: open", sign_in),                            evidence,                                     format!("desk (open) {looks}")),
        ("impossible_travel: {}", pair(sign_in, "does: sign_in, result: wrong_password"), evidence,                                     format!("thief (sign_in, wrong_password) {looks}")),
        ("impossible_travel: {}", pair(sign_in, "does: open"),                            "policy: impossible_travel, attack: theft",   format!("thief (open) {looks}")),
        ("impossible_travel: { created: day 2 09:00 }", pair(sign_in, sign_in),           evidence,                                     "desk happens before the policy is `created` (day 2 09:00:00)".to_owned()),
        ("mass_download: {}",     pair(sign_in, "does: create"),                            "policy: mass_download, attack: theft",       "thief (create) is nothing that it looks at: `download`, `export` and `clone`, with success".to_owned()),
        ("shares: { activity: share }", pair(sign_in, "does: create"),                      "policy: shares, attack: theft",              "thief (create) is nothing that it looks at: what passes the filter that the policy writes".to_owned()),
    ];
    for (policy, steps, wanted, expected) in cases {
        let message = told(policy, &steps, wanted);
        assert!(message.contains(&expected), "{expected}\n{message}");
    }
    assert_eq!(told("impossible_travel: { any_activity: true }", &pair("does: open", sign_in), evidence), "");
}

#[test]
fn what_an_alert_rests_on_is_what_its_definition_looks_at() {
    use simulator::attacks;
    for attack in attacks::ALL {
        let text = attacks::scenario_text(attack.name, 1).unwrap();
        let foreign = simulator::scenario::Foreign { keys: &["expect", "level", "twin_of"], faults: &[] };
        let scenario = simulator::scenario::read_text("attack.yaml", &text, &foreign).unwrap();
        let world = World::build(&scenario).unwrap();
        let seen = observed(&scenario, &world, Timeline::uncontained(&scenario, &world));
        for alert in owed(&scenario, &seen) {
            let policy = scenario.policies.iter().find(|policy| policy.name == alert.policy).unwrap();
            let Some(definition) = crate::oracle::definition(&alert.policy) else { continue };
            for one in seen.iter().filter(|one| alert.evidence.contains(&one.cite())) {
                let verb = one.activity.verb.name();
                assert!(
                    (definition.looks_at.counts)(policy, one),
                    "{}: {} does not look at {verb}",
                    attack.name,
                    alert.policy
                );
            }
        }
    }
}

#[test]
fn what_comes_after_the_end_is_told() {
    let ending = |ends: &str| TRAVEL.replace("script:", &format!("stack: {{ ends: {ends} }}\nscript:"));
    check(&ending("day 1 12:00"), &[]);
    check(
        &ending("day 1 10:00"),
        &[(10, "the story ends before this (`stack.ends`, day 1 10:00:00), so a stack need not see it: end it later")],
    );
    let fault = |at: &str| with_faults(&format!("  - {{ route: miro.audit_log, fault: hang, at: {at}, for: 1h }}\n"));
    check(&fault("day 1 10:00"), &[]);
    let message = "the story has ended by then (day 1 11:27:00), and faults with it: write an earlier time, or `stack: { ends: … }`";
    check(&fault("day 8 10:00"), &[(11, message)]);
}

#[test]
fn silence_about_somebody_who_does_nothing_is_told() {
    let text =
        TRAVEL.replace("cast: { alice: {} }", "cast: { alice: {}, bob: {} }") + "  - { must_not: alert, actor: bob }\n";
    let message = "bob does nothing in the script, so this holds of every stack: write what bob does, or leave it out";
    check(&text, &[(12, message)]);
    let busy = text.replace("expect:", "  - { at: +1m, actor: bob, does: open, app: miro }\nexpect:");
    check(&busy, &[]);
}
