//! Incident: alerts of several policies about one person, which together tell of an account taken over.
//!
//! For every alert of a person under the policies below that are in force: with it, alerts of at least `at_least` of them lie
//! in the window `(t - within, t]`, by the moments at which they came true. Guesses alone take nothing over: an alert of
//! guesses counts for whoever was then let in from one of their addresses, no more than a day after the first guess at them,
//! and from that moment on. One incident for each person, ended by `within` without a further alert; it rests on what the
//! alerts rest on, as far as it is the person's.
//!
//! Parameters: `at_least` 2, `within` 1d.
//!
//! # Sources
//! After rules that count alerts of one user: Elastic's for GitHub, <https://github.com/elastic/detection-rules>.
//! The day and the two are a choice.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use simulator::scenario::{Policy, Verb};
use simulator::time::SimTime;
use simulator::world::PersonIndex;

use super::parameters::{count, duration};
use super::{Episode, Owed, Seen};

/// Its policy.
pub(super) const NAME: &str = "chain";

const DAY: Duration = Duration::from_secs(86_400);

/// What is a sign of a takeover by itself.
const SIGNS: [&str; 5] = [
    "activity_from_anonymous_ip",
    "activity_from_infrequent_country",
    "impossible_travel",
    "new_oauth_app_broad_scope",
    "token_theft_session_replay",
];
/// What is one if it succeeds.
const GUESSES: [&str; 2] = ["password_spray", "mfa_fatigue"];

/// An alert as far as it concerns one person.
struct Link<'a> {
    at: SimTime,
    policy: &'a str,
    records: Vec<&'a Seen>,
}

/// The incidents that follow from the alerts of the other policies.
pub(super) fn episodes<'a>(policy: &Policy, alerts: &'a [Owed], seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let at_least = count(policy, "at_least", 2);
    let within = duration(policy, "within", DAY);
    let mut by_person: BTreeMap<PersonIndex, Vec<Link<'a>>> = BTreeMap::new();
    for alert in alerts {
        for (person, link) in links(alert, seen) {
            by_person.entry(person).or_default().push(link);
        }
    }
    let mut episodes = Vec::new();
    for (person, links) in &by_person {
        let window = |last: &Link<'a>| {
            let inside = |link: &&Link<'a>| link.at <= last.at && last.at.since(link.at) < within;
            links.iter().filter(inside).collect::<Vec<_>>()
        };
        let policies = |window: &Vec<&Link<'_>>| window.iter().map(|link| link.policy).collect::<BTreeSet<_>>().len();
        let windows = links.iter().map(window).filter(|window| policies(window) >= at_least);
        let triggers = windows.map(|window| window.into_iter().flat_map(|link| link.records.clone()).collect());
        episodes.extend(Episode::group_within(within, *person, None, triggers.collect()));
    }
    episodes
}

/// Whom an alert concerns, and how.
fn links<'a>(alert: &'a Owed, seen: &[&'a Seen]) -> Vec<(PersonIndex, Link<'a>)> {
    let cited: Vec<&Seen> = seen.iter().filter(|s| alert.evidence.contains(&s.cite())).copied().collect();
    let of = |person: PersonIndex| cited.iter().filter(move |s| s.activity.actor == person).copied();
    if SIGNS.contains(&alert.policy.as_str()) {
        let records = of(alert.actor).collect();
        return vec![(alert.actor, Link { at: alert.decided_at, policy: &alert.policy, records })];
    }
    if !GUESSES.contains(&alert.policy.as_str()) {
        return Vec::new();
    }
    let guessed: BTreeSet<PersonIndex> = cited.iter().map(|s| s.activity.actor).collect();
    let let_in = |person: PersonIndex| {
        let first = of(person).map(|s| s.activity.occurred).min()?;
        let addresses: BTreeSet<IpAddr> = of(person).filter_map(|s| s.activity.address).collect();
        let is_in = |s: &&&Seen| {
            s.activity.actor == person
                && s.activity.verb == Verb::SignIn
                && s.succeeded()
                && s.activity.occurred >= first
                && s.activity.occurred.since(first) < DAY
                && s.activity.address.is_some_and(|address| addresses.contains(&address))
        };
        let success = *seen.iter().find(is_in)?;
        let records = of(person).chain([success]).collect();
        Some((person, Link { at: success.activity.occurred, policy: &alert.policy, records }))
    };
    guessed.into_iter().filter_map(let_in).collect()
}
