//! Unusual impersonated activity: somebody acts as somebody else, for the first time or again and again.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::counted::{self, Threshold};
use super::novelty::Memory;
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "unusual_impersonated_activity";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ImpersonatedActivity {
    /// The one that fires within so long a time.
    at_least: usize,
    within: Span,
    #[serde(flatten)]
    memory: Memory,
    #[serde(flatten)]
    response: Response,
}

impl Default for ImpersonatedActivity {
    fn default() -> Self {
        Self {
            at_least: 11,
            within: Span(SignedDuration::from_hours(1)),
            memory: Memory::default(),
            response: Response::default(),
        }
    }
}

impl ImpersonatedActivity {
    fn threshold(&self) -> Threshold {
        Threshold { at_least: self.at_least, within: self.within.0 }
    }
}

impl Detection for ImpersonatedActivity {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Unusual impersonated activity",
            gap: HOUR,
            techniques: &["T1078.004"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.memory.reach())
    }

    fn concerns(&self, event: &Kept) -> bool {
        deed(event) == Some(Deed::Impersonation)
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let as_whom = fresh.deed.object.as_deref().unwrap_or_default();
        let own: Vec<&Kept> = around.own.iter().collect();
        let same = |a: &Kept, b: &Kept| self.concerns(a) && a.deed.object == b.deed.object;
        let of_both: Vec<&Kept> = own.iter().filter(|event| same(event, fresh)).copied().collect();
        let mut triggers = self.threshold().met(fresh, &of_both, as_whom, counted::each);
        triggers.extend(self.memory.firsts(&own, &[fresh], same).into_iter().map(|event| Trigger {
            at: event.at,
            scope: as_whom.to_owned(),
            evidence: vec![event.clone()],
            facts: json!({"target_user_uid": as_whom, "window_s": self.memory.look_back().as_secs()}),
        }));
        triggers
    }
}
