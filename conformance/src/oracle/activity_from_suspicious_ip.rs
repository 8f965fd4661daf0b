//! D02: somebody works from an address that is known to be bad, or has just shown itself to be.
//!
//! For every success of a person from an address that the feeds call risky, unless the organisation calls it its own; and
//! from one that in the day before had at least `failures` wrong credentials of at least `accounts` people. One alert for
//! each person and address, ended by a day of silence.
//!
//! Parameters: `failures` 20, `accounts` 10.
//!
//! # Not decided here
//! Confidence of indicators: no doubtful ones are published. Whether one came to be known later than it holds: none does.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (addresses called risky);
//! <https://learn.microsoft.com/entra/id-protection/concept-identity-protection-risks> (those with many failures). The numbers
//! are a guess.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use simulator::scenario::{NetworkTag, Policy};

use super::parameters::count;
use super::{Definition, Episode, EvidenceOf, LooksAt, Principal, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "activity_from_suspicious_ip",
    evidence: EvidenceOf::SeveralPeople,
    techniques: &["T1078", "T1110", "T1071"],
    looks_at: LooksAt {
        words: "what people themselves do with success from an address that is not the organisation's own: tagged `risky`, or one that guessed passwords before",
        counts: |_, seen| seen.is_wrong_guess() || (seen.is_done_in_person() && !seen.is_at_home()),
    },
    episodes,
    edges: no_edges,
};

const DAY: Duration = Duration::from_secs(86_400);

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let (failures, accounts) = (count(policy, "failures", 20), count(policy, "accounts", 10));
    let mut by_address: BTreeMap<(Principal, IpAddr), Vec<Vec<&'a Seen>>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.is_done_in_person()) {
        let Some(address) = one.activity.address else { continue };
        if one.is_at_home() {
            continue;
        }
        let guesses = guesses_before(seen, one, address);
        let guessed: BTreeSet<Principal> = guesses.iter().map(|s| s.principal).collect();
        let triggers = by_address.entry((one.principal, address)).or_default();
        if one.located.as_ref().is_some_and(|l| l.has_any(&[NetworkTag::Risky])) {
            triggers.push(vec![*one]);
        } else if guesses.len() >= failures && guessed.len() >= accounts {
            triggers.push(guesses.into_iter().chain([*one]).collect());
        }
    }
    let group =
        |((principal, _), triggers): ((Principal, _), _)| Episode::group_within(DAY, principal.person, None, triggers);
    by_address.into_iter().flat_map(group).collect()
}

/// Wrong credentials from an address in the day that ends with `one`.
fn guesses_before<'a>(seen: &[&'a Seen], one: &Seen, address: IpAddr) -> Vec<&'a Seen> {
    let until = one.activity.occurred;
    let inside = |s: &&&Seen| s.activity.occurred <= until && until.since(s.activity.occurred) < DAY;
    let from_there = |s: &&&Seen| s.is_wrong_guess() && s.activity.address == Some(address);
    seen.iter().filter(inside).filter(from_there).copied().collect()
}
