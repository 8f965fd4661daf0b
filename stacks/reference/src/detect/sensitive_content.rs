//! Sensitive content: a file policy. What a scan has found is an event of its own ([`crate::scan`]); each file is one alert.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "sensitive_content";
/// What a scan calls its finds.
pub(crate) const FOUND: &str = "sensitive_content_found";

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SensitiveContent {
    #[serde(flatten)]
    response: Response,
}

impl Detection for SensitiveContent {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Sensitive content in a file",
            gap: HOUR,
            techniques: &[],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        event.deed.operation.as_deref() == Some(FOUND)
    }

    fn triggers(&self, fresh: &Kept, _around: &Around) -> Vec<Trigger> {
        vec![Trigger {
            at: fresh.at,
            scope: format!("{} {}", fresh.app, fresh.uid),
            facts: json!({"object": fresh.deed.object, "file": fresh.deed.details["name"], "found": fresh.deed.details["found"]}),
            evidence: vec![fresh.clone()],
        }]
    }
}
