//! D10 to D13.

use super::*;

/// `n` different things of this kind, the last exactly `over` seconds after the first.
fn burst(verb: Verb, n: u64, over: u64) -> Vec<Did> {
    let one = |i: u64| Did { verb, object: Some(format!("thing {i}")), ..did(i * over / (n - 1).max(1), "London") };
    (0..n).map(one).collect()
}

fn same_thing(mut all: Vec<Did>) -> Vec<Did> {
    all.iter_mut().for_each(|did| did.object = Some("thing".to_owned()));
    all
}

#[test]
fn many_things_taken_out_in_a_minute_are_a_mass_download() {
    use Verb::{Clone, Download, Export, Open};
    let mixed = [burst(Download, 26, 50), burst(Export, 60, 50)[26..51].to_vec()].concat();
    let mut apart = burst(Download, 51, 59);
    apart.iter_mut().enumerate().for_each(|(n, did)| did.app = n % 2);
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("M1 fifty",                       burst(Download, 50, 59), json!({}), 0),
        ("M1 fifty-one",                   burst(Download, 51, 59), json!({}), 1),
        ("in exactly a minute",            burst(Download, 51, 60), json!({}), 0),
        ("M2 one file often",              same_thing(burst(Download, 200, 59)), json!({}), 0),
        ("clones",                         burst(Clone, 51, 59), json!({}), 1),
        ("exports among them",             mixed, json!({}), 1),
        ("opened",                         burst(Open, 51, 59), json!({}), 0),
        ("in two instances",               apart, json!({}), 0),
        ("ten where ten suffice",          burst(Download, 10, 500), json!({ "at_least": 10, "within": "10m" }), 1),
    ];
    check("mass_download", &cases);
}

#[test]
fn many_things_deleted_in_ten_minutes_are_a_mass_deletion() {
    let mut apart = burst(Verb::Delete, 31, 599);
    apart.iter_mut().enumerate().for_each(|(n, did)| did.app = n % 2);
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("thirty",                         burst(Verb::Delete, 30, 599), json!({}), 0),
        ("thirty-one",                     burst(Verb::Delete, 31, 599), json!({}), 1),
        ("in exactly ten minutes",         burst(Verb::Delete, 31, 600), json!({}), 0),
        ("one thing again and again",      same_thing(burst(Verb::Delete, 31, 599)), json!({}), 0),
        ("in two instances",               apart, json!({}), 1),
    ];
    check("mass_deletion", &cases);
}

#[test]
fn prompts_denied_again_and_again_are_fatigue() {
    use Outcome::{MfaDenied, MfaUnanswered, Success, WrongCode};
    let prompts = |n: u64, over: u64, outcome| {
        let one = |did: Did| Did { outcome, object: None, ..did };
        burst(Verb::SignIn, n, over).into_iter().map(one).collect::<Vec<_>>()
    };
    let then_in = [prompts(5, 300, MfaDenied), vec![did(301, "London")]].concat();
    let between = [prompts(5, 300, MfaDenied), prompts(2, 10, Success)[1..].to_vec()].concat();
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("four",                           prompts(4, 300, MfaDenied), json!({}), 0),
        ("five",                           prompts(5, 300, MfaDenied), json!({}), 1),
        ("five unanswered",                prompts(5, 300, MfaUnanswered), json!({}), 1),
        ("in exactly ten minutes",         prompts(5, 600, MfaDenied), json!({}), 0),
        ("wrong codes are another matter", prompts(5, 300, WrongCode), json!({}), 0),
        ("then somebody gives in",         then_in, json!({}), 1),
        ("a success between",              between, json!({}), 0),
    ];
    check("mfa_fatigue", &cases);
}

#[test]
fn many_things_shared_with_a_new_domain_are_unusual() {
    let shared = |n: u64, over: u64| {
        let details = &[("with", "partner.example")];
        burst(Verb::Share, n, over).into_iter().map(|did| Did { details, ..did }).collect::<Vec<_>>()
    };
    let mut known = shared(10, 3_000);
    known.iter_mut().skip(1).for_each(|did| did.second += DAY);
    known.push(Did { second: DAY, object: Some("one more".to_owned()), ..known[1].clone() });
    let anyone =
        burst(Verb::Share, 10, 3_000).into_iter().map(|did| Did { details: &[("with", "anyone")], ..did }).collect();
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("nine",                           shared(9, 3_000), json!({}), 0),
        ("ten",                            shared(10, 3_000), json!({}), 1),
        ("one thing ten times",            same_thing(shared(10, 3_000)), json!({}), 0),
        ("with a known partner",           known, json!({}), 0),
        ("with anyone",                    anyone, json!({}), 0),
    ];
    check("unusual_external_sharing", &cases);
}
