//! Okta: users and what is done to them.
//!
//! Suspending whoever is not active is refused. Whoever is deactivated is found no more, neither in the list nor by id: Okta
//! leaves them out of the list alone, and shows them by id with the status `DEPROVISIONED`.
//!
//! # Sources
//! `us`, `ul`; 200 users a page, by id, is documented; the order is a guess.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::audit_log::{AFTER, LINKS};
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, CursorForm, PageSize, Paging};
use crate::scenario::Verb;

static PAGING: Paging = Paging {
    list: "users",
    cursor_parameter: AFTER,
    cursor: CursorForm::Sealed,
    size: PageSize { parameter: "limit", default: 200, max: 200, above: AboveMax::Clamp },
};

/// `GET /api/v1/users`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let all = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let all: Vec<Value> = all.iter().map(|user| object(user, request, ctx)).collect();
    let page = pages::of_all(ctx, request, &PAGING, all, |user| user["id"].as_str().unwrap_or_default().to_owned())?;
    Ok(LINKS.add(Answer::json(StatusCode::OK, &page.items), request, &page))
}

/// `GET /api/v1/users/{user}`: by id or by login.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = find(ctx, request.param("user"))?;
    Ok(Answer::json(StatusCode::OK, &object(&user, request, ctx)))
}

/// `DELETE …/sessions`.
pub(super) fn end_sessions(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    act(ctx, request, Verb::RevokeSessions)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `POST …/lifecycle/…`: does it to the user of the path.
pub(super) fn act(ctx: &mut Context<'_>, request: &Request, verb: Verb) -> Result<Answer, Failure> {
    let (id, word) = (request.param("user"), directory::action(verb));
    let (index, enabled) = find(ctx, id)
        .map(|user| (user.index, user.status.enabled))
        .inspect_err(|_| directory::missed(ctx, word, id))?;
    let wrong = match verb {
        Verb::Suspend if !enabled => Some("Cannot suspend a user that is not active"),
        Verb::Restore if enabled => Some("Cannot unsuspend a user that is not suspended"),
        _ => None,
    };
    if let Some(why) = wrong {
        let key = ctx.sim.world.person(index).key.clone();
        directory::missed(ctx, word, &key);
        return Err(Failure::Conflict { why: why.to_owned() });
    }
    directory::act(ctx, request, verb, index);
    Ok(Answer::json(StatusCode::OK, &json!({})))
}

fn find<'a>(ctx: &Context<'a>, id: &str) -> Result<User<'a>, Failure> {
    let all = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let found = all.into_iter().find(|user| user.account.user_id == id || user.login().eq_ignore_ascii_case(id));
    found.ok_or_else(|| Failure::not_found("User", id))
}

fn object(user: &User<'_>, request: &Request, ctx: &Context<'_>) -> Value {
    let id = &user.account.user_id;
    let name = user.name();
    let (given, family) = name.rsplit_once(' ').unwrap_or((&name, ""));
    let created = user.status.created_at.unwrap_or_else(|| ctx.sim.scenario.calendar().day(-365)).rfc3339();
    json!({
        "id": id,
        "status": if user.status.enabled { "ACTIVE" } else { "SUSPENDED" },
        "created": created,
        "activated": created,
        "statusChanged": created,
        "lastUpdated": created,
        "type": { "id": "oty1" },
        "profile": {
            "firstName": given,
            "lastName": family,
            "mobilePhone": null,
            "secondEmail": null,
            "login": user.login(),
            "email": user.login(),
        },
        "credentials": { "provider": { "type": "OKTA", "name": "OKTA" } },
        "_links": { "self": { "href": format!("{}/api/v1/users/{id}", request.origin) } },
    })
}
