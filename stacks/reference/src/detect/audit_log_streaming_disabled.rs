//! Audit log streaming disabled: a stream ends for good, or leads somewhere else.
//!
//! A stream that is made anew to the same sink soon after is the old one. Nobody knows that it is not before that time is
//! over, and all of it has been read: an end is weighed again whenever its log has been read further.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::{Around, Detection, HOUR, Others, Policy, Reach, Trigger};
use crate::bug::{Bug, planted};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "audit_log_streaming_disabled";

/// Records are shown no later than this after they happened, as the stack declares.
const LATE: SignedDuration = HOUR;

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct StreamDisabled {
    /// A stream to the same sink, made anew sooner than this, is the old one.
    rotation: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for StreamDisabled {
    fn default() -> Self {
        Self { rotation: Span(SignedDuration::from_mins(15)), response: Response::default() }
    }
}

impl Detection for StreamDisabled {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Audit log streaming disabled",
            gap: HOUR,
            techniques: &["T1685.002"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach { own: SignedDuration::ZERO, others: Others::InTheApp(self.rotation.0) }
    }

    fn waits(&self) -> Option<SignedDuration> {
        Some(self.rotation.0)
    }

    fn concerns(&self, event: &Kept) -> bool {
        matches!(deed(event), Some(Deed::StreamEnded | Deed::StreamChanged))
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let anew = |other: &&Kept| {
            deed(other) == Some(Deed::StreamMade)
                && (sink(other) == sink(fresh) || planted(Bug::AnySinkWillDo))
                && other.at >= fresh.at
                && other.at.duration_since(fresh.at) < self.rotation.0
        };
        let known_from = fresh.at + self.rotation.0 + LATE;
        let is_over = around.read_until.is_some_and(|read_until| read_until >= known_from);
        let lost = match deed(fresh) {
            Some(Deed::StreamEnded) if !planted(Bug::RotationIsAnEnd) => {
                is_over && !around.others.iter().any(|other| anew(&other))
            }
            _ => true,
        };
        let trigger = || Trigger {
            at: fresh.at,
            scope: fresh.app.clone(),
            facts: json!({"operation": fresh.deed.operation, "sink": sink(fresh), "window_s": self.rotation.0.as_secs()}),
            evidence: vec![fresh.clone()],
        };
        lost.then(trigger).into_iter().collect()
    }
}

/// Where the stream leads.
fn sink(event: &Kept) -> Option<&str> {
    event.deed.details["audit_log_stream_sink"].as_str()
}
