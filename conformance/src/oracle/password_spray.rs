//! D09: one address guesses at many people's passwords, a few times each.
//!
//! For every wrong credential from an address that is not the organisation's own: those from there in the window
//! `(t - within, t]` are of at least `accounts` people, of none of them more than `attempts`, and of more people than were
//! let in from there in the same window. One alert for each address, ended by three hours of silence; it is about whoever
//! was guessed at when it came true.
//!
//! Parameters: `accounts` 10, `attempts` 8, `within` 1h.
//!
//! # Not decided here
//! Sprays from many addresses, or over days. That one of them is let in: that is `activity_from_suspicious_ip`'s, and an
//! incident's.
//!
//! # Sources
//! That more people fail than are let in is how a rule of Microsoft Sentinel's tells a spray from an address that many
//! share, <https://github.com/Azure/Azure-Sentinel>. No two published rules have the same numbers; these are a choice.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use simulator::scenario::{Policy, Verb};

use super::counted::Threshold;
use super::parameters::{count, duration};
use super::{Definition, Episode, EvidenceOf, LooksAt, Principal, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::SeveralPeople,
    techniques: &["T1110"],
    looks_at: LooksAt {
        words: "sign-ins with a wrong name, password or code, from an address that is not the organisation's own",
        counts: |_, seen| seen.is_wrong_guess() && !seen.is_at_home(),
    },
    episodes,
    edges: no_edges,
};

/// Its policy.
pub(super) const NAME: &str = "password_spray";

/// Three hours of silence end an alert.
const GAP: Duration = Duration::from_secs(3 * 3_600);

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let (accounts, attempts) = (count(policy, "accounts", 10), count(policy, "attempts", 8));
    let within = duration(policy, "within", Duration::from_secs(3_600));
    let mut episodes = Vec::new();
    for at_address in by_address(seen).values() {
        let guesses: Vec<&Seen> = at_address.iter().filter(|s| s.is_wrong_guess()).copied().collect();
        let sliding = Threshold { at_least: accounts, within };
        let is_spray = |window: &Vec<&Seen>| {
            let mut guessed: BTreeMap<Principal, usize> = BTreeMap::new();
            window.iter().for_each(|s| *guessed.entry(s.principal).or_default() += 1);
            let until = window.last().expect("a window ends with an event");
            let around = sliding.window(at_address, until);
            let let_in = around.iter().filter(|s| s.succeeded() && s.activity.verb == Verb::SignIn);
            let let_in: BTreeSet<Principal> = let_in.map(|s| s.principal).collect();
            guessed.len() >= accounts && guessed.values().all(|n| *n <= attempts) && guessed.len() > let_in.len()
        };
        let windows = guesses.iter().map(|last| sliding.window(&guesses, last));
        episodes.extend(Episode::campaign(GAP, windows.filter(is_spray).collect()));
    }
    episodes
}

/// What is done at each address that is not the organisation's own.
fn by_address<'a>(seen: &[&'a Seen]) -> BTreeMap<IpAddr, Vec<&'a Seen>> {
    let mut by_address: BTreeMap<IpAddr, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| !s.is_at_home()) {
        if let Some(address) = one.activity.address {
            by_address.entry(address).or_default().push(one);
        }
    }
    by_address
}
