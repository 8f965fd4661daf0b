//! Content opened to everybody: a link that anyone may use, a repository that anyone may read. The deed counts and not the
//! state: who closes it again has opened it all the same.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::catalogue::{Deed, deed};
use super::{Around, Detection, HOUR, Policy, Reach, Trigger};
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "public_repo_or_content_exposure";

/// Parameters of the policy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PublicExposure {
    #[serde(flatten)]
    response: Response,
}

impl Detection for PublicExposure {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Content opened to everybody",
            gap: HOUR,
            techniques: &["T1567.001"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(SignedDuration::ZERO)
    }

    fn concerns(&self, event: &Kept) -> bool {
        let anyone = event.deed.operation.as_deref() == Some("board_public_link_enabled");
        deed(event) == Some(Deed::Visibility) && (anyone || event.deed.details["visibility"] == "public")
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
