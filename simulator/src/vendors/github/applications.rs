//! GitHub: an application looks after the tokens it was given, with its client id and secret as HTTP Basic.
//!
//! # Sources
//! Operations `apps/check-token`, `apps/reset-token`, `apps/delete-token`, `apps/delete-authorization`,
//! `credentials/revoke`. That a wrong pair is a 401 and that 422 lacks a field are guesses.
//!
//! # Not imitated
//! Tokens scoped down to a target. Owners are not mailed about what was revoked.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::names;
use super::{body, events};
use crate::protocol::credentials::Token;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters};

/// Most credentials of one call.
const MOST: usize = 1_000;

#[derive(Deserialize)]
struct Presented {
    access_token: String,
}

/// Who calls must be the application itself.
fn own(ctx: &mut Context<'_>, request: &Request) -> Result<String, Failure> {
    let basic = Parameters::read(request, &[Carrier::Basic]);
    let (id, secret) = (basic.get("client_id").unwrap_or_default(), basic.get("client_secret").unwrap_or_default());
    let good = ctx.instance_state().tokens.check_secret(id, secret).is_ok();
    if !good || id != request.param("client_id") {
        return Err(if basic.get("client_id").is_none() { Failure::Unauthenticated } else { Failure::TokenUnknown });
    }
    Ok(body::<Presented>(request)?.access_token)
}

fn known(ctx: &mut Context<'_>, token: &str) -> Result<Token, Failure> {
    let now = ctx.now;
    ctx.instance_state().tokens.token(token, now).map_err(|_| Failure::not_found("token", "…"))
}

/// `POST /applications/{client_id}/token`: is it good?
pub(super) fn check(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let token = own(ctx, request)?;
    let known = known(ctx, &token)?;
    Ok(authorization(ctx, request, &token, &known))
}

/// `PATCH /applications/{client_id}/token`: another one in its place.
pub(super) fn reset(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let token = own(ctx, request)?;
    known(ctx, &token)?;
    let now = ctx.now;
    let issued = ctx.instance_state().tokens.replace(&token, now)?;
    ctx.notes.issued = Some(issued.name.clone());
    let fresh = ctx.instance_state().tokens.token(&issued.access_token, now)?;
    Ok(authorization(ctx, request, &issued.access_token, &fresh))
}

/// `DELETE /applications/{client_id}/token`.
pub(super) fn delete_token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let token = own(ctx, request)?;
    known(ctx, &token)?;
    if ctx.is_real() {
        ctx.instance_state().tokens.end(&token);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /applications/{client_id}/grant`: the consent and all tokens that came of it.
pub(super) fn delete_grant(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let token = own(ctx, request)?;
    known(ctx, &token)?;
    if ctx.is_real() {
        ctx.instance_state().tokens.revoke(&token)?;
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

#[derive(Deserialize)]
struct Leaked {
    credentials: Vec<String>,
}

/// `POST /credentials/revoke`: whoever finds a token may end it.
pub(super) fn revoke_leaked(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let Leaked { credentials } = body(request)?;
    if credentials.is_empty() || credentials.len() > MOST {
        return Err(Failure::bad_parameter("credentials", "must be 1 to 1000 credentials"));
    }
    for credential in credentials.iter().filter(|_| ctx.is_real()).collect::<Vec<_>>() {
        ctx.instance_state().tokens.end(credential);
    }
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}

/// A token with everything about it.
fn authorization(ctx: &Context<'_>, request: &Request, value: &str, token: &Token) -> Answer {
    let api = names::api(request);
    let person = token.principal.user.and_then(|u| ctx.sim.world.people.get(u.0));
    let account = person.and_then(|p| p.accounts.get(&ctx.app));
    let id = 200_000_000 + u64::from(token.principal.access_token);
    Answer::json(
        StatusCode::OK,
        &json!({
            "id": id,
            "url": format!("{api}/authorizations/{id}"),
            "scopes": token.principal.scopes,
            "token": value,
            "token_last_eight": &value[value.len().saturating_sub(8)..],
            "hashed_token": events::hashed(value),
            "app": {
                "client_id": token.principal.client_id,
                "name": token.principal.client,
                "url": format!("{}/apps/{}", request.origin, token.principal.client),
            },
            "note": null,
            "note_url": null,
            "created_at": names::iso(token.issued),
            "updated_at": names::iso(token.issued),
            "expires_at": token.expires.map(names::iso),
            "fingerprint": null,
            "user": account.map(|a| names::simple_user(request, a)),
        }),
    )
}
