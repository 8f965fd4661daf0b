//! Activity from an infrequent country: somebody works from a country that is new to them.
//!
//! What fails teaches nothing. While somebody is being learned, countries are remembered and nothing is said.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::novelty::Memory;
use super::{Around, Detection, Policy, Reach, Trigger};
use crate::bug::{Bug, planted};
use crate::connections::Response;
use crate::normalize::EventKind;
use crate::state::events::Kept;

pub(super) const NAME: &str = "activity_from_infrequent_country";

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct InfrequentCountry {
    #[serde(flatten)]
    memory: Memory,
    #[serde(flatten)]
    response: Response,
}

impl Detection for InfrequentCountry {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Activity from an infrequent country",
            gap: self.memory.look_back(),
            techniques: &["T1078.004"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.memory.reach())
    }

    fn concerns(&self, event: &Kept) -> bool {
        event.is_done_in_person() && country(event).is_some()
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let teaches = |event: &&Kept| self.concerns(event) || planted(Bug::DetFailuresTeach) && is_refused(event);
        let located: Vec<&Kept> = around.own.iter().filter(teaches).collect();
        let candidate = |event: &&&Kept| self.concerns(event) && event.at >= fresh.at && !is_own(event);
        let later: Vec<&Kept> = located.iter().filter(candidate).copied().collect();
        let firsts = self.memory.firsts(&located, &later, |a, b| country(a) == country(b));
        let trigger = |event: &&Kept| {
            let country = country(event).unwrap_or_default();
            Trigger {
                at: event.at,
                scope: country.to_owned(),
                evidence: vec![(*event).clone()],
                facts: json!({"country": country, "window_s": self.memory.look_back().as_secs()}),
            }
        };
        let hidden = |event: &Kept| planted(Bug::DetCountryBySubstring) && is_part_of_codes(event, &located);
        firsts.iter().filter(|event| !hidden(event)).map(trigger).collect()
    }
}

/// The country that somebody is in, where the address tells.
fn country(event: &Kept) -> Option<&str> {
    let place = event.place.as_ref().filter(|place| place.position.is_some() && !place.is_elsewhere())?;
    place.country.as_deref()
}

/// Whether somebody was refused somewhere.
fn is_refused(event: &Kept) -> bool {
    event.kind == EventKind::FailedSignIn && country(event).is_some()
}

/// Whether the code of an event's country stands in those of earlier ones, one written after the other.
fn is_part_of_codes(event: &Kept, located: &[&Kept]) -> bool {
    let known: BTreeSet<&str> =
        located.iter().filter(|other| other.at < event.at).filter_map(|other| country(other)).collect();
    known.into_iter().collect::<String>().contains(country(event).unwrap_or_default())
}

fn is_own(event: &Kept) -> bool {
    event.place.as_ref().is_some_and(crate::geo::Place::is_safe)
}
