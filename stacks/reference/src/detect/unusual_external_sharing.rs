//! Unusual external sharing: many different things shared with a domain that is new to whoever shares.

use jiff::SignedDuration;
use serde::Deserialize;

use super::catalogue::{Deed, deed};
use super::counted::{self, Threshold};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "unusual_external_sharing";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ExternalSharing {
    /// The thing that fires within so long a time.
    at_least: usize,
    within: Span,
    /// For how long a domain is remembered.
    look_back: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for ExternalSharing {
    fn default() -> Self {
        Self {
            at_least: 10,
            within: Span(SignedDuration::from_hours(1)),
            look_back: Span(SignedDuration::from_hours(30 * 24)),
            response: Response::default(),
        }
    }
}

impl Detection for ExternalSharing {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Unusual external sharing",
            gap: HOUR,
            techniques: &["T1567"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.look_back.0 + self.within.0)
    }

    fn concerns(&self, event: &Kept) -> bool {
        domain(event).is_some()
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let shared: Vec<&Kept> = around.own.iter().filter(|event| domain(event) == domain(fresh)).collect();
        let threshold = Threshold { at_least: self.at_least, within: self.within.0 };
        let is_new = |trigger: &Trigger| {
            let first = trigger.evidence.first().map_or(trigger.at, |event| event.at);
            let known = |event: &&&Kept| event.at < first && event.at >= first - self.look_back.0;
            !shared.iter().any(|event| known(&event))
        };
        let mut triggers = threshold.met(fresh, &shared, domain(fresh).unwrap_or_default(), counted::objects);
        triggers.retain(is_new);
        triggers
    }
}

/// The domain with which something is shared, where the app says so.
fn domain(event: &Kept) -> Option<&str> {
    event.deed.details["domain"].as_str().filter(|_| deed(event) == Some(Deed::Sharing))
}
