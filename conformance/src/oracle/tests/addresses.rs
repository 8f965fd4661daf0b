//! D01 and D02.

use super::*;

fn from(second: u64, tags: &[NetworkTag]) -> Did {
    Did { tags: tags.to_vec(), ..did(second, "Frankfurt") }
}

#[test]
fn what_hides_who_is_behind_it_is_an_anonymous_address() {
    use NetworkTag::{Corporate, PrivateRelay, PublicProxy, Tor, VpnConsumer};
    let failed = Did { outcome: Outcome::WrongPassword, ..from(0, &[Tor]) };
    let by_token = Did { using: Using::Token, verb: Verb::Open, ..from(0, &[Tor]) };
    let opened = Did { verb: Verb::Open, ..from(0, &[Tor]) };
    let hours = |hours: u64| from(hours * 3_600, &[Tor]);
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("a Tor exit",                     vec![from(0, &[Tor])], json!({}), 1),
        ("a public proxy",                 vec![from(0, &[PublicProxy])], json!({}), 1),
        ("work, not a sign-in",            vec![opened], json!({}), 1),
        ("a consumer's VPN",               vec![from(0, &[VpnConsumer])], json!({}), 0),
        ("a relay",                        vec![from(0, &[PrivateRelay])], json!({}), 0),
        ("the organisation's own",         vec![from(0, &[Tor, Corporate])], json!({}), 0),
        ("a failure",                      vec![failed], json!({}), 0),
        ("a token",                        vec![by_token], json!({}), 0),
        ("again within six hours",         vec![hours(0), hours(6), hours(12)], json!({}), 1),
        ("again after more",               vec![hours(0), hours(7)], json!({}), 2),
        ("two kinds",                      vec![from(0, &[Tor]), from(60, &[PublicProxy])], json!({}), 2),
        ("two people",                     vec![hours(0), Did { person: 2, ..hours(0) }], json!({}), 2),
    ];
    check("activity_from_anonymous_ip", &cases);
}

/// So many wrong passwords of so many people, one a second, and then a success of the first, all from one address.
fn guessed(failures: usize, people: usize) -> Vec<Did> {
    let guess = |n: usize| Did {
        person: 1 + n % people,
        outcome: Outcome::WrongPassword,
        ..from(u64::try_from(n).unwrap(), &[])
    };
    (0..failures).map(guess).chain([from(600, &[])]).collect()
}

#[test]
fn what_feeds_name_and_what_has_guessed_is_a_suspicious_address() {
    use NetworkTag::{Corporate, Hosting, Risky};
    let elsewhere = [guessed(20, 10), vec![did(601, "Oslo")]].concat();
    let mut first = guessed(20, 10);
    first.rotate_right(1);
    first[0].second = 0;
    first[1..].iter_mut().for_each(|guess| guess.second += 10);
    let mut stale = guessed(20, 10);
    stale.last_mut().unwrap().second = DAY + 1;
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("an indicator",                   vec![from(0, &[Risky])], json!({}), 1),
        ("of the organisation's own",      vec![from(0, &[Risky, Corporate])], json!({}), 0),
        ("a rented machine",               vec![from(0, &[Hosting])], json!({}), 0),
        ("twenty guesses at ten",          guessed(20, 10), json!({}), 1),
        ("nineteen",                       guessed(19, 10), json!({}), 0),
        ("at nine",                        guessed(20, 9), json!({}), 0),
        ("fewer suffice where written",    guessed(6, 3), json!({ "failures": 6, "accounts": 3 }), 1),
        ("a success from elsewhere",       elsewhere, json!({}), 1),
        ("a success before them",          first, json!({}), 0),
        ("a success after more than a day", stale, json!({}), 0),
        ("again within a day",             vec![from(0, &[Risky]), from(DAY, &[Risky])], json!({}), 1),
    ];
    check("activity_from_suspicious_ip", &cases);
}
