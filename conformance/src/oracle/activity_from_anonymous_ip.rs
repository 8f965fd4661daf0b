//! D01: somebody works from an address that hides who is behind it.
//!
//! For every success of a person whose address the feeds call a Tor exit or a public proxy, unless the organisation calls
//! it its own. One alert for each person and kind of address, ended by six hours of silence.
//!
//! # Not decided here
//! Consumer VPNs, relays and residential proxies: context, no alert. Addresses that many people of the organisation have
//! long used: no record says that a feed is wrong.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (failed sign-ins do not count). The six
//! hours are those of Panther's rule for Okta, <https://github.com/panther-labs/panther-analysis>.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{NetworkTag, Policy};

use super::{Definition, Episode, EvidenceOf, LooksAt, Principal, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "activity_from_anonymous_ip",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1090", "T1078"],
    looks_at: LooksAt {
        words: "what people themselves do with success from a network tagged `tor` or `public_proxy` that is not the organisation's own",
        counts: |_, seen| {
            seen.is_done_in_person() && seen.located.as_ref().is_some_and(|l| !l.is_safe() && l.has_any(&ANONYMOUS))
        },
    },
    episodes,
    edges: no_edges,
};

const GAP: Duration = Duration::from_secs(6 * 3_600);
const ANONYMOUS: [NetworkTag; 2] = [NetworkTag::Tor, NetworkTag::PublicProxy];

fn episodes<'a>(_: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let mut by_kind: BTreeMap<(Principal, NetworkTag), Vec<Vec<&'a Seen>>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.is_done_in_person()) {
        let Some(located) = one.located.as_ref().filter(|l| !l.is_safe()) else { continue };
        for tag in ANONYMOUS.into_iter().filter(|tag| located.tags.contains(tag)) {
            by_kind.entry((one.principal, tag)).or_default().push(vec![one]);
        }
    }
    let group =
        |((principal, _), triggers): ((Principal, _), _)| Episode::group_within(GAP, principal.person, None, triggers);
    by_kind.into_iter().flat_map(group).collect()
}
