//! Privilege escalation to owner: somebody becomes an owner or administrator.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "privilege_escalation_to_owner";

/// Operations that say by their name what is granted.
const GRANTS: [&str; 2] = ["organization_admin_granted", "ACCOUNT_PROMOTED_TO_ADMIN"];

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnerEscalation {
    #[serde(flatten)]
    response: Response,
}

impl Detection for OwnerEscalation {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Privilege escalation to owner",
            gap: HOUR,
            techniques: &["T1098.003"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        let granted = event.deed.operation.as_deref().is_some_and(|operation| GRANTS.contains(&operation));
        deed(event) == Some(Deed::Role) && (granted || event.deed.details["permission"] == "admin")
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
