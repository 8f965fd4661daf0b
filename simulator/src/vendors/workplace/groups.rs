//! Workplace: groups and who is in them.
//!
//! The organisation's departments and the groups that cut across them; a division has the members of its departments. An
//! integration that was given one group sees that one.
//!
//! # Not imitated
//! Creating and changing groups, moderators, member requests, `docs`, `albums`, `videos`, `events`, `photos`, covers.
//!
//! # Sources
//! Meta's Postman collection for edges and fields. Numbers of groups, their times and privacy are guesses.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::graph::{self, Item, Node};
use super::{members, oauth};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{Order, Paging};
use crate::time::SimTime;
use crate::world::{Group, GroupIndex, GroupKind, PersonIndex};

static GROUPS: Paging = graph::paging("groups", 100);
static GROUP_MEMBERS: Paging = graph::paging("group_members", 1_000);

/// Served without `fields`.
pub(super) const DEFAULT_FIELDS: &str = "id,name,privacy";

const KNOWN: [&str; 6] = ["cover", "icon", "join_setting", "cover_url", "post_permissions", "member_count"];

/// The number of a group.
pub(super) fn id(ctx: &Context<'_>, group: &Group) -> String {
    let number = ctx.sim.scenario.seed.number(&["workplace group", &ctx.instance().name, &group.key]);
    (300_000_000_000_000 + number % 100_000_000_000_000).to_string()
}

/// The group with this number.
pub(super) fn find(ctx: &Context<'_>, asked: &str) -> Option<GroupIndex> {
    ctx.sim.world.groups.iter().position(|group| id(ctx, group) == asked).map(GroupIndex)
}

/// Number and name of each group, for the page on which one can be chosen.
pub(super) fn names(ctx: &Context<'_>) -> Vec<(String, String)> {
    ctx.sim.world.groups.iter().map(|group| (id(ctx, group), group.name.clone())).collect()
}

/// Everybody in a group who has an active account here, inner groups included.
pub(super) fn members_of(ctx: &Context<'_>, group: GroupIndex) -> BTreeSet<PersonIndex> {
    let group = &ctx.sim.world.groups[group.0];
    let own = group.members.iter().copied().filter(|index| {
        directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, *index).is_some_and(|u| u.status.enabled)
    });
    own.chain(group.groups.iter().flat_map(|inner| members_of(ctx, *inner))).collect()
}

/// A group that the caller may see.
pub(super) fn visible(ctx: &Context<'_>, request: &Request, group: GroupIndex) -> bool {
    oauth::only_group(request).is_none_or(|only| id(ctx, &ctx.sim.world.groups[group.0]) == only)
}

/// `GET /community/groups`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    members::own_community(ctx, request)?;
    let groups = (0..ctx.sim.world.groups.len()).map(GroupIndex).filter(|g| visible(ctx, request, *g));
    let groups: Vec<GroupIndex> = groups.collect();
    let mut items: Vec<Item> = Vec::new();
    for group in groups {
        let node = node(ctx, request, group);
        let id = node.fields["id"].as_str().unwrap_or_default().to_owned();
        items.push(Item { at: SimTime::from_us(0), id, node });
    }
    graph::edge(ctx, request, &GROUPS, items, Order::Ascending, DEFAULT_FIELDS)
}

/// `GET /{group}/members`, or the community's.
pub(super) fn members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if request.param("node") == ctx.instance().organisation_id {
        request.caller().require(&[oauth::MANAGE_WORK_PROFILES])?;
        return members::all(ctx, request);
    }
    let group = own(ctx, request)?;
    let mut items: Vec<Item> = Vec::new();
    for member in members_of(ctx, group) {
        items.extend(member_item(ctx, request, member));
    }
    graph::edge(ctx, request, &GROUP_MEMBERS, items, Order::Ascending, members::DEFAULT_FIELDS)
}

/// `GET /{group}/admins`.
pub(super) fn admins(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let group = own(ctx, request)?;
    let owner = ctx.sim.world.groups[group.0].owner;
    let items = member_item(ctx, request, owner).into_iter().collect();
    graph::edge(ctx, request, &GROUP_MEMBERS, items, Order::Ascending, members::DEFAULT_FIELDS)
}

/// A member with what the group adds.
fn member_item(ctx: &mut Context<'_>, request: &Request, member: PersonIndex) -> Option<Item> {
    let mut item = members::item(ctx, request, member)?;
    let joined = ctx.sim.scenario.history_start();
    item.node.fields.insert("joined".to_owned(), json!(joined.s()));
    Some(item)
}

/// The group of the path.
pub(super) fn own(ctx: &Context<'_>, request: &Request) -> Result<GroupIndex, Failure> {
    let asked = request.param("node");
    let group = find(ctx, asked).filter(|group| visible(ctx, request, *group));
    group.ok_or_else(|| Failure::not_found("group", asked))
}

/// A group as a node.
pub(super) fn node(ctx: &mut Context<'_>, request: &Request, index: GroupIndex) -> Node {
    let group = &ctx.sim.world.groups[index.0];
    let owner = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, group.owner);
    let owner = owner.map(|u| json!({ "name": u.name(), "id": u.account.user_id }));
    let everybody = group.kind == GroupKind::Everybody;
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    put("id", json!(id(ctx, group)));
    put("name", json!(group.name));
    put("description", json!(group.description));
    put("privacy", json!(if group.kind == GroupKind::CrossCutting { "CLOSED" } else { "OPEN" }));
    put("purpose", json!(if everybody { "WORK_ANNOUNCEMENT" } else { "WORK_TEAM" }));
    put("archived", json!(false));
    put("is_workplace_default", json!(everybody));
    put("is_official_group", json!(everybody));
    put("updated_time", json!(graph::time(ctx.sim.scenario.history_start())));
    if let Some(owner) = owner {
        put("owner", owner);
    }
    let people = members_of(ctx, index).into_iter();
    let people: Vec<Value> = people.filter_map(|m| members::item(ctx, request, m)).map(|m| named(&m.node)).collect();
    Node { kind: "Group", fields, known: &KNOWN, edges: vec![("members", people)] }
}

/// What a nested person shows.
pub(super) fn named(node: &Node) -> Value {
    json!({ "name": node.fields.get("name"), "id": node.fields.get("id") })
}
