//! Activity by a terminated user: somebody works whom the directory has deleted.
//!
//! A token counts as well as a person. Nothing is said of what happened after the directory was last asked: it may have
//! taken them back. What is still open is weighed again when it has been asked.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::{Around, DAY, Detection, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "activity_by_terminated_user";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct TerminatedUser {
    /// Time after the deletion in which nothing is said: clocks differ.
    grace: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for TerminatedUser {
    fn default() -> Self {
        Self { grace: Span(SignedDuration::from_mins(15)), response: Response::default() }
    }
}

impl Detection for TerminatedUser {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Activity performed by a terminated user",
            gap: DAY,
            techniques: &["T1078.004"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        event.is_done()
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let Some(departure) = around.departure else { return Vec::new() };
        let since = fresh.at.duration_since(departure.left_at);
        let trigger = || Trigger {
            at: fresh.at,
            scope: fresh.app.clone(),
            evidence: vec![fresh.clone()],
            facts: json!({
                "terminated_at": departure.left_at.to_string(),
                "delay_s": since.as_secs(),
                "threshold": self.grace.0.as_secs(),
            }),
        };
        (since > self.grace.0 && fresh.at <= departure.confirmed_at).then(trigger).into_iter().collect()
    }
}
