//! What callers of Graph change, written into the directory audit log: the actor is the caller's application.
//!
//! The audit log is also the memory of what changed when: delta queries and change notifications read it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::events::DIRECTORY_AUDITS;
use super::objects::{Kind, id_of};
use crate::protocol::exchange::{Context, Request};
use crate::scenario::{AppIndex, Verb};
use crate::time::SimTime;
use crate::timeline::{Activity, Deed, LogId};
use crate::world::{PersonIndex, World};

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

/// What was changed after `since`, up to and including `until`: ids, as `touched` reads them off an activity.
pub(super) fn changed(
    ctx: &Context<'_>,
    touched: impl Fn(&Activity) -> Vec<String>,
    since: SimTime,
    until: SimTime,
) -> BTreeSet<String> {
    let log = LogId { app: ctx.app, feed: DIRECTORY_AUDITS };
    let written = ctx.state.timeline.written(log).iter();
    let changes = written.filter(|record| record.persisted > since && record.persisted <= until);
    changes.flat_map(|record| touched(&record.activity)).collect()
}

/// Ids of the objects of a kind that an activity changed.
pub(super) fn touched(world: &World, app: AppIndex, kind: Kind, activity: &Activity) -> Vec<String> {
    let mut ids: Vec<String> = named(activity, kind.word()).into_iter().collect();
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
        let person = world.person(activity.target.unwrap_or(activity.actor));
        ids.extend(person.accounts.get(&app).map(|account| account.user_id.clone()));
    }
    ids
}

/// Id of the object that an activity was about, if it was of the kind with this word.
pub(super) fn named(activity: &Activity, word: &str) -> Option<String> {
    let detail = |name: &str| activity.details.get(name).map(String::as_str);
    detail(ID).filter(|_| detail(KIND) == Some(word)).map(str::to_owned)
}

/// Key of the person with this object id, for the journal; the id itself if it is nobody's.
pub(super) fn key_of(ctx: &Context<'_>, id: &str) -> String {
    let person = ctx.sim.world.person_by_account(ctx.app, id);
    person.map_or_else(|| id.to_owned(), |index| ctx.sim.world.person(index).key.clone())
}
