//! Groups: teams as SCIM resources. They are made and deleted elsewhere.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{GROUP, SURFACE};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::scim::write::{body, schemas};
use crate::protocol::scim::{Refusal, list as pages, patch as patching};
use crate::vendors::miro::roster;
use crate::vendors::miro::teams::{self, Team};

/// Most members added at once \[guess\].
const MOST_MEMBERS: usize = 5_000;

fn render(ctx: &Context<'_>, request: &Request, team: &Team) -> Map<String, Value> {
    let members: Vec<Value> = teams::seats(ctx, team)
        .iter()
        .map(|s| json!({ "value": s.member.id, "type": "User", "display": s.member.name }))
        .collect();
    let mut fields = Map::new();
    fields.insert("schemas".to_owned(), json!(schemas(&GROUP, &Map::new())));
    fields.insert("id".to_owned(), json!(team.id));
    fields.insert("meta".to_owned(), pages::meta(&SURFACE, &GROUP, &request.origin, &team.id));
    fields.insert("displayName".to_owned(), json!(team.name));
    fields.insert("members".to_owned(), Value::Array(members));
    fields
}

/// `GET /Groups`.
pub(in crate::vendors::miro) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let groups = teams::all(ctx).iter().map(|t| render(ctx, request, t)).collect();
    let cap = ctx.sim.scenario.apps[ctx.app.0].page_size;
    Ok(pages::page(&SURFACE, &GROUP, request, groups, cap)?)
}

/// `GET /Groups/{id}`.
pub(in crate::vendors::miro) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let team = teams::find(ctx, request.param("id"))?;
    let group = render(ctx, request, &team);
    Ok(pages::one(&SURFACE, &GROUP, request, StatusCode::OK, group))
}

/// `PATCH /Groups/{id}`: members come and go, the name changes. Who is added is active again.
pub(in crate::vendors::miro) fn patch(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let team = teams::find(ctx, request.param("id"))?;
    let old = render(ctx, request, &team);
    let new = patching::patched(&SURFACE, &GROUP, &old, &body(request)?)?;
    let (before, after) = (ids(&old), ids(&new));
    if after.len() > before.len() + MOST_MEMBERS {
        return Err(Refusal::too_large("Too many members in one request.").into());
    }
    let added = after.iter().filter(|id| !before.contains(id));
    let added = added.map(|id| {
        let member = roster::member(ctx, id).ok().filter(|m| !m.guest);
        member.ok_or_else(|| Refusal::value(format!("There is no user {id}.")))
    });
    for member in added.collect::<Result<Vec<_>, _>>()? {
        let role = if member.admin { "admin" } else { "member" };
        teams::seat(ctx, request, &team, &member, role)?;
        teams::reactivate(ctx, request, &member);
    }
    for id in before.iter().filter(|id| !after.contains(id)) {
        let member = roster::member(ctx, id)?;
        teams::unseat(ctx, request, &team, &member)?;
    }
    if let Some(name) = new.get("displayName").and_then(Value::as_str) {
        teams::rename(ctx, request, &team, name)?;
    }
    let group = if ctx.is_real() { render(ctx, request, &teams::find(ctx, &team.id)?) } else { new };
    Ok(pages::one(&SURFACE, &GROUP, request, StatusCode::OK, group))
}

fn ids(group: &Map<String, Value>) -> Vec<String> {
    let members = group.get("members").and_then(Value::as_array).into_iter().flatten();
    members.filter_map(|m| m["value"].as_str().map(str::to_owned)).collect()
}
