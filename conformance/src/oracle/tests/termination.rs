//! D05.

use super::*;

const MINUTE: u64 = 60;

/// Something that the directory does to alice.
fn directory(second: u64, verb: Verb) -> Did {
    Did { person: 0, verb, vendor: Vendor::Entra, app: 1, target: Some(1), ..did(second, "London") }
}

fn work(second: u64) -> Did {
    Did { verb: Verb::Open, ..did(second, "London") }
}

#[test]
fn who_has_left_does_not_work() {
    let left = |then: Vec<Did>| [vec![work(0), directory(MINUTE, Verb::Terminate)], then].concat();
    let after = |seconds: u64| work(MINUTE + seconds);
    let back = |verb| left(vec![directory(5 * MINUTE, verb), after(20 * MINUTE)]);
    let suspended = vec![directory(0, Verb::Suspend), work(20 * MINUTE)];
    let removed_from_an_app = vec![Did { vendor: Vendor::Miro, ..directory(0, Verb::Terminate) }, work(20 * MINUTE)];
    let by_token = left(vec![Did { using: Using::Token, ..after(20 * MINUTE) }]);
    let failed = left(vec![Did { outcome: Outcome::WrongPassword, ..after(20 * MINUTE) }]);
    let elsewhere = left(vec![after(20 * MINUTE), Did { app: 1, ..after(20 * MINUTE) }]);
    let other = left(vec![Did { person: 2, ..after(20 * MINUTE) }]);
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("L1 after 14m59s",                left(vec![after(15 * MINUTE - 1)]), json!({}), 0),
        ("L1 after 15m01s",                left(vec![after(15 * MINUTE + 1)]), json!({}), 1),
        ("after a grace of its own",       left(vec![after(6 * MINUTE)]), json!({ "grace": "5m" }), 1),
        ("by a token",                     by_token, json!({}), 1),
        ("a refused sign-in",              failed, json!({}), 0),
        ("somebody else",                  other, json!({}), 0),
        ("in two instances",               elsewhere, json!({}), 2),
        ("restored before",                back(Verb::Restore), json!({}), 0),
        ("suspended, not deleted",         suspended, json!({}), 0),
        ("removed from one app alone",     removed_from_an_app, json!({}), 0),
        ("told before it was known",       vec![work(0), directory(MINUTE, Verb::Terminate)], json!({}), 0),
    ];
    check("activity_by_terminated_user", &cases);
}
