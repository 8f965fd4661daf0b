//! D03.

use super::*;

/// At work in London on these days, and somewhere else on that one.
fn after(days: &[u64], elsewhere: u64, place: &'static str) -> Vec<Did> {
    days.iter().map(|day| did(day * DAY, "London")).chain([did(elsewhere * DAY, place)]).collect()
}

#[test]
fn a_country_is_infrequent_after_the_learning_period() {
    use NetworkTag::{Corporate, VpnConsumer};
    let tagged = |tag| {
        let mut all = after(&[0, 1], 8, "Lagos");
        all.last_mut().unwrap().tags = vec![tag];
        all
    };
    let failed = |then: Option<u64>| {
        let mut all = after(&[0, 1], 8, "Lagos");
        all.last_mut().unwrap().outcome = Outcome::WrongPassword;
        all.extend(then.map(|day| did(day * DAY, "Lagos")));
        all
    };
    let twice = |first, second| [after(&[0], first, "Lagos"), vec![did(second * DAY, "Lagos")]].concat();
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("C1 on the sixth day",            after(&[0], 6, "Lagos"), json!({}), 0),
        ("C1 on the eighth day",           after(&[0], 8, "Lagos"), json!({}), 1),
        ("at the end of learning",         after(&[0], 7, "Lagos"), json!({}), 1),
        ("what was learned is known",      twice(6, 9), json!({}), 0),
        ("C2 a failure",                   failed(None), json!({}), 0),
        ("C2 then a success",              failed(Some(9)), json!({}), 1),
        ("a city of the same country",     vec![did(0, "Berlin"), did(8 * DAY, "Frankfurt")], json!({}), 0),
        ("again the next day",             twice(8, 9), json!({}), 1),
        ("after a month of absence",       twice(8, 39), json!({}), 2),
        ("after less",                     twice(8, 38), json!({}), 1),
        ("the first of all",               vec![did(0, "Lagos")], json!({ "learning_days": 0 }), 0),
        ("the second, without learning",   after(&[0], 1, "Lagos"), json!({ "learning_days": 0 }), 1),
        ("a consumer's VPN",               tagged(VpnConsumer), json!({}), 0),
        ("the organisation's own",         tagged(Corporate), json!({}), 0),
        ("somebody else knows it",         [after(&[0], 8, "Lagos"), vec![Did { person: 2, ..did(DAY, "Lagos") }]].concat(), json!({}), 1),
    ];
    check("activity_from_infrequent_country", &cases);
}
