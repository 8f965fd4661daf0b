//! Token theft: a session or token that somebody else goes on with, from elsewhere and by another client.

use jiff::SignedDuration;
use serde::Deserialize;

use super::{Around, Detection, HOUR, Policy, Reach, Trigger, sessions};
use crate::bug::{Bug, planted};
use crate::config::Span;
use crate::connections::Response;
use crate::state::events::Kept;

pub(super) const NAME: &str = "token_theft_session_replay";

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct SessionReplay {
    /// Time that two uses lie in.
    within: Span,
    #[serde(flatten)]
    response: Response,
}

impl Default for SessionReplay {
    fn default() -> Self {
        Self { within: Span(SignedDuration::from_hours(24)), response: Response::default() }
    }
}

impl Detection for SessionReplay {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Session or token replayed",
            gap: HOUR,
            techniques: &["T1539", "T1550"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(self.within.0)
    }

    fn concerns(&self, event: &Kept) -> bool {
        sessions::held(event).is_some() && event.ip.is_some()
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        sessions::pairs(fresh, &around.own, self.within.0, is_replayed, sessions::agents)
    }
}

/// Whether two uses of one session, in order of time, are by two people.
fn is_replayed(a: &Kept, b: &Kept) -> bool {
    let elsewhere = a.ip.is_some() && b.ip.is_some() && a.ip != b.ip;
    let own = |event: &Kept| event.place.as_ref().is_some_and(crate::geo::Place::is_safe);
    let another = match (sessions::client(a), sessions::client(b)) {
        _ if planted(Bug::ReplayByAddressAlone) => true,
        _ if planted(Bug::ReplayByRawAgent) => a.deed.agent != b.deed.agent,
        (Some(first), Some(second)) => second.is_another_than(first),
        _ => false,
    };
    elsewhere && another && !(own(a) && own(b))
}
