//! D09, and incidents.

use super::*;

fn wrong(second: u64, person: usize) -> Did {
    Did { person, outcome: Outcome::WrongPassword, host: 7, tags: vec![NetworkTag::Hosting], ..did(second, "Lagos") }
}

fn let_in(second: u64, person: usize) -> Did {
    Did { outcome: Outcome::Success, ..wrong(second, person) }
}

/// `people` are guessed at, `times` times each, within `over` seconds.
fn spray(people: usize, times: usize, over: u64) -> Vec<Did> {
    let step = over / (people * times - 1) as u64;
    (0..people * times).map(|n| wrong(n as u64 * step, 1 + n % people)).collect()
}

#[test]
fn many_people_from_one_address_a_few_times_each() {
    let behind_nat = (1..41).map(|person| let_in(person as u64, person)).chain(spray(10, 1, 1_800));
    let corporate = |d: Did| Did { tags: vec![NetworkTag::Corporate], ..d };
    let from_many = |(n, d): (usize, Did)| Did { host: u8::try_from(n).unwrap(), ..d };
    let one_too_often = spray(10, 1, 1_800).into_iter().chain((0..8).map(|n| wrong(n, 1))).collect();
    #[rustfmt::skip]
    let cases: Vec<Case<'_>> = vec![
        ("S1 ten people, once each",       spray(10, 1, 1_800), json!({}), 1),
        ("S2 and forty are let in",        behind_nat.collect(), json!({}), 0),
        ("S3 nine people, thrice each",    spray(9, 3, 1_800), json!({}), 0),
        ("eight times each",               spray(10, 8, 1_800), json!({}), 1),
        ("first and last an hour apart",   spray(10, 1, 3_600), json!({}), 0),
        ("one of them nine times",         one_too_often, json!({}), 0),
        ("at home",                        spray(10, 1, 1_800).into_iter().map(corporate).collect(), json!({}), 0),
        ("from ten addresses",             spray(10, 1, 1_800).into_iter().enumerate().map(from_many).collect(), json!({}), 0),
        ("of nine, if nine are asked for", spray(9, 1, 1_800), json!({ "accounts": 9 }), 1),
    ];
    check("password_spray", &cases);
}

fn incidents(policies: &[&str], all: &[Did]) -> Vec<Owed> {
    let policies: Vec<Policy> = policies.iter().map(|name| policy(name, &json!({}))).collect();
    let mut owed = owed(&scenario(&policies), &seen(all));
    owed.retain(|owed| owed.policy == "chain");
    owed
}

#[test]
fn two_policies_of_one_person_in_a_day_are_one_incident() {
    let tor = |second| Did { tags: vec![NetworkTag::Tor], ..did(second, "Lagos") };
    let journey = |second| [did(second, "London"), did(second + 60, "Singapore")];
    let both = |later: u64| [tor(0)].into_iter().chain(journey(later)).collect::<Vec<_>>();
    let policies = ["activity_from_anonymous_ip", "impossible_travel", "chain"];
    assert_eq!(incidents(&policies, &both(5 * 3_600)).len(), 1);
    assert_eq!(incidents(&policies, &both(2 * DAY)).len(), 0, "two days apart");
    assert_eq!(incidents(&policies, &[tor(0), tor(10 * 3_600)]).len(), 0, "two alerts of one policy");
    let other = |d: Did| Did { person: 2, ..d };
    let of_two = [tor(0)].into_iter().chain(journey(20 * 3_600).map(other)).collect::<Vec<_>>();
    assert_eq!(incidents(&policies, &of_two).len(), 0, "of two people");
}

#[test]
fn guesses_are_a_link_once_somebody_is_let_in() {
    let policies = ["password_spray", "activity_from_anonymous_ip", "chain"];
    let tor = |second| Did { tags: vec![NetworkTag::Tor], ..did(second, "Madrid") };
    let guessed = || spray(10, 1, 1_800).into_iter().chain([tor(7_200)]).collect::<Vec<_>>();
    assert_eq!(incidents(&policies, &guessed()).len(), 0);
    let in_then: Vec<Did> = guessed().into_iter().chain([let_in(5_000, 1)]).collect();
    let found = incidents(&policies, &in_then);
    assert_eq!(found.iter().map(|owed| (owed.actor, owed.evidence.len())).collect::<Vec<_>>(), [(PersonIndex(1), 3)]);
}
