//! How directory objects are related: who reports to whom, what belongs to what.

use std::collections::BTreeSet;

use serde_json::Value;

use super::groups::{self, Depth};
use super::{Kind, find_person, id_of, live, roles};
use crate::protocol::directory;
use crate::protocol::exchange::Context;

/// A way from an object to others; its name in paths and in `$expand`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Relation {
    Manager,
    MemberOf,
    TransitiveMemberOf,
    Members,
    TransitiveMembers,
    Owners,
}

impl Relation {
    const ALL: [Self; 6] =
        [Self::Manager, Self::MemberOf, Self::TransitiveMemberOf, Self::Members, Self::TransitiveMembers, Self::Owners];

    /// `memberOf`.
    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::MemberOf => "memberOf",
            Self::TransitiveMemberOf => "transitiveMemberOf",
            Self::Members => "members",
            Self::TransitiveMembers => "transitiveMembers",
            Self::Owners => "owners",
        }
    }

    /// The relation with this name.
    pub(in super::super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.name() == name)
    }

    /// Whether it leads to one object at most.
    pub(in super::super) const fn is_single(self) -> bool {
        matches!(self, Self::Manager)
    }
}

/// Ids of the objects that an object leads to.
pub(in super::super) fn related_ids(ctx: &mut Context<'_>, object: &Value, relation: Relation) -> BTreeSet<String> {
    let id = id_of(object);
    match relation {
        Relation::Manager => manager(ctx, id).into_iter().collect(),
        Relation::MemberOf => belongs(ctx, object, Depth::Direct),
        Relation::TransitiveMemberOf => belongs(ctx, object, Depth::Transitive),
        Relation::Members => groups::members(ctx, id),
        Relation::TransitiveMembers => transitive_members(ctx, id),
        Relation::Owners => groups::owners(ctx, id),
    }
}

/// The objects of these kinds that an object leads to, in the order of their ids.
pub(in super::super) fn related(
    ctx: &mut Context<'_>,
    object: &Value,
    relation: Relation,
    kinds: &[Kind],
) -> Vec<Value> {
    let ids = related_ids(ctx, object, relation);
    with_ids(ctx, &ids, kinds)
}

/// The objects of these kinds with these ids, in the order of the ids.
pub(in super::super) fn with_ids(ctx: &mut Context<'_>, ids: &BTreeSet<String>, kinds: &[Kind]) -> Vec<Value> {
    let mut found = Vec::new();
    for kind in kinds {
        found.extend(live(ctx, *kind).into_iter().filter(|object| ids.contains(id_of(object))));
    }
    found.sort_by(|a, b| id_of(a).cmp(id_of(b)));
    found
}

fn manager(ctx: &Context<'_>, id: &str) -> Option<String> {
    let person = find_person(ctx, id)?.index;
    let manager = ctx.sim.world.manager(person)?;
    let user = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, manager)?;
    Some(user.account.user_id.clone())
}

/// Groups, and for users the directory role that they hold.
fn belongs(ctx: &mut Context<'_>, object: &Value, depth: Depth) -> BTreeSet<String> {
    let mut ids = groups::belongs(ctx, id_of(object), depth);
    if Kind::of(object) == Some(Kind::User) && roles::holders(ctx).contains(id_of(object)) {
        ids.insert(roles::id(ctx));
    }
    ids
}

fn transitive_members(ctx: &mut Context<'_>, group: &str) -> BTreeSet<String> {
    let (mut ids, mut next) = (BTreeSet::new(), vec![group.to_owned()]);
    while let Some(group) = next.pop() {
        for id in groups::members(ctx, &group) {
            if ids.insert(id.clone()) {
                next.push(id);
            }
        }
    }
    ids
}
