//! Deactivated user reactivated: somebody, and no provisioning, brings a suspended account back.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "deactivated_user_reactivated";

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reactivation {
    #[serde(flatten)]
    response: Response,
}

impl Detection for Reactivation {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Deactivated user reactivated",
            gap: HOUR,
            techniques: &["T1098"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        deed(event) == Some(Deed::Reactivation)
    }

    fn triggers(&self, fresh: &Kept, _around: &Around) -> Vec<Trigger> {
        let object = fresh.deed.object.clone().unwrap_or_default();
        vec![Trigger {
            at: fresh.at,
            scope: format!("{} {object}", fresh.app),
            facts: json!({"operation": fresh.deed.operation, "object": object}),
            evidence: vec![fresh.clone()],
        }]
    }
}
