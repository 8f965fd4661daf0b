//! Okta: users and what is done to them.
//!
//! Suspending whoever is not active is refused. Whoever is deactivated is found no more, neither in the list nor by id: Okta
//! leaves them out of the list alone, and shows them by id with the status `DEPROVISIONED`.
//!
//! # Sources
//! `us`, `ul`; 200 users a page, by id, is documented; the order is a guess.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::links;
use crate::protocol::dialect::Failure;
use crate::protocol::directory::{self, User};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, Asked, PageSize, Paging, Position};
use crate::scenario::Verb;
use crate::time::SimTime;
use crate::world::PersonIndex;

static PAGING: Paging = Paging {
    list: "users",
    cursor_parameter: links::AFTER,
    cursor: links::CURSOR,
    size: PageSize { parameter: "limit", default: 200, max: 200, above: AboveMax::Clamp },
};

/// `GET /api/v1/users`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let size = PAGING.size.read(request.query("limit"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    let after = PAGING.cursor(ctx, request)?.after;
    let all = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let behind = |user: &User<'_>| after.as_ref().is_none_or(|after| *user.account.user_id > *after.id);
    let wanted: Vec<Value> = all.iter().filter(|u| behind(u)).map(|u| object(u, request, ctx)).collect();
    let position =
        |user: &Value| Position { at: SimTime::from_us(0), id: user["id"].as_str().unwrap_or_default().into() };
    let page = pages::cut(ctx, request, &PAGING, &Asked::default(), wanted, size, position)?;
    Ok(links::with(Answer::json(StatusCode::OK, &page.items), request, page.next.as_deref()))
}

/// `GET /api/v1/users/{user}`: by id or by login.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = find(ctx, request.param("user"))?;
    Ok(Answer::json(StatusCode::OK, &object(&user, request, ctx)))
}

/// `POST …/lifecycle/suspend`.
pub(super) fn suspend(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    act(ctx, request, Verb::Suspend, "suspend")
}

/// `POST …/lifecycle/unsuspend`.
pub(super) fn unsuspend(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    act(ctx, request, Verb::Restore, "unsuspend")
}

/// `POST …/lifecycle/deactivate`.
pub(super) fn deactivate(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    act(ctx, request, Verb::Terminate, "remove_member")
}

/// `DELETE …/sessions`.
pub(super) fn end_sessions(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    act(ctx, request, Verb::RevokeSessions, "require_sign_in")?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Does it to the user of the path; `word` is what the journal calls it if there is nobody.
fn act(ctx: &mut Context<'_>, request: &Request, verb: Verb, word: &str) -> Result<Answer, Failure> {
    let id = request.param("user");
    let (index, enabled) = match find(ctx, id) {
        Ok(user) => (user.index, user.status.enabled),
        Err(nobody) => {
            directory::missed(ctx, word, id);
            return Err(nobody);
        }
    };
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

fn find<'a>(ctx: &'a Context<'_>, id: &str) -> Result<User<'a>, Failure> {
    let (world, timeline) = (&ctx.sim.world, &ctx.state.timeline);
    let by_id = world.person_by_account(ctx.app, id).or_else(|| {
        let logins = (0..world.people.len()).map(PersonIndex);
        logins
            .into_iter()
            .find(|i| directory::user(world, timeline, ctx.app, *i).is_some_and(|u| u.login().eq_ignore_ascii_case(id)))
    });
    by_id.and_then(|index| directory::user(world, timeline, ctx.app, index)).ok_or(Failure::not_found("User", id))
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
