//! Graph: ending a user's sign-in sessions. Disabling an account is a change of the user ([`super::users`]).
//!
//! Refresh tokens and browser sessions die; access tokens that were issued already live on. What dies when is the
//! timeline's containment table.
//!
//! # Not imitated
//! The higher role that disabling an administrator wants; delays of a few minutes until it takes effect.
//!
//! # Sources
//! `graph-docs:api-reference` user-revokesigninsessions. 200 with a body and a `Location` (the documentation says 204):
//! <https://github.com/microsoftgraph/msgraph-sdk-powershell/issues/834>. The 403 for people who are no administrators:
//! <https://learn.microsoft.com/answers/questions/2155798/>.

use axum::http::{StatusCode, header};
use serde_json::json;

use super::changes::{self, Change};
use super::errors::graph_json;
use super::objects::{Kind, find_person, id_of, instant};
use super::state::Tenant;
use super::{odata, users};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;

const REVOKED: Change =
    Change { name: "Update StsRefreshTokenValidFrom Timestamp", category: "UserManagement", operation: "Update" };

/// In a person's name only an administrator's token will do.
fn check_caller(ctx: &Context<'_>, request: &Request) -> Result<(), Failure> {
    let Some(person) = request.caller().user else { return Ok(()) };
    let admin = ctx.sim.world.person(person).accounts.get(&ctx.app).is_some_and(|account| account.admin);
    let why = || Failure::Forbidden { why: "the person behind the token is no administrator".to_owned() };
    if admin { Ok(()) } else { Err(why()) }
}

/// `POST /v1.0/users/{id or user principal name}/revokeSignInSessions`.
pub(super) fn revoke_sign_in_sessions(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id").to_owned();
    let user = users::find(ctx, &id).inspect_err(|_| directory::missed(ctx, "require_sign_in", &id))?;
    check_caller(ctx, request)?;
    match find_person(ctx, id_of(&user)).map(|u| u.index) {
        Some(person) => directory::act(ctx, request, Verb::RevokeSessions, person),
        None => {
            if ctx.is_real() {
                let now = json!(instant(ctx.now));
                let patch = Tenant::of(ctx).patches.entry(id_of(&user).to_owned()).or_default();
                patch.insert("signInSessionsValidFromDateTime".to_owned(), now);
                changes::written(ctx, request, REVOKED, (Kind::User, &user), None);
            }
            directory::note(ctx, "require_sign_in", id_of(&user));
        }
    }
    let context = odata::context_url(request, "Edm.Boolean");
    let location = format!("{}{}", request.origin, super::normalize(&request.path));
    let answer = graph_json(StatusCode::OK, &json!({ "@odata.context": context, "value": true }));
    Ok(answer.with(header::LOCATION, &location))
}
