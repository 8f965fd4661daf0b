//! Activity from an infrequent country: somebody works from a country that is new to them.
//!
//! What fails teaches nothing. While somebody is being learned, countries are remembered and nothing is said.

use serde::Deserialize;
use serde_json::json;

use super::novelty::Memory;
use super::{Around, Detection, Policy, Reach, Trigger};
use crate::connections::Response;
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
        let located: Vec<&Kept> = around.own.iter().filter(|event| self.concerns(event)).collect();
        let later: Vec<&Kept> =
            located.iter().filter(|event| event.at >= fresh.at && !is_own(event)).copied().collect();
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
        firsts.iter().map(trigger).collect()
    }
}

/// The country that somebody is in, where the address tells.
fn country(event: &Kept) -> Option<&str> {
    let place = event.place.as_ref().filter(|place| place.position.is_some() && !place.is_elsewhere())?;
    place.country.as_deref()
}

fn is_own(event: &Kept) -> bool {
    event.place.as_ref().is_some_and(crate::geo::Place::is_safe)
}
