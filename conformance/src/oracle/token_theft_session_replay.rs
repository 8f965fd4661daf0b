//! D15: somebody else goes on with a session or a token.
//!
//! For any two records of one session, or of one person's token in one instance, no more than `within` apart: the
//! addresses differ, one at least is not the organisation's own, and so do the clients, in family or system. One alert for
//! each of them, ended by an hour of silence.
//!
//! Parameters: `within` 1d.
//!
//! # Not decided here
//! Networks: the address stands for one. A token that is got with a stolen
//! session has an id of its own. Logs that show neither session nor client: all but GitHub's and Okta's.
//!
//! # Sources
//! <https://attack.mitre.org/techniques/T1550/004/>; Panther's rule for stolen sessions at Okta,
//! <https://github.com/panther-labs/panther-analysis>.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{AppIndex, Policy};

use super::agents::{Held, client, held};
use super::parameters::duration;
use super::{Definition, Episode, EvidenceOf, LooksAt, Principal, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "token_theft_session_replay",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1539", "T1550", "T1528", "T1185"],
    looks_at: LooksAt {
        words: "what succeeds with a session or token in github or okta, whose logs tell which",
        counts: |_, seen| held(seen).is_some(),
    },
    episodes,
    edges: no_edges,
};

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let within = duration(policy, "within", Duration::from_secs(86_400));
    let mut episodes = Vec::new();
    for ((principal, app, _), uses) in by_holder(seen) {
        episodes.extend(Episode::group(principal.person, Some(app), pairs(&uses, within, is_replayed)));
    }
    episodes
}

/// Everything that one session or token was used for.
pub(super) fn by_holder<'a>(seen: &[&'a Seen]) -> BTreeMap<(Principal, AppIndex, Held), Vec<&'a Seen>> {
    let mut by_holder: BTreeMap<_, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen {
        if let Some(held) = held(one) {
            by_holder.entry((one.principal, one.record.log.app, held)).or_default().push(one);
        }
    }
    by_holder
}

/// All pairs, no more than `within` apart, that are as asked.
pub(super) fn pairs<'a>(
    uses: &[&'a Seen],
    within: Duration,
    asked: impl Fn(&Seen, &Seen) -> bool,
) -> Vec<Vec<&'a Seen>> {
    let before = |b: usize| uses[..b].iter().map(move |a| (*a, uses[b]));
    let near = |(a, b): &(&Seen, &Seen)| b.activity.occurred.since(a.activity.occurred) < within;
    (0..uses.len()).flat_map(before).filter(near).filter(|(a, b)| asked(a, b)).map(|(a, b)| vec![a, b]).collect()
}

fn is_replayed(a: &Seen, b: &Seen) -> bool {
    let own = |s: &Seen| s.located.as_ref().is_some_and(super::Located::is_safe);
    let (Some(first), Some(second)) = (client(&a.activity.user_agent), client(&b.activity.user_agent)) else {
        return false;
    };
    let addresses = a.activity.address.zip(b.activity.address).is_some_and(|(a, b)| a != b);
    let systems = first.system.zip(second.system).is_some_and(|(a, b)| a != b);
    addresses && !(own(a) && own(b)) && (first.family != second.family || systems)
}
