//! Graph: users.
//!
//! The default set of properties unless `$select` names others; pages of 100, at most 999, by skip token; `$filter` on a
//! few indexed properties; `@odata.count` on the first page for who asks for the lagging index.
//!
//! # Not imitated
//! `$search`, `$expand`, `$orderby`, `signInActivity`. Guests have plain user principal names.
//!
//! # Sources
//! `graph-docs:api-reference` user-list, user-get; `aad-advanced-queries.md`. The words for a page size out of bounds:
//! <https://learn.microsoft.com/answers/questions/1129204/>.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::errors::graph_json;
use super::filter::Filter;
use super::query;
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, Asked, CursorForm, PageSize, Paging, Position};
use crate::scenario::PersonKind;
use crate::time::SimTime;

static PAGING: Paging = Paging {
    list: "users",
    cursor_parameter: query::SKIP_TOKEN,
    cursor: CursorForm::Sealed,
    size: PageSize {
        parameter: "$top",
        default: 100,
        max: 999,
        above: AboveMax::Refuse("Invalid page size specified: '{}'. Must be between 1 and 999 inclusive."),
    },
};

/// What is printed unless `$select` says otherwise.
const DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// What `$select` may name beside.
const FURTHER: [&str; 5] =
    ["accountEnabled", "createdDateTime", "signInSessionsValidFromDateTime", "userType", "country"];

const FILTERABLE: &[&str] = &[
    "id",
    "userPrincipalName",
    "mail",
    "displayName",
    "givenName",
    "surname",
    "jobTitle",
    "accountEnabled",
    "userType",
];

/// `GET /v1.0/users`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    for parameter in ["$search", "$expand", "$orderby", "$skip"] {
        if request.query(parameter).is_some() {
            return Err(Failure::Unsupported { what: parameter.to_owned() });
        }
    }
    let size = PAGING.size.read(request.query("$top"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    let selected = selected(request)?;
    let matching = matching(ctx, request)?;
    let count = matching.len();
    let after = PAGING.cursor(ctx, request)?.after;
    let id_of = |user: &Value| user["id"].as_str().unwrap_or_default().to_owned();
    let rest: Vec<Value> = matching.into_iter().filter(|u| after.as_ref().is_none_or(|p| *id_of(u) > *p.id)).collect();
    let position = |u: &Value| Position { at: SimTime::from_us(0), id: id_of(u).into() };
    let page = pages::cut(ctx, request, &PAGING, &Asked::default(), rest, size, position)?;

    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(query::context_url(request, &fragment(selected.as_deref()))));
    let counted = request.query("$count").is_some_and(|c| c.eq_ignore_ascii_case("true")) && query::eventual(request);
    if counted && request.query(query::SKIP_TOKEN).is_none() {
        body.insert("@odata.count".into(), json!(count));
    }
    if let Some(token) = &page.next {
        body.insert("@odata.nextLink".into(), json!(query::next_link(request, token)));
    }
    let users: Vec<Value> = page.items.into_iter().map(|user| project(user, selected.as_deref())).collect();
    body.insert("value".into(), Value::Array(users));
    Ok(graph_json(StatusCode::OK, &Value::Object(body)))
}

/// `GET /v1.0/users/$count`: a number as plain text.
pub(super) fn count(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if !query::eventual(request) {
        return Err(Failure::bad_parameter("$count", "$count is not currently supported."));
    }
    let count = matching(ctx, request)?.len();
    Ok(Answer::bytes(StatusCode::OK, "text/plain", count.to_string()))
}

/// `GET /v1.0/users/{id or user principal name}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    // The segment may come percent-encoded, and then looks like an id to the router.
    if request.param("id") == "$count" {
        return count(ctx, request);
    }
    let selected = selected(request)?;
    let user = find(ctx, request.param("id"))?;
    let whole = whole(ctx, &user);
    let fragment = format!("{}/$entity", fragment(selected.as_deref()));
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(query::context_url(request, &fragment)));
    if let Value::Object(properties) = project(whole, selected.as_deref()) {
        body.extend(properties);
    }
    Ok(graph_json(StatusCode::OK, &Value::Object(body)))
}

/// A user by object id or user principal name.
pub(super) fn find<'a>(ctx: &Context<'a>, id: &str) -> Result<User<'a>, Failure> {
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    users
        .into_iter()
        .find(|u| u.account.user_id.eq_ignore_ascii_case(id) || u.login().eq_ignore_ascii_case(id))
        .ok_or_else(|| Failure::not_found("user", id))
}

/// Everybody that `$filter` lets through, whole, in the order of their ids.
fn matching(ctx: &Context<'_>, request: &Request) -> Result<Vec<Value>, Failure> {
    let filter = match request.query("$filter").filter(|f| !f.trim().is_empty()) {
        None => None,
        Some(text) => Some(Filter::parse(text, FILTERABLE)?),
    };
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let whole = users.iter().map(|user| whole(ctx, user));
    Ok(whole.filter(|user| filter.as_ref().is_none_or(|f| f.matches(user))).collect())
}

/// Every property that is imitated.
fn whole(ctx: &Context<'_>, user: &User<'_>) -> Value {
    let beginning = ctx.sim.scenario.history_start() - Duration::from_secs(365 * 86_400);
    let created = user.status.created_at.unwrap_or(beginning);
    let valid_from = user.status.sessions_valid_from.unwrap_or(created);
    let seconds = |t: SimTime| t.civil().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({
        "businessPhones": [],
        "displayName": user.name(),
        "givenName": user.person.given_name,
        "jobTitle": user.person.job,
        "mail": user.status.email.as_ref().unwrap_or(&user.person.email),
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": user.person.family_name,
        "userPrincipalName": user.login(),
        "id": user.account.user_id,
        "accountEnabled": user.status.enabled,
        "createdDateTime": seconds(created),
        "signInSessionsValidFromDateTime": seconds(valid_from),
        "userType": if user.person.kind == PersonKind::Guest { "Guest" } else { "Member" },
        "country": user.person.home.country_name,
    })
}

/// The properties that `$select` names, in its order; none if it is not there.
fn selected(request: &Request) -> Result<Option<Vec<&'static str>>, Failure> {
    let Some(text) = request.query("$select").filter(|s| !s.trim().is_empty()) else { return Ok(None) };
    let known = |name: &str| DEFAULT.iter().chain(&FURTHER).copied().find(|k| k.eq_ignore_ascii_case(name));
    let names = text.split(',').map(str::trim).map(|name| {
        let why = format!("Could not find a property named '{name}' on type 'microsoft.graph.user'.");
        known(name).ok_or_else(|| Failure::bad_parameter("$select", why))
    });
    names.collect::<Result<Vec<_>, _>>().map(Some)
}

fn fragment(selected: Option<&[&str]>) -> String {
    selected.map_or_else(|| "users".to_owned(), |names| format!("users({})", names.join(",")))
}

fn project(mut user: Value, selected: Option<&[&str]>) -> Value {
    let names = selected.unwrap_or(&DEFAULT);
    names.iter().map(|name| ((*name).to_owned(), user[*name].take())).collect::<Map<_, _>>().into()
}
