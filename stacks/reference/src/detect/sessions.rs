//! What several detections ask of a session or a token: which uses of it go together.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Trigger;
use super::agents::Client;
use crate::state::events::Kept;

/// What held the request of an event, where the app's log shows it and the client; git shows neither.
pub(super) fn held(event: &Kept) -> Option<&str> {
    event.deed.session.as_deref().filter(|_| event.is_done())
}

/// Whether a token, and no browser's session, held it.
pub(super) fn is_token(event: &Kept) -> bool {
    event.deed.by_token
}

/// What the event's user agent tells.
pub(super) fn client(event: &Kept) -> Option<Client> {
    Client::read(event.deed.agent.as_deref()?)
}

/// Every pair of `fresh` and another use of the same session less than `within` apart, in order of time, that is as `asked`.
pub(super) fn pairs(
    fresh: &Kept,
    own: &[Kept],
    within: SignedDuration,
    asked: impl Fn(&Kept, &Kept) -> bool,
    facts: impl Fn(&Kept, &Kept) -> Value,
) -> Vec<Trigger> {
    let Some(session) = held(fresh) else { return Vec::new() };
    let same = |other: &&Kept| {
        other.key() != fresh.key()
            && other.app == fresh.app
            && held(other) == Some(session)
            && other.at.duration_since(fresh.at).abs() < within
    };
    let pairs = own.iter().filter(same).map(|other| in_order(fresh, other)).filter(|(a, b)| asked(a, b));
    let trigger = |(a, b): (&Kept, &Kept)| Trigger {
        at: b.at,
        scope: format!("{} {session}", fresh.app),
        evidence: vec![a.clone(), b.clone()],
        facts: facts(a, b),
    };
    pairs.map(trigger).collect()
}

/// Both, the earlier first.
fn in_order<'a>(one: &'a Kept, other: &'a Kept) -> (&'a Kept, &'a Kept) {
    if (one.at, one.key()) < (other.at, other.key()) { (one, other) } else { (other, one) }
}

/// The two user agents.
pub(super) fn agents(a: &Kept, b: &Kept) -> Value {
    json!({"user_agents": [a.deed.agent, b.deed.agent]})
}
