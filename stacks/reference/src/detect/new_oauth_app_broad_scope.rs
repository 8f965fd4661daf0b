//! New OAuth app with a broad scope: an application that nobody used before is given much.

use serde::Deserialize;
use serde_json::json;

use jiff::SignedDuration;

use super::catalogue::{Deed, deed};
use super::{Around, Detection, HOUR, Others, Policy, Reach, Trigger};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "new_oauth_app_broad_scope";
/// What reaches beyond what is whoever's who consents.
const BROAD: [&str; 7] =
    ["repo", "admin:org", "delete_repo", "auditlogs:read", "organizations:read", "boards:export", "okta.users.manage"];

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct BroadApp {
    /// For how long an application is remembered.
    look_back: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for BroadApp {
    fn default() -> Self {
        Self { look_back: Span(SignedDuration::from_hours(30 * 24)), response: Response::default() }
    }
}

impl Detection for BroadApp {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "New OAuth app with a broad scope",
            gap: HOUR,
            techniques: &["T1528"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach { own: SignedDuration::ZERO, others: Others::DoingTheSame(self.look_back.0) }
    }

    fn concerns(&self, event: &Kept) -> bool {
        let mut scopes = event.deed.details["scopes"].as_str().unwrap_or_default().split([' ', ',']);
        deed(event) == Some(Deed::Application) && scopes.any(|scope| BROAD.contains(&scope) || scope.ends_with(".All"))
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let same = |other: &&Kept| other.app == fresh.app && other.deed.object == fresh.deed.object;
        let is_known = around.others.iter().filter(same).any(|other| other.at < fresh.at);
        let trigger = || Trigger {
            at: fresh.at,
            scope: format!("{} {}", fresh.app, fresh.deed.object.as_deref().unwrap_or_default()),
            evidence: vec![fresh.clone()],
            facts: json!({"object": fresh.deed.object, "scopes": fresh.deed.details["scopes"]}),
        };
        (!is_known).then(trigger).into_iter().collect()
    }
}
