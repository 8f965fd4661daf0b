//! Groups, and who belongs to them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::state::{Link, Linked, Tenant};
use super::{apps, instant};
use crate::protocol::directory;
use crate::protocol::exchange::Context;
use crate::world::{Group, GroupKind, PersonIndex};

/// The world's groups.
pub(super) fn of_world(ctx: &Context<'_>) -> Vec<Value> {
    ctx.sim.world.groups.iter().map(|group| object(ctx, group)).collect()
}

fn object(ctx: &Context<'_>, group: &Group) -> Value {
    let created = ctx.sim.scenario.history_start() - Duration::from_secs(300 * 86_400);
    // Departments have a mailbox, the others only open doors.
    let unified = group.kind == GroupKind::Department;
    json!({
        "id": group.id,
        "deletedDateTime": null,
        "classification": null,
        "createdDateTime": instant(created),
        "description": group.description,
        "displayName": group.name,
        "expirationDateTime": null,
        "groupTypes": if unified { json!(["Unified"]) } else { json!([]) },
        "isAssignableToRole": null,
        "mail": unified.then(|| format!("{}@{}", group.key, ctx.sim.world.domain)),
        "mailEnabled": unified,
        "mailNickname": group.key,
        "membershipRule": null,
        "onPremisesSyncEnabled": null,
        "proxyAddresses": [],
        "renewedDateTime": instant(created),
        "securityEnabled": true,
        "visibility": unified.then_some("Private"),
    })
}

/// Ids of a group's direct members, in order.
pub(in super::super) fn members(ctx: &mut Context<'_>, group: &str) -> BTreeSet<String> {
    let world = &ctx.sim.world;
    let mut ids = BTreeSet::new();
    if let Some(known) = world.groups.iter().find(|g| g.id == group) {
        ids.extend(known.members.iter().filter_map(|person| user_id(ctx, *person)));
        ids.extend(known.groups.iter().map(|inner| world.groups[inner.0].id.clone()));
        // Whoever reads members must expect more than people in them: the stack's own application is in IT.
        if known.key == "it" {
            ids.insert(apps::stack_principal_id(ctx));
        }
    }
    changed(ctx, Link::Members, group, ids)
}

/// Ids of a group's owners, in order.
pub(in super::super) fn owners(ctx: &mut Context<'_>, group: &str) -> BTreeSet<String> {
    let known = ctx.sim.world.groups.iter().find(|g| g.id == group);
    let ids = known.and_then(|g| user_id(ctx, g.owner)).into_iter().collect();
    changed(ctx, Link::Owners, group, ids)
}

/// Ids of the groups that an object belongs to: directly, or through other groups too.
pub(in super::super) fn belongs(ctx: &mut Context<'_>, id: &str, depth: Depth) -> BTreeSet<String> {
    let groups: Vec<String> =
        super::live(ctx, super::Kind::Group).iter().map(|group| super::id_of(group).to_owned()).collect();
    let memberships: Vec<(String, BTreeSet<String>)> =
        groups.into_iter().map(|group| (group.clone(), members(ctx, &group))).collect();
    let (mut found, mut next) = (BTreeSet::new(), vec![id.to_owned()]);
    while let Some(object) = next.pop() {
        for (group, _) in memberships.iter().filter(|(_, members)| members.contains(&object)) {
            if found.insert(group.clone()) && depth == Depth::Transitive {
                next.push(group.clone());
            }
        }
    }
    found
}

/// How far memberships are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Depth {
    /// One step.
    Direct,
    /// Through groups in groups.
    Transitive,
}

fn user_id(ctx: &Context<'_>, person: PersonIndex) -> Option<String> {
    let user = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, person)?;
    Some(user.account.user_id.clone())
}

fn changed(ctx: &mut Context<'_>, link: Link, group: &str, mut ids: BTreeSet<String>) -> BTreeSet<String> {
    for ((of, in_group, object), linked) in &Tenant::of(ctx).links {
        if (*of, in_group.as_str()) == (link, group) {
            match linked {
                Linked::Yes => ids.insert(object.clone()),
                Linked::No => ids.remove(object),
            };
        }
    }
    ids
}
