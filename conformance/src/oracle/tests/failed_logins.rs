use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::oracle::multiple_failed_logins::NAME;

fn failures(outcome: Outcome, seconds: &[u64]) -> Vec<Did> {
    seconds.iter().map(|second| Did { outcome, ..did(*second, "London") }).collect()
}

/// `n` of them, the first now, the last exactly `over` seconds later.
fn spread(n: u64, over: u64) -> Vec<u64> {
    (0..n).map(|i| i * over / (n - 1)).collect()
}

#[test]
fn the_boundary_cases_of_the_definition() {
    use Outcome::{Blocked, UnknownUser, WrongCode, WrongPassword};
    let wrong = |seconds: &[u64]| failures(WrongPassword, seconds);
    // 10:04:00 to 10:04:50, and 10:05:10 to 10:05:50: astride the edge of a bin.
    let astride = [240, 250, 260, 270, 280, 290, 310, 320, 330, 340, 350];
    let mixed: Vec<Did> = [failures(UnknownUser, &spread(6, 100)), failures(WrongCode, &spread(5, 100))].concat();
    let apart = |mut dids: Vec<Did>| {
        dids.iter_mut().enumerate().for_each(|(n, d)| d.app = n % 2);
        dids
    };
    #[rustfmt::skip]
    let cases: Vec<(&str, Vec<Did>, Value, usize)> = vec![
        ("F1 ten in 4m59s",               wrong(&spread(10, 299)), json!({}), 0),
        ("F2 eleven in 4m59s",            wrong(&spread(11, 299)), json!({}), 1),
        ("F3 eleven in exactly 5m",       wrong(&spread(11, 300)), json!({}), 0),
        ("F4 six and five, astride",      wrong(&astride), json!({}), 1),
        ("F5 eleven blocked",             failures(Blocked, &spread(11, 299)), json!({}), 0),
        ("codes and unknown users count", mixed, json!({}), 1),
        ("eleven over two instances",     apart(wrong(&spread(11, 299))), json!({}), 0),
        ("the same, counted by person",   apart(wrong(&spread(11, 299))), json!({ "per": ["actor"] }), 1),
        ("ten where ten suffice",         wrong(&spread(10, 299)), json!({ "at_least": 10 }), 1),
        ("a wider window",                wrong(&spread(11, 599)), json!({ "within": "10m" }), 1),
        ("all at one instant",            wrong(&[0; 11]), json!({}), 1),
    ];
    for (name, all, parameters, expected) in cases {
        assert_eq!(owes(NAME, &parameters, &all).len(), expected, "{name}");
    }
}

#[test]
fn f6_what_is_delivered_twice_counts_once() {
    let once: Vec<Seen> =
        failures(Outcome::WrongPassword, &spread(11, 299)).iter().enumerate().map(|(n, d)| one(n, d)).collect();
    let mut again = once.clone();
    for seen in &mut again {
        seen.record.available = seen.record.available + Duration::from_secs(3_600);
    }
    let scenario = scenario(&[policy(NAME, &json!({}))]);
    let all = once_each([again, once].concat());
    let [owed] = &owed(&scenario, &all)[..] else { panic!("one alert") };
    assert_eq!(owed.evidence.len(), 11);
    assert_eq!(owed.available_at, ten_o_clock() + Duration::from_secs(299 + 120));
    let ten = failures(Outcome::WrongPassword, &spread(10, 299));
    let doubled: Vec<Seen> = ten.iter().chain(&ten).enumerate().map(|(n, d)| one(n % 10, d)).collect();
    assert!(super::owed(&scenario, &once_each(doubled)).is_empty());
}

#[test]
fn one_alert_while_it_goes_on_and_the_instance_that_logged_it() {
    let alerts = owes(NAME, &json!({}), &failures(Outcome::WrongPassword, &spread(60, 3_500)));
    assert!(alerts.is_empty(), "sixty in an hour are never eleven in five minutes");
    let alerts = owes(NAME, &json!({}), &failures(Outcome::WrongPassword, &spread(200, 3_500)));
    let [owed] = &alerts[..] else { panic!("one alert") };
    assert_eq!((owed.app, owed.evidence.len()), (Some(AppIndex(0)), 200));
    assert_eq!(owed.decided_at, ten_o_clock() + Duration::from_secs(10 * 3_500 / 199));
}

#[test]
fn a_count_or_a_length_near_its_threshold_is_told() {
    let near = |seconds: &[u64]| {
        let seen = seen(&failures(Outcome::WrongPassword, seconds));
        let edges = edges(&scenario(&[policy(NAME, &json!({}))]), &seen);
        edges.iter().map(|e| e.parameter).collect::<Vec<_>>()
    };
    assert_eq!(near(&spread(10, 200)), [] as [&str; 0]);
    assert_eq!(near(&spread(11, 200)), ["at_least"]);
    assert_eq!(near(&spread(11, 300)), ["within"]);
    assert_eq!(near(&spread(11, 299)), ["at_least", "within"]);
}
