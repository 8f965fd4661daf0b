//! Policies of somebody's own.

use super::*;

fn export(second: u64, object: &str) -> Did {
    Did { verb: Verb::Export, object: Some(object.to_owned()), ..did(second, "London") }
}

#[test]
fn what_passes_the_filter_is_counted() {
    let one = |n: u64| export(n * 60, &format!("Plan {n}"));
    let many = |n| (0..n).map(one).collect::<Vec<_>>();
    let of_three = |d: &mut Did, n: usize| d.person = 1 + n % 3;
    let by_three = many(5)
        .into_iter()
        .enumerate()
        .map(|(n, mut d)| {
            of_three(&mut d, n);
            d
        })
        .collect::<Vec<_>>();
    let three = json!({ "activity": "export", "at_least": 5, "within": "10m" });
    let with = |key: &str, value: Value| {
        let mut policy = three.clone();
        policy[key] = value;
        policy
    };
    let failed = Did { outcome: Outcome::WrongPassword, ..did(0, "London") };
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("five",                          many(5), three.clone(), 1),
        ("four",                          many(4), three.clone(), 0),
        ("other activities",              many(5), with("activity", json!("download")), 0),
        ("one thing five times",          (0..5).map(|n| export(n, "Plan")).collect(), with("distinct", json!(true)), 0),
        ("of other things",               many(5), with("object", json!("Roadmap*")), 0),
        ("of these things",               many(5), with("object", json!("Plan *")), 1),
        ("in another app",                many(5), with("app", json!("miro_two")), 0),
        ("by three people",               by_three.clone(), three.clone(), 0),
        ("by anybody in one app",         by_three, with("per", json!(["app"])), 1),
        ("a failed sign-in",              vec![failed.clone()], json!({ "activity": "sign_in", "result": "failure" }), 1),
        ("one that did not fail",         vec![failed], json!({ "activity": "sign_in", "result": "success" }), 0),
    ];
    check("our_own", &cases);
}
