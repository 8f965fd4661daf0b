//! Workplace: the Account Management API, SCIM as Meta understands it.
//!
//! Version 2 lies at the root of its host (`/Users`), version 1.1 under `/scim/v1`. Pages of ten unless asked otherwise, of
//! a hundred at most; filters know `eq` alone, on `userName` and `externalId`. PUT merges: attributes that are left out
//! stay as they are. Refusals are Graph's, not SCIM's. A request without `User-Agent` is refused. Who uses single sign-on
//! is told by `authMethod`: all that there is of the organisation's posture.
//!
//! # Not imitated
//! Creating accounts (the people of a scenario are its own), PATCH, the frontline extension, `managers`, photos, dates of a
//! leaver, claim links, and changing anything but `active`, `userName`, and whether an account is claimed: other
//! attributes of a PUT are accepted and left as they are.
//!
//! # Sources
//! <https://developers.facebook.com/docs/workplace/reference/account-management-api/> and Meta's Postman collection. Most
//! of a page, that PATCH is unknown, 409 for an address that somebody has, and 400 without `User-Agent` are guesses.

mod render;
mod schemas;

use axum::http::StatusCode;
use axum::http::header::USER_AGENT;
use serde_json::{Map, Value};

use self::schemas::{ACCOUNT_STATUS, Version};
use super::governance;
use super::{graph, groups, members};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::scim::{self, ResourceType, discovery, list, write};
use crate::scenario::Verb;
use crate::world::{GroupIndex, PersonIndex};

/// Whether a path is SCIM's.
pub(super) fn owns(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "Users" | "Groups" | "Schemas" | "ServiceProviderConfigs" | "scim")
}

fn version(request: &Request) -> &'static Version {
    if request.path.starts_with(schemas::V1.surface.base) { &schemas::V1 } else { &schemas::V2 }
}

/// What SCIM wants of every request.
pub(super) fn gate(request: &Request) -> Result<(), Failure> {
    let named = request.headers.get(USER_AGENT).is_some_and(|agent| !agent.is_empty());
    if named { Ok(()) } else { Err(Failure::bad_parameter("User-Agent", "header is required")) }
}

/// `GET /Users`.
pub(super) fn users(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let version = version(request);
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let users: Vec<PersonIndex> = users.into_iter().map(|u| u.index).collect();
    let resources = users.into_iter().filter_map(|index| render::user(ctx, version, request, index)).collect();
    page(ctx, version, version.user, request, resources)
}

/// `GET /Groups`: people sets.
pub(super) fn sets(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let version = version(request);
    let sets = (0..ctx.sim.world.groups.len()).map(GroupIndex);
    let resources = sets.map(|group| render::group(ctx, version, request, group)).collect();
    page(ctx, version, version.group, request, resources)
}

fn page(
    ctx: &Context<'_>,
    version: &Version,
    kind: &ResourceType,
    request: &Request,
    resources: Vec<Map<String, Value>>,
) -> Result<Answer, Failure> {
    let cap = ctx.sim.scenario.apps[ctx.app.0].page_size;
    let page = list::page(version.surface, kind, request, resources, cap)?;
    let mut body: Value = serde_json::from_slice(&page.body).expect("the page was written as JSON");
    body["schemas"] = version.list_schemas();
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /Users/{id}`.
pub(super) fn user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let index = found(ctx, request)?;
    shown(ctx, request, index)
}

/// `GET /Groups/{id}`.
pub(super) fn set(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let group = groups::find(ctx, id).ok_or_else(|| Failure::not_found("group", id))?;
    let resource = render::group(ctx, version(request), request, group);
    Ok(answer(StatusCode::OK, &Value::Object(resource)))
}

/// `PUT /Users/{id}`: what the body names is changed, the rest stays.
pub(super) fn replace(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let index = found(ctx, request)?;
    let body = write::body(request)?;
    if let Some(claimed) = status(&body).and_then(|s| s["claimed"].as_bool()) {
        members::set_claimed(ctx, index, claimed)?;
    }
    match body.get("active") {
        None => {}
        Some(active) => match graph::flag(&active.to_string().replace('"', "")) {
            Some(true) => governance::act(ctx, request, Verb::Restore, index, None),
            Some(false) => governance::act(ctx, request, Verb::Suspend, index, None),
            None => return Err(scim::Refusal::value("active must be a boolean").into()),
        },
    }
    if let Some(address) = body.get("userName").and_then(Value::as_str) {
        let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
        let holder = users.iter().find(|u| u.login().eq_ignore_ascii_case(address)).map(|u| u.index);
        match holder {
            Some(holder) if holder == index => {}
            Some(_) => return Err(Failure::Conflict { why: format!("{address} is somebody else's userName") }),
            None => governance::act(ctx, request, Verb::ChangeEmail, index, Some(address.to_owned())),
        }
    }
    shown(ctx, request, index)
}

/// The extension that says whether an account is claimed, in either version's name.
fn status(body: &Map<String, Value>) -> Option<&Value> {
    body.iter().find(|(urn, _)| urn.to_ascii_lowercase().contains(ACCOUNT_STATUS)).map(|(_, value)| value)
}

/// `POST /Users`: nobody can be added to a scenario's people; an address that is taken is told so.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let body = write::body(request)?;
    let name = body.get("userName").and_then(Value::as_str);
    let name = name.ok_or_else(|| scim::Refusal::value("userName is required"))?;
    match members::find(ctx, name) {
        Some(_) => Err(Failure::Conflict { why: format!("{name} is somebody's userName already") }),
        None => Err(Failure::Unsupported { what: "creating accounts".to_owned() }),
    }
}

/// `DELETE /Users/{id}`.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let index = found(ctx, request)?;
    governance::delete_member(ctx, request, index)?;
    Ok(Answer::empty(StatusCode::OK))
}

/// `GET /Schemas`, `GET /Schemas/{name}`.
pub(super) fn schemas(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    // The documentation has `Schemas/Users` where the standard has a URN.
    let urn = match request.param("id") {
        "" => None,
        "Users" => Some(version(request).user.schema.id),
        "Groups" => Some(version(request).group.schema.id),
        urn => Some(urn),
    };
    discovery::schemas(version(request).surface, request, urn)
}

/// `GET /ServiceProviderConfigs`.
pub(super) fn provider(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    discovery::service_provider_config(version(request).surface, request)
}

fn shown(ctx: &mut Context<'_>, request: &Request, index: PersonIndex) -> Result<Answer, Failure> {
    let resource = render::user(ctx, version(request), request, index);
    let resource = resource.ok_or_else(|| Failure::not_found("user", request.param("id")))?;
    Ok(answer(StatusCode::OK, &Value::Object(resource)))
}

fn found(ctx: &mut Context<'_>, request: &Request) -> Result<PersonIndex, Failure> {
    let id = request.param("id");
    let user = directory::user_by(&ctx.sim.world, &ctx.state.timeline, ctx.app, |_, account| account.user_id == id);
    user.map(|u| u.index).ok_or_else(|| {
        if request.method != axum::http::Method::GET {
            directory::missed(ctx, "suspend", id);
        }
        Failure::not_found("user", id)
    })
}

fn answer(status: StatusCode, body: &Value) -> Answer {
    Answer::bytes(status, "application/json", body.to_string())
}
