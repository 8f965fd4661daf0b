//! Miro: eDiscovery's cases and legal holds.
//!
//! A hold names people; it is PROCESSING for an hour, then ACTIVE. A case with holds can be deleted: its holds go too.
//!
//! # Not imitated
//! That a hold keeps content from being deleted; DELETING, which the vendor shows for up to a day: a hold goes at once.
//! Export jobs of a case: exports belong to no case here, the list is empty.
//!
//! # Sources
//! `spec`: `get-all-cases` and its neighbours. How long a hold is PROCESSING is a guess (the vendor says up to 24 h).

use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::{by_cursor, by_number};
use super::roster::{self, Member, enterprise};
use super::{boards, trace};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Paging;
use crate::time::SimTime;

/// Kind of the shelf's entries for cases, by id.
const CASES: &str = "case";
/// Kind of the shelf's entries for holds, by case and id.
const HOLDS: &str = "legal_hold";
/// How long a hold is PROCESSING.
const PROCESSING: Duration = Duration::from_secs(3_600);
/// Most people of a hold.
const MOST_PEOPLE: usize = 200;
/// Ids begin here.
const FIRST_ID: u64 = 3_074_457_340_000_000_000;

static CASE_PAGES: Paging = by_number("cases");
static HOLD_PAGES: Paging = by_number("legal_holds");
static ITEM_PAGES: Paging = Paging { list: "legal_hold_items", ..by_number("") };

#[derive(Deserialize)]
struct CaseBody {
    name: Option<String>,
    description: Option<String>,
    scope: Option<Scope>,
}

#[derive(Deserialize)]
struct Scope {
    #[serde(default)]
    users: Vec<ScopeUser>,
}

#[derive(Deserialize)]
struct ScopeUser {
    email: String,
}

impl CaseBody {
    fn name(&self) -> Result<&str, Failure> {
        let name = self.name.as_deref().filter(|n| !n.is_empty());
        name.ok_or_else(|| Failure::bad_parameter("name", "is required"))
    }
}

/// `spec` schema `User`.
fn person(member: &Member) -> Value {
    json!({ "id": member.id, "email": member.email, "firstName": member.given_name, "lastName": member.family_name })
}

/// A thing of this room in the making: who makes it when is on it.
fn written(ctx: &Context<'_>, request: &Request, old: Option<&Value>, body: &CaseBody) -> Result<Value, Failure> {
    let (now, by) = (trace::iso(ctx.now), roster::caller(ctx, request).map(|m| person(&m)).unwrap_or_default());
    let kept = |field: &str, new: Value| old.map_or(new, |o| o[field].clone());
    Ok(json!({
        "organizationId": ctx.instance().organisation_id,
        "name": body.name()?,
        "description": body.description.clone().unwrap_or_default(),
        "createdBy": kept("createdBy", by.clone()),
        "lastModifiedBy": by,
        "createdAt": kept("createdAt", json!(now)),
        "lastModifiedAt": now,
    }))
}

fn fresh_id(ctx: &mut Context<'_>) -> String {
    (FIRST_ID + ctx.instance_state().shelf.number()).to_string()
}

fn asked_case(ctx: &Context<'_>, request: &Request) -> Result<(String, Value), Failure> {
    enterprise(ctx, request)?;
    let id = request.param("case_id");
    let case = ctx.state.instances[ctx.app.0].shelf.get(CASES, id).cloned();
    case.map(|case| (id.to_owned(), case)).ok_or_else(|| Failure::not_found("case", id))
}

fn id_of(entry: &Value) -> String {
    entry["id"].as_str().unwrap_or_default().to_owned()
}

/// `GET /v2/orgs/{org_id}/cases`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let cases = ctx.state.instances[ctx.app.0].shelf.all(CASES).map(|(_, case)| case.clone()).collect();
    by_cursor(ctx, request, &CASE_PAGES, cases, id_of)
}

/// `POST /v2/orgs/{org_id}/cases`.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let mut case = written(ctx, request, None, &trace::body(request)?)?;
    let id = fresh_id(ctx);
    case["id"] = json!(id);
    trace::keep(ctx, CASES, &id, case.clone())?;
    Ok(Answer::json(StatusCode::OK, &case))
}

/// `GET /v2/orgs/{org_id}/cases/{case_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    Ok(Answer::json(StatusCode::OK, &asked_case(ctx, request)?.1))
}

/// `PUT /v2/orgs/{org_id}/cases/{case_id}`.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, old) = asked_case(ctx, request)?;
    let mut case = written(ctx, request, Some(&old), &trace::body(request)?)?;
    case["id"] = json!(id);
    trace::keep(ctx, CASES, &id, case.clone())?;
    Ok(Answer::json(StatusCode::OK, &case))
}

/// `DELETE /v2/orgs/{org_id}/cases/{case_id}`.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, _) = asked_case(ctx, request)?;
    if ctx.is_real() {
        let shelf = &mut ctx.instance_state().shelf;
        let holds: Vec<String> =
            shelf.all(HOLDS).filter(|(_, hold)| hold["caseId"] == id.as_str()).map(|(key, _)| key.to_owned()).collect();
        holds.iter().for_each(|hold| drop(shelf.take(HOLDS, hold)));
        shelf.take(CASES, &id);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /v2/orgs/{org_id}/cases/{case_id}/export-jobs`.
pub(super) fn export_jobs(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    asked_case(ctx, request)?;
    by_cursor(ctx, request, &CASE_PAGES, Vec::<Value>::new(), id_of)
}

fn hold(ctx: &Context<'_>, mut hold: Value) -> Value {
    let made = hold["createdAt"].as_str().and_then(SimTime::parse_rfc3339).unwrap_or(ctx.now);
    hold["state"] = json!(if ctx.now.since(made) < PROCESSING { "PROCESSING" } else { "ACTIVE" });
    hold
}

fn written_hold(ctx: &Context<'_>, request: &Request, case: &str, old: Option<&Value>) -> Result<Value, Failure> {
    let body: CaseBody = trace::body(request)?;
    let mut hold = written(ctx, request, old, &body)?;
    let named = body.scope.map(|s| s.users).unwrap_or_default();
    if !(1..=MOST_PEOPLE).contains(&named.len()) {
        return Err(Failure::bad_parameter("scope.users", "must name 1 to 200 people"));
    }
    let users = named.iter().map(|user| {
        let member = roster::by_email(ctx, &user.email);
        member.map(|m| person(&m)).ok_or_else(|| Failure::not_found("organization member", user.email.as_str()))
    });
    hold["caseId"] = json!(case);
    hold["scope"] = json!({ "users": users.collect::<Result<Vec<_>, _>>()? });
    // `spec` requires it and describes it nowhere.
    hold["scopeValue"] = hold["scope"].clone();
    Ok(hold)
}

/// `GET /v2/orgs/{org_id}/cases/{case_id}/legal-holds`.
pub(super) fn holds(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (case, _) = asked_case(ctx, request)?;
    let holds = ctx.state.instances[ctx.app.0].shelf.all(HOLDS).filter(|(_, h)| h["caseId"] == case.as_str());
    let holds = holds.map(|(_, h)| hold(ctx, h.clone())).collect();
    by_cursor(ctx, request, &HOLD_PAGES, holds, id_of)
}

/// `POST /v2/orgs/{org_id}/cases/{case_id}/legal-holds`.
pub(super) fn create_hold(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (case, _) = asked_case(ctx, request)?;
    let mut made = written_hold(ctx, request, &case, None)?;
    let id = fresh_id(ctx);
    made["id"] = json!(id);
    trace::keep(ctx, HOLDS, &id, made.clone())?;
    Ok(Answer::json(StatusCode::OK, &hold(ctx, made)))
}

fn asked_hold(ctx: &Context<'_>, request: &Request) -> Result<(String, Value), Failure> {
    let (case, _) = asked_case(ctx, request)?;
    let id = request.param("legal_hold_id");
    let found = ctx.state.instances[ctx.app.0].shelf.get(HOLDS, id).filter(|h| h["caseId"] == case.as_str()).cloned();
    found.map(|h| (id.to_owned(), h)).ok_or_else(|| Failure::not_found("legal hold", id))
}

/// `GET /v2/orgs/{org_id}/cases/{case_id}/legal-holds/{legal_hold_id}`.
pub(super) fn one_hold(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (_, found) = asked_hold(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &hold(ctx, found)))
}

/// `PUT /v2/orgs/{org_id}/cases/{case_id}/legal-holds/{legal_hold_id}`.
pub(super) fn update_hold(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, old) = asked_hold(ctx, request)?;
    let mut changed = written_hold(ctx, request, request.param("case_id"), Some(&old))?;
    changed["id"] = json!(id);
    trace::keep(ctx, HOLDS, &id, changed.clone())?;
    Ok(Answer::json(StatusCode::OK, &hold(ctx, changed)))
}

/// `DELETE /v2/orgs/{org_id}/cases/{case_id}/legal-holds/{legal_hold_id}`.
pub(super) fn delete_hold(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, _) = asked_hold(ctx, request)?;
    if ctx.is_real() {
        ctx.instance_state().shelf.take(HOLDS, &id);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `GET …/legal-holds/{legal_hold_id}/content-items`: the boards of the people held.
pub(super) fn held_items(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (_, found) = asked_hold(ctx, request)?;
    let held = |id: &str| found["scope"]["users"].as_array().into_iter().flatten().any(|u| u["id"] == id);
    let mut boards = boards::all(ctx);
    boards.retain(|b| held(&b.owner.id));
    // `spec` requires `id` and `name`, which its own schema does not describe; the list pages by number.
    let items: Vec<Value> = boards
        .iter()
        .enumerate()
        .map(|(n, b)| json!({ "id": format!("{:04}", n + 1), "name": b.name, "contentId": b.id, "type": "board" }))
        .collect();
    by_cursor(ctx, request, &ITEM_PAGES, items, id_of)
}
