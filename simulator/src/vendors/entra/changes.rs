//! What callers of Graph change, written into the directory audit log: the actor is the caller's application.
//!
//! The audit log is also the memory of what changed when: delta queries and change notifications read it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::events::DIRECTORY_AUDITS;
use super::objects::{Kind, id_of};
use crate::protocol::exchange::{Context, Effects, Request};
use crate::scenario::Verb;
use crate::time::SimTime;
use crate::timeline::{Activity, Deed, LogId};
use crate::world::PersonIndex;

/// A change, as the audit log words it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// `Add member to group`.
    pub(super) name: &'static str,
    /// `GroupManagement`.
    pub(super) category: &'static str,
    /// `Assign`.
    pub(super) operation: &'static str,
}

/// Details of an activity that name the object it is about.
pub(super) const NAME: &str = "name";
pub(super) const CATEGORY: &str = "category";
pub(super) const OPERATION: &str = "operation";
pub(super) const KIND: &str = "kind";
pub(super) const ID: &str = "target_id";

/// Whether an effect is real: a fault of the scenario may have it only pretended.
pub(super) fn is_real(ctx: &Context<'_>) -> bool {
    ctx.effects == Effects::Real
}

/// Writes down what was done to an object; `person` is somebody who was concerned too.
pub(super) fn written(
    ctx: &mut Context<'_>,
    request: &Request,
    change: Change,
    (kind, object): (Kind, &Value),
    person: Option<PersonIndex>,
) {
    let label = object["displayName"].as_str().unwrap_or_default();
    deed(ctx, request, Verb::Event, change, (kind.word(), id_of(object), label), person);
}

/// Writes down a deed of this verb, with whatever the verb does to people.
pub(super) fn deed(
    ctx: &mut Context<'_>,
    request: &Request,
    verb: Verb,
    change: Change,
    (kind, id, label): (&str, &str, &str),
    target: Option<PersonIndex>,
) {
    let details =
        [(NAME, change.name), (CATEGORY, change.category), (OPERATION, change.operation), (KIND, kind), (ID, id)];
    let details = details.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let by = request.caller().client.clone();
    let deed = Deed { verb, app: ctx.app, target, by, object: Some(label.into()), details };
    ctx.state.timeline.govern(ctx.now, deed);
}

/// Does a lifecycle verb to a person, with more details.
pub(super) fn life(
    ctx: &mut Context<'_>,
    request: &Request,
    verb: Verb,
    person: PersonIndex,
    details: BTreeMap<String, String>,
) {
    let by = request.caller().client.clone();
    let deed = Deed { details, ..Deed::upon(verb, ctx.app, person, by) };
    ctx.state.timeline.govern(ctx.now, deed);
}

/// When objects of a kind were last changed, by id: after `since`, up to and including `until`.
pub(super) fn changed(ctx: &Context<'_>, kind: Kind, since: SimTime, until: SimTime) -> BTreeMap<String, SimTime> {
    let log = LogId { app: ctx.app, feed: DIRECTORY_AUDITS };
    let mut changed = BTreeMap::new();
    for record in ctx.state.timeline.written(log) {
        if record.persisted > since && record.persisted <= until {
            for id in touched(ctx, kind, &record.activity) {
                changed.insert(id, record.persisted);
            }
        }
    }
    changed
}

/// Ids of the objects of a kind that an activity changed.
pub(super) fn touched(ctx: &Context<'_>, kind: Kind, activity: &Activity) -> Vec<String> {
    let detail = |name: &str| activity.details.get(name).map(String::as_str);
    let mut ids = Vec::new();
    if detail(KIND) == Some(kind.word()) {
        ids.extend(detail(ID).map(str::to_owned));
    }
    let upon_a_user = matches!(
        activity.verb,
        Verb::Hire
            | Verb::Suspend
            | Verb::Restore
            | Verb::Terminate
            | Verb::Rename
            | Verb::ChangeEmail
            | Verb::RevokeSessions
            | Verb::ChangePassword
    );
    if kind == Kind::User && upon_a_user {
        let person = ctx.sim.world.person(activity.target.unwrap_or(activity.actor));
        ids.extend(person.accounts.get(&ctx.app).map(|account| account.user_id.clone()));
    }
    ids
}

/// Key of the person with this object id, for the journal; the id itself if it is nobody's.
pub(super) fn key_of(ctx: &Context<'_>, id: &str) -> String {
    let person = ctx.sim.world.person_by_account(ctx.app, id);
    person.map_or_else(|| id.to_owned(), |index| ctx.sim.world.person(index).key.clone())
}
