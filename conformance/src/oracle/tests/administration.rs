//! D07 and D08.

use super::*;

fn sso_off(second: u64, person: usize) -> Did {
    let details = &[("setting", "sso"), ("to", "disabled")];
    Did { person, verb: Verb::ChangeSetting, details, ..did(second, "London") }
}

/// So many people suspended, one a second.
fn suspended(n: u64) -> Vec<Did> {
    (0..n).map(|second| Did { verb: Verb::Suspend, target: Some(2), ..did(second, "London") }).collect()
}

#[test]
fn what_an_administrator_never_did_or_does_fifty_times_is_unusual() {
    let day = |days: u64| days * DAY;
    let known = |then: Vec<Did>| [vec![did(0, "London")], then].concat();
    let peers =
        |n: usize| known((2..2 + n).map(|person| sso_off(day(1), person)).chain([sso_off(day(8), 1)]).collect());
    let on = Did { details: &[("setting", "sso"), ("to", "enabled")], ..sso_off(day(2), 1) };
    let opened = Did { verb: Verb::Open, ..did(day(8), "London") };
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("a setting for the first time",   known(vec![sso_off(day(8), 1)]), json!({}), 1),
        ("while learning",                 known(vec![sso_off(day(6), 1)]), json!({}), 0),
        ("as in the week before",          known(vec![sso_off(day(2), 1), sso_off(day(8), 1)]), json!({}), 0),
        ("only its opposite before",       known(vec![on, sso_off(day(8), 1)]), json!({}), 1),
        ("two others do it",               peers(2), json!({}), 1),
        ("three others do it",             peers(3), json!({}), 0),
        ("work",                           known(vec![opened]), json!({}), 0),
        ("no administrative deed",         Vec::new(), json!({}), 0),
        ("fifty suspensions",              suspended(50), json!({}), 1),
        ("twenty",                         suspended(20), json!({}), 0),
        ("six where six suffice",          suspended(6), json!({ "at_least": 6 }), 1),
    ];
    check("unusual_administrative_activity", &cases);
}

fn acting_as(second: u64, target: usize) -> Did {
    Did { verb: Verb::Impersonate, target: Some(target), ..did(second, "London") }
}

#[test]
fn acting_as_somebody_for_the_first_time_or_again_and_again_is_unusual() {
    let day = |days: u64| days * DAY;
    let known = |then: Vec<Did>| [vec![did(0, "London")], then].concat();
    let often = |n: u64| known((0..n).map(|i| acting_as(day(1) + i, 2)).collect());
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("for the first time",             known(vec![acting_as(day(8), 2)]), json!({}), 1),
        ("while learning",                 known(vec![acting_as(day(2), 2)]), json!({}), 0),
        ("as in the week before",          known(vec![acting_as(day(2), 2), acting_as(day(8), 2)]), json!({}), 0),
        ("as another",                     known(vec![acting_as(day(2), 3), acting_as(day(8), 2)]), json!({}), 1),
        ("ten in an hour",                 often(10), json!({}), 0),
        ("eleven in an hour",              often(11), json!({}), 1),
    ];
    check("unusual_impersonated_activity", &cases);
}
