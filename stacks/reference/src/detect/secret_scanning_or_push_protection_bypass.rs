//! Secret scanning: what keeps secrets out of repositories is passed by, or switched off.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::bug::{Bug, planted};
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "secret_scanning_or_push_protection_bypass";

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SecretScanning {
    #[serde(flatten)]
    response: Response,
}

impl Detection for SecretScanning {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Secret scanning passed by",
            gap: HOUR,
            techniques: &["T1552.001", "T1685"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        match deed(event) {
            Some(Deed::SecretScanningOff) => true,
            Some(Deed::SecretLetThrough) => !planted(Bug::BypassIsNothing),
            _ => false,
        }
    }

    fn triggers(&self, fresh: &Kept, _around: &Around) -> Vec<Trigger> {
        let object = fresh.deed.object.clone().unwrap_or_default();
        let scope = if planted(Bug::BypassesTogether) { String::new() } else { object.clone() };
        vec![Trigger {
            at: fresh.at,
            scope: format!("{} {scope}", fresh.app),
            facts: json!({"operation": fresh.deed.operation, "object": object}),
            evidence: vec![fresh.clone()],
        }]
    }
}
