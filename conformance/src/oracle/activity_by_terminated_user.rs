//! D05: somebody works who has left.
//!
//! For every success of a person, by hand or by a token, more than `grace` after the directory deleted them, unless it
//! took them back in between. One alert for each person and instance, ended by a day of silence. Accounts that are not
//! linked to the directory have no person who could have left.
//!
//! Parameters: `grace` 15m.
//!
//! # Not decided here
//! Accounts that are disabled and not deleted: the product calls that benign.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (who was deleted in the directory
//! and is active elsewhere). The grace is a guess.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{AppIndex, Policy, Vendor, Verb};
use simulator::time::SimTime;
use simulator::world::PersonIndex;

use super::parameters::duration;
use super::{Definition, Episode, EvidenceOf, LooksAt, Seen, no_edges};

/// The detection.
pub(super) const DEFINITION: Definition = Definition {
    name: "activity_by_terminated_user",
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1078", "T1098"],
    looks_at: LooksAt {
        words: "what succeeds with an account that the directory knows, after it has terminated the person",
        counts: |_, seen| seen.succeeded() && seen.principal.unlinked.is_none(),
    },
    episodes,
    edges: no_edges,
};

const DAY: Duration = Duration::from_secs(86_400);
/// What ends or begins somebody's time in the directory.
const LIFE: [Verb; 3] = [Verb::Terminate, Verb::Restore, Verb::Hire];

fn episodes<'a>(policy: &Policy, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let grace = duration(policy, "grace", Duration::from_secs(15 * 60));
    let mut by_app: BTreeMap<(PersonIndex, AppIndex), Vec<Vec<&'a Seen>>> = BTreeMap::new();
    for one in seen.iter().filter(|s| s.succeeded() && s.principal.unlinked.is_none()) {
        let person = one.principal.person;
        if left_at(seen, person, one.activity.occurred).is_some_and(|left| one.activity.occurred > left + grace) {
            by_app.entry((person, one.record.log.app)).or_default().push(vec![*one]);
        }
    }
    let group = |((person, app), triggers): ((PersonIndex, AppIndex), _)| {
        Episode::group_within(DAY, person, Some(app), triggers)
    };
    by_app.into_iter().flat_map(group).collect()
}

/// When the directory deleted somebody, if the last that it did to them before `t` was that.
fn left_at(seen: &[&Seen], person: PersonIndex, t: SimTime) -> Option<SimTime> {
    let of_directory = |s: &&&Seen| s.vendor == Vendor::Entra && LIFE.contains(&s.activity.verb) && s.succeeded();
    let upon = |s: &&&Seen| s.activity.target == Some(person) && s.activity.occurred < t;
    let last = seen.iter().filter(of_directory).filter(upon).max_by_key(|s| s.activity.occurred)?;
    (last.activity.verb == Verb::Terminate).then_some(last.activity.occurred)
}
