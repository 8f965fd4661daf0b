//! Graph: deleted items. Users, groups and service principals can be restored for thirty days.
//!
//! The list wants a type in its path. `DELETE` is for good.
//!
//! # Sources
//! `graph-docs:api-reference` directory-deleteditems-list, -get, -restore, -delete.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::changes::{self, Change};
use super::objects::{self, Kind, id_of};
use super::odata::{self, list};
use super::sets;
use super::state::Tenant;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;

const KINDS: [Kind; 4] = [Kind::User, Kind::Group, Kind::ServicePrincipal, Kind::Application];

/// `GET /v1.0/directory/deletedItems/{id}`, and the list of a type: `…/microsoft.graph.user`.
pub(super) fn one_or_list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("id");
    if let Some(kind) = KINDS.into_iter().find(|kind| kind.type_name().eq_ignore_ascii_case(asked)) {
        let items = objects::deleted(ctx, kind);
        let set = sets::of(kind);
        return list::serve(ctx, request, set, set.name, items);
    }
    let (kind, object) = find(ctx, asked)?;
    let mut body = printed(kind, &object);
    body["deletedDateTime"] = object["deletedDateTime"].clone();
    Ok(odata::entity(request, StatusCode::OK, "directoryObjects/$entity", body))
}

/// `POST /v1.0/directory/deletedItems/{id}/restore`.
pub(super) fn restore(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (kind, object) = find(ctx, request.param("id"))?;
    let id = id_of(&object).to_owned();
    if ctx.is_real() {
        match person(ctx, kind, &id) {
            Some(person) => {
                let name = ("name".to_owned(), "Restore user".to_owned());
                changes::life(ctx, request, Verb::Restore, person, [name].into());
            }
            None => {
                Tenant::of(ctx).deleted.remove(&id);
                let change = match kind {
                    Kind::User => Change { name: "Restore user", category: "UserManagement", operation: "Update" },
                    Kind::Group => Change { name: "Restore group", category: "GroupManagement", operation: "Update" },
                    _ => Change { name: "Restore application", category: "ApplicationManagement", operation: "Update" },
                };
                changes::written(ctx, request, change, (kind, &object), None);
            }
        }
    }
    if kind == Kind::User {
        let key = changes::key_of(ctx, &id);
        directory::note(ctx, "restore_user", &key);
    }
    let restored = objects::find_of(ctx, kind, &id).unwrap_or(object);
    Ok(odata::entity(request, StatusCode::OK, "directoryObjects/$entity", printed(kind, &restored)))
}

/// An object among others of any type: with its type's name, and its usual properties.
fn printed(kind: Kind, object: &Value) -> Value {
    let mut body = json!({ "@odata.type": kind.odata_type() });
    for name in sets::of(kind).default {
        body[*name] = object[*name].clone();
    }
    body
}

/// `DELETE /v1.0/directory/deletedItems/{id}`.
pub(super) fn purge(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (kind, object) = find(ctx, request.param("id"))?;
    if ctx.is_real() {
        Tenant::of(ctx).purged.insert(id_of(&object).to_owned());
        let (name, category) = match kind {
            Kind::User => ("Hard Delete user", "UserManagement"),
            Kind::Group => ("Hard Delete group", "GroupManagement"),
            _ => ("Hard Delete application", "ApplicationManagement"),
        };
        changes::written(ctx, request, Change { name, category, operation: "Delete" }, (kind, &object), None);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn find(ctx: &mut Context<'_>, id: &str) -> Result<(Kind, Value), Failure> {
    for kind in KINDS {
        let found = objects::deleted(ctx, kind).into_iter().find(|object| id_of(object).eq_ignore_ascii_case(id));
        if let Some(object) = found {
            return Ok((kind, object));
        }
    }
    Err(Failure::not_found("deleted item", id))
}

/// The person who was deleted, if it was one: the timeline brings them back.
fn person(ctx: &Context<'_>, kind: Kind, id: &str) -> Option<crate::world::PersonIndex> {
    ctx.sim.world.person_by_account(ctx.app, id).filter(|_| kind == Kind::User)
}
