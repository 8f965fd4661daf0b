//! Impossible user agent change: a browser's session that goes on under another system, or by a program.

use jiff::SignedDuration;
use serde::Deserialize;

use super::{Around, Detection, HOUR, Policy, Reach, Trigger, sessions};
use crate::bug::{Bug, planted};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "impossible_user_agent_change";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AgentChange {
    /// Time that two uses lie in.
    within: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for AgentChange {
    fn default() -> Self {
        Self { within: Span(SignedDuration::from_hours(1)), response: Response::default() }
    }
}

impl Detection for AgentChange {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Impossible user agent change",
            gap: HOUR,
            techniques: &["T1539", "T1550.004"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.within.0)
    }

    fn concerns(&self, event: &Kept) -> bool {
        sessions::held(event).is_some() && !sessions::is_token(event)
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let within = if planted(Bug::AgentChangeAtAnyTime) { self.within.0 * 24 } else { self.within.0 };
        sessions::pairs(fresh, &around.own, within, has_changed, sessions::agents)
    }
}

/// Whether two uses of one session, in order of time, are of two machines.
fn has_changed(a: &Kept, b: &Kept) -> bool {
    if planted(Bug::NoAgentIsAnother) && a.deed.agent.is_some() != b.deed.agent.is_some() {
        return true;
    }
    let (Some(first), Some(second)) = (sessions::client(a), sessions::client(b)) else { return false };
    second.has_another_system_than(first) || (first.is_browser() && !second.is_browser())
}
