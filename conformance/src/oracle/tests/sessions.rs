//! D15, D19 to D22.

use super::*;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/145.0.0.0 Safari/537.36";
const NEWER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/146.0.0.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0";
const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.3 Safari/605.1.15";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) Version/18.3 Mobile/15E148 Safari/604.1";
const SCRIPT: &str = "python-requests/2.32.5";

fn at_github(second: u64, place: &'static str, agent: &'static str) -> Did {
    Did { vendor: Vendor::Github, verb: Verb::Create, session: Some("one"), agent, ..did(second, place) }
}

#[test]
fn a_session_is_stolen_if_it_goes_on_elsewhere_and_by_another_client() {
    let token = |second, place, agent| Did { using: Using::Token, ..at_github(second, place, agent) };
    let other = |d: Did| Did { session: Some("two"), ..d };
    let corporate = |d: Did| Did { tags: vec![NetworkTag::Corporate], ..d };
    let desk = || at_github(0, "London", CHROME);
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("another browser elsewhere",   vec![desk(), at_github(60, "Lagos", FIREFOX)], json!({}), 1),
        ("another system elsewhere",    vec![desk(), at_github(60, "Lagos", MAC)], json!({}), 1),
        ("the same address",            vec![desk(), at_github(60, "London", FIREFOX)], json!({}), 0),
        ("the same client",             vec![desk(), at_github(60, "Lagos", CHROME)], json!({}), 0),
        ("a newer version",             vec![desk(), at_github(60, "Lagos", NEWER)], json!({}), 0),
        ("no agent",                    vec![desk(), at_github(60, "Lagos", "")], json!({}), 0),
        ("another session",             vec![desk(), other(at_github(60, "Lagos", FIREFOX))], json!({}), 0),
        ("a day later",                 vec![desk(), at_github(DAY, "Lagos", FIREFOX)], json!({}), 0),
        ("between two offices",         vec![corporate(desk()), corporate(at_github(60, "Lagos", FIREFOX))], json!({}), 0),
        ("a token",                     vec![token(0, "London", SCRIPT), token(60, "Lagos", "curl/8.9.1")], json!({}), 1),
        ("a token of the same program", vec![token(0, "London", SCRIPT), token(60, "Lagos", SCRIPT)], json!({}), 0),
        ("git has no agent of its own", vec![desk(), Did { verb: Verb::Clone, ..at_github(60, "Lagos", FIREFOX) }], json!({}), 0),
        ("miro shows no session",       vec![Did { vendor: Vendor::Miro, ..desk() }, Did { vendor: Vendor::Miro, ..at_github(60, "Lagos", FIREFOX) }], json!({}), 0),
    ];
    check("token_theft_session_replay", &cases);
}

#[test]
fn a_session_changes_its_system_in_no_hour() {
    let desk = || at_github(0, "London", CHROME);
    let token = |d: Did| Did { using: Using::Token, ..d };
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("another system",            vec![desk(), at_github(60, "London", MAC)], json!({}), 1),
        ("just within the hour",      vec![desk(), at_github(3_599, "London", MAC)], json!({}), 1),
        ("an hour later",             vec![desk(), at_github(3_600, "London", MAC)], json!({}), 0),
        ("by a script",               vec![desk(), at_github(60, "London", SCRIPT)], json!({}), 1),
        ("a script, then a browser",  vec![at_github(0, "London", SCRIPT), at_github(60, "London", CHROME)], json!({}), 0),
        ("a newer version",           vec![desk(), at_github(60, "London", NEWER)], json!({}), 0),
        ("the desktop's page",        vec![at_github(0, "London", PHONE), at_github(60, "London", MAC)], json!({}), 0),
        ("no agent",                  vec![desk(), at_github(60, "London", "")], json!({}), 0),
        ("tokens have many programs", vec![token(desk()), token(at_github(60, "London", SCRIPT))], json!({}), 0),
    ];
    check("impossible_user_agent_change", &cases);
}

#[test]
fn a_stream_is_made_anew_soon_or_it_is_gone() {
    let stream = |second, to: &'static [(&'static str, &'static str)], sink: &str| Did {
        verb: Verb::ChangeSetting,
        details: to,
        object: Some(sink.to_owned()),
        ..at_github(second, "London", CHROME)
    };
    const OFF: &[(&str, &str)] = &[("setting", "audit_log_streaming"), ("to", "disabled")];
    const ON: &[(&str, &str)] = &[("setting", "audit_log_streaming"), ("to", "enabled")];
    const OTHER: &[(&str, &str)] = &[("setting", "audit_log_streaming"), ("to", "eu-west-1")];
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("ended",                   vec![stream(0, OFF, "splunk")], json!({}), 1),
        ("made anew",               vec![stream(0, OFF, "splunk"), stream(899, ON, "splunk")], json!({}), 0),
        ("made anew too late",      vec![stream(0, OFF, "splunk"), stream(900, ON, "splunk")], json!({}), 1),
        ("made anew elsewhere",     vec![stream(0, OFF, "splunk"), stream(60, ON, "s3")], json!({}), 1),
        ("the new one came before", vec![stream(0, ON, "splunk"), stream(60, OFF, "splunk")], json!({}), 1),
        ("changed",                 vec![stream(0, OTHER, "splunk")], json!({}), 1),
        ("made",                    vec![stream(0, ON, "splunk")], json!({}), 0),
    ];
    check("audit_log_streaming_disabled", &cases);
    let owed = owes("audit_log_streaming_disabled", &json!({}), &[stream(0, OFF, "splunk")]);
    assert_eq!(owed[0].available_at, owed[0].decided_at + std::time::Duration::from_secs(120 + 900));
}

#[test]
fn a_token_of_somebody_who_was_away_for_long() {
    let work = |day: u64| at_github(day * DAY, "London", CHROME);
    let token = |second: u64| Did { verb: Verb::CreateToken, ..at_github(second, "London", CHROME) };
    let elsewhere = |day: u64| Did { app: 1, ..work(day) };
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("sixty days",              vec![work(0), token(60 * DAY)], json!({}), 1),
        ("a second less",           vec![work(0), token(60 * DAY - 1)], json!({}), 0),
        ("never seen before",       vec![token(60 * DAY)], json!({}), 0),
        ("at work in another app",  vec![work(0), elsewhere(59), token(60 * DAY)], json!({}), 1),
        ("warmed up the day before", vec![work(0), work(60), token(61 * DAY)], json!({}), 1),
        ("back for three days",     vec![work(0), work(60), token(63 * DAY)], json!({}), 0),
        ("a week, if a week is asked for", vec![work(0), token(7 * DAY)], json!({ "dormant": "7d" }), 1),
    ];
    check("pat_created_by_dormant_user", &cases);
}

#[test]
fn secrets_are_let_through_by_repository() {
    let event = |second, name: &'static [(&'static str, &'static str)], object: &str| Did {
        verb: Verb::Event,
        details: name,
        object: Some(object.to_owned()),
        ..at_github(second, "London", CHROME)
    };
    const BYPASS: &[(&str, &str)] = &[("name", "secret_scanning_push_protection.bypass")];
    const CREATED: &[(&str, &str)] = &[("name", "secret_scanning_alert.create")];
    const OFF: &[(&str, &str)] = &[("setting", "push_protection"), ("to", "disabled")];
    const ON: &[(&str, &str)] = &[("setting", "push_protection"), ("to", "enabled")];
    let setting = |details| Did { verb: Verb::ChangeSetting, details, ..at_github(0, "London", CHROME) };
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("a bypass",                 vec![event(0, BYPASS, "core")], json!({}), 1),
        ("twice in one repository",  vec![event(0, BYPASS, "core"), event(60, BYPASS, "core")], json!({}), 1),
        ("in two repositories",      vec![event(0, BYPASS, "core"), event(60, BYPASS, "web")], json!({}), 2),
        ("a secret is found",        vec![event(0, CREATED, "core")], json!({}), 0),
        ("switched off",             vec![setting(OFF)], json!({}), 1),
        ("switched on",              vec![setting(ON)], json!({}), 0),
    ];
    check("secret_scanning_or_push_protection_bypass", &cases);
}
