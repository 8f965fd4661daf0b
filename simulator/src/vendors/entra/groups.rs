//! Graph: groups, who belongs to them, and what a user or group belongs to.
//!
//! Members are objects of several types, each with its `@odata.type`: users, groups, service principals. A segment with a
//! type's name leaves only those (`/members/microsoft.graph.user`). `$ref` adds and removes.
//!
//! # Not imitated
//! Dynamic membership; hidden memberships (empty without the right); that `DELETE …/members/{id}` without `/$ref` deletes
//! the object itself (recalled, and too dangerous to be right by guess: it is a 404 here).
//!
//! # Sources
//! `graph-docs:api-reference` group-list, group-get, group-list-members, group-post-members, group-delete-members,
//! user-list-memberof, directoryobject-getmembergroups. The words for a member added twice are recalled.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::changes::{self, Change};
use super::errors::graph_json;
use super::objects::{self, Depth, Kind, Relation, find_of, id_of, instant, related_ids, roles, with_ids};
use super::odata::list::EntitySet;
use super::odata::{self, list};
use super::sets::{self, DIRECTORY_OBJECTS, GROUPS};
use super::state::{Link, Linked, Tenant};
use super::users;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};

const CATEGORY: &str = "GroupManagement";
const ADDED: Change = Change { name: "Add group", category: CATEGORY, operation: "Add" };
const UPDATED: Change = Change { name: "Update group", category: CATEGORY, operation: "Update" };
const DELETED: Change = Change { name: "Delete group", category: CATEGORY, operation: "Delete" };

/// What a caller may set.
const WRITABLE: [&str; 8] = [
    "description",
    "displayName",
    "groupTypes",
    "mailEnabled",
    "mailNickname",
    "securityEnabled",
    "visibility",
    "classification",
];

/// `GET /v1.0/groups`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let groups = objects::live(ctx, Kind::Group);
    list::serve(ctx, request, &GROUPS, GROUPS.name, groups)
}

/// `GET /v1.0/groups/$count`.
pub(super) fn count(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let groups = objects::live(ctx, Kind::Group);
    list::serve_count(request, &GROUPS, groups)
}

/// `GET /v1.0/groups/{id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if request.param("id") == "$count" {
        return count(ctx, request);
    }
    let group = find(ctx, request.param("id"))?;
    list::serve_one(ctx, request, &GROUPS, GROUPS.name, group)
}

fn find(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    find_of(ctx, Kind::Group, id).ok_or_else(|| Failure::not_found("group", id))
}

/// `POST /v1.0/groups`.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    for wanted in ["displayName", "mailEnabled", "mailNickname", "securityEnabled"] {
        if sent.get(wanted).is_none_or(Value::is_null) {
            let why = format!("A value is required for property '{wanted}' of resource 'Group'.");
            return Err(Failure::bad_parameter(wanted, why));
        }
    }
    let number = Tenant::of(ctx).draw();
    let id = ctx.sim.scenario.seed.uuid(&["group made", &ctx.instance().name, &number.to_string()]);
    let now = instant(ctx.now);
    let mut group = Map::new();
    for name in GROUPS.default {
        let empty = if ["groupTypes", "proxyAddresses"].contains(name) { json!([]) } else { Value::Null };
        let value = sent.get(*name).filter(|_| WRITABLE.contains(name)).cloned();
        group.insert((*name).to_owned(), value.unwrap_or(empty));
    }
    group.insert("id".into(), json!(id));
    group.insert("createdDateTime".into(), json!(now));
    group.insert("renewedDateTime".into(), json!(now));
    if ctx.is_real() {
        Tenant::of(ctx).made.insert(id, (Kind::Group, group.clone()));
        changes::written(ctx, request, ADDED, (Kind::Group, &Value::Object(group.clone())), None);
    }
    Ok(odata::entity(request, StatusCode::CREATED, "groups/$entity", group.into()))
}

/// `PATCH /v1.0/groups/{id}`.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    let group = find(ctx, request.param("id"))?;
    if let Some(other) = sent.keys().find(|name| !WRITABLE.contains(&name.as_str())) {
        return Err(Failure::bad_parameter(other, format!("Property '{other}' is read-only and cannot be set.")));
    }
    if ctx.is_real() {
        Tenant::of(ctx).patches.entry(id_of(&group).to_owned()).or_default().extend(sent);
        changes::written(ctx, request, UPDATED, (Kind::Group, &group), None);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /v1.0/groups/{id}`: can be restored for thirty days.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let group = find(ctx, request.param("id"))?;
    if ctx.is_real() {
        let now = ctx.now;
        Tenant::of(ctx).deleted.insert(id_of(&group).to_owned(), now);
        changes::written(ctx, request, DELETED, (Kind::Group, &group), None);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /v1.0/groups/{id}/members`, also of one type.
pub(super) fn members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    of_group(ctx, request, Relation::Members)
}

/// `GET /v1.0/groups/{id}/owners`, also of one type.
pub(super) fn owners(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    of_group(ctx, request, Relation::Owners)
}

/// `GET /v1.0/groups/{id}/transitiveMembers`, also of one type.
pub(super) fn transitive_members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    of_group(ctx, request, Relation::TransitiveMembers)
}

/// `GET /v1.0/groups/{id}/memberOf`, also of one type.
pub(super) fn group_member_of(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    of_group(ctx, request, Relation::MemberOf)
}

fn of_group(ctx: &mut Context<'_>, request: &Request, relation: Relation) -> Result<Answer, Failure> {
    let group = find(ctx, request.param("id"))?;
    let ids = related_ids(ctx, &group, relation);
    serve(ctx, request, &ids)
}

/// `GET /v1.0/users/{id}/memberOf`, also of one type: groups and directory roles.
pub(super) fn user_member_of(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    of_user(ctx, request, Relation::MemberOf)
}

/// `GET /v1.0/users/{id}/transitiveMemberOf`, also of one type.
pub(super) fn user_transitive_member_of(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    of_user(ctx, request, Relation::TransitiveMemberOf)
}

fn of_user(ctx: &mut Context<'_>, request: &Request, relation: Relation) -> Result<Answer, Failure> {
    let user = users::find(ctx, request.param("id"))?;
    let ids = related_ids(ctx, &user, relation);
    serve(ctx, request, &ids)
}

/// `POST /v1.0/users/{id}/getMemberGroups`: ids of all groups, through groups in groups too.
pub(super) fn get_member_groups(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    let Some(only_security) = sent.get("securityEnabledOnly").and_then(Value::as_bool) else {
        let why = "The parameter 'securityEnabledOnly' is missing or has another type than 'Edm.Boolean'.";
        return Err(Failure::bad_parameter("securityEnabledOnly", why));
    };
    let user = users::find(ctx, request.param("id"))?;
    let ids = objects::belongs(ctx, id_of(&user), Depth::Transitive);
    let groups = objects::live(ctx, Kind::Group);
    let wanted = |group: &&Value| ids.contains(id_of(group)) && (!only_security || group["securityEnabled"] == true);
    let value: Vec<&str> = groups.iter().filter(wanted).map(id_of).collect();
    let context = odata::context_url(request, "Collection(Edm.String)");
    Ok(graph_json(StatusCode::OK, &json!({ "@odata.context": context, "value": value })))
}

/// `GET /v1.0/directoryRoles`.
pub(super) fn directory_roles(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let roles = objects::live(ctx, Kind::Role);
    list::serve(ctx, request, &sets::ROLES, sets::ROLES.name, roles)
}

/// `GET /v1.0/directoryRoles/{id}`.
pub(super) fn directory_role(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let role = find_role(ctx, request.param("id"))?;
    list::serve_one(ctx, request, &sets::ROLES, sets::ROLES.name, role)
}

/// `GET /v1.0/directoryRoles/{id}/members`.
pub(super) fn role_members(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    find_role(ctx, request.param("id"))?;
    let ids = roles::holders(ctx);
    serve(ctx, request, &ids)
}

fn find_role(ctx: &mut Context<'_>, id: &str) -> Result<Value, Failure> {
    find_of(ctx, Kind::Role, id).ok_or_else(|| Failure::not_found("directory role", id))
}

/// A page of the objects with these ids; of one type, if the path names it.
fn serve(ctx: &mut Context<'_>, request: &Request, ids: &BTreeSet<String>) -> Result<Answer, Failure> {
    let cast = request.param("type");
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|k| cast.is_empty() || k.type_name() == cast).collect();
    let set: &'static EntitySet = match kinds.as_slice() {
        [] => return Err(Failure::not_found("type", cast)),
        [one] => sets::of(*one),
        _ => &DIRECTORY_OBJECTS,
    };
    let found = with_ids(ctx, ids, &kinds);
    list::serve(ctx, request, set, set.name, found)
}

/// `POST /v1.0/groups/{id}/members/$ref`.
pub(super) fn add_member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    add(ctx, request, Link::Members)
}

/// `POST /v1.0/groups/{id}/owners/$ref`.
pub(super) fn add_owner(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    add(ctx, request, Link::Owners)
}

/// `DELETE /v1.0/groups/{id}/members/{member}/$ref`.
pub(super) fn remove_member(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    remove(ctx, request, Link::Members)
}

/// `DELETE /v1.0/groups/{id}/owners/{member}/$ref`.
pub(super) fn remove_owner(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    remove(ctx, request, Link::Owners)
}

fn add(ctx: &mut Context<'_>, request: &Request, link: Link) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    let group = find(ctx, request.param("id"))?;
    let reference = sent.get("@odata.id").and_then(Value::as_str).unwrap_or_default();
    let id = reference.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if id.is_empty() {
        let why = "The property '@odata.id' must name the address of a directory object.";
        return Err(Failure::bad_parameter("@odata.id", why));
    }
    let object = objects::find(ctx, id)?;
    if linked(ctx, link, &group).contains(id_of(&object)) {
        let why = "One or more added object references already exist for the following modified properties: 'members'.";
        return Err(Failure::bad_parameter("members", why));
    }
    set(ctx, request, link, (&group, &object), Linked::Yes);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn remove(ctx: &mut Context<'_>, request: &Request, link: Link) -> Result<Answer, Failure> {
    let group = find(ctx, request.param("id"))?;
    let id = request.param("type").to_owned();
    if !linked(ctx, link, &group).contains(&id) {
        return Err(Failure::not_found("member", id));
    }
    let object = objects::find(ctx, &id)?;
    set(ctx, request, link, (&group, &object), Linked::No);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn linked(ctx: &mut Context<'_>, link: Link, group: &Value) -> BTreeSet<String> {
    match link {
        Link::Members => objects::members(ctx, id_of(group)),
        Link::Owners => objects::owners(ctx, id_of(group)),
    }
}

fn set(ctx: &mut Context<'_>, request: &Request, link: Link, (group, object): (&Value, &Value), linked: Linked) {
    if !ctx.is_real() {
        return;
    }
    let (name, operation) = match (link, linked) {
        (Link::Members, Linked::Yes) => ("Add member to group", "Assign"),
        (Link::Members, Linked::No) => ("Remove member from group", "Unassign"),
        (Link::Owners, Linked::Yes) => ("Add owner to group", "Assign"),
        (Link::Owners, Linked::No) => ("Remove owner from group", "Unassign"),
    };
    let key = (link, id_of(group).to_owned(), id_of(object).to_owned());
    Tenant::of(ctx).links.insert(key, linked);
    let person = ctx.sim.world.person_by_account(ctx.app, id_of(object));
    let change = Change { name, category: CATEGORY, operation };
    changes::written(ctx, request, change, (Kind::Group, group), person);
}
