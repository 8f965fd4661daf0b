//! Miro: ending a person's sessions, its own "require sign-in again".
//!
//! # Sources
//! `spec`: `enterprise-post-user-sessions-reset`. That an unknown address is a 404 is a guess.

use axum::http::StatusCode;

use super::roster::{self, enterprise};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;

/// `POST /v2/sessions/reset_all?email=…`: signs the person out of Miro everywhere. Idempotent.
pub(super) fn reset_sessions(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let email = request.query("email").filter(|e| !e.is_empty());
    let email = email.ok_or_else(|| Failure::bad_parameter("email", "is required"))?;
    enterprise(ctx, request)?;
    let Some(member) = roster::by_email(ctx, email) else {
        directory::missed(ctx, "require_sign_in", email);
        return Err(Failure::not_found("user", email));
    };
    match member.person {
        Some(person) => directory::act(ctx, request, Verb::RevokeSessions, person),
        // Somebody made through SCIM has no sessions.
        None => directory::note(ctx, "require_sign_in", email),
    }
    Ok(Answer::empty(StatusCode::OK))
}
