//! Second factor or single sign-on disabled: what asks for more than a password is switched off for everybody.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "mfa_or_sso_disabled";

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProtectionDisabled {
    #[serde(flatten)]
    response: Response,
}

impl Detection for ProtectionDisabled {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Second factor or single sign-on disabled",
            gap: HOUR,
            techniques: &["T1556.006", "T1685"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        deed(event) == Some(Deed::ProtectionOff)
    }

    fn triggers(&self, fresh: &Kept, _around: &Around) -> Vec<Trigger> {
        let object = fresh.deed.object.clone().unwrap_or_default();
        let setting = fresh.deed.details["setting"].as_str().or(fresh.deed.operation.as_deref());
        vec![Trigger {
            at: fresh.at,
            scope: format!("{} {}", fresh.app, setting.unwrap_or_default()),
            facts: json!({"operation": fresh.deed.operation, "object": object}),
            evidence: vec![fresh.clone()],
        }]
    }
}
