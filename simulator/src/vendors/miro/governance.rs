//! Miro: ending a person's sessions, its own "require sign-in again".
//!
//! # Sources
//! `spec`: `enterprise-post-user-sessions-reset`. That an unknown address is a 404 is a guess.

use axum::http::StatusCode;

use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;

/// `POST /v2/sessions/reset_all?email=…`: signs the person out of Miro everywhere. Idempotent.
pub(super) fn reset_sessions(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let email = request.query("email").filter(|e| !e.is_empty());
    let email = email.ok_or_else(|| Failure::bad_parameter("email", "is required"))?;
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    let Some(user) = users.iter().find(|u| u.login().eq_ignore_ascii_case(email)).map(|u| u.index) else {
        directory::missed(ctx, "require_sign_in", email);
        return Err(Failure::not_found("user", email));
    };
    directory::act(ctx, request, Verb::RevokeSessions, user);
    Ok(Answer::empty(StatusCode::OK))
}
