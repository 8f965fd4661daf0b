//! Graph: what a connector does to an account.
//!
//! `accountEnabled` by PATCH (suspend, unsuspend), and `revokeSignInSessions` (require sign-in again). Repeating either
//! succeeds. Tokens that were issued already live on; what dies when is the timeline's containment table.
//!
//! # Not imitated
//! Changing other properties; the higher role that disabling an administrator wants; the `Location` header of
//! `revokeSignInSessions`; delays of a few minutes until it takes effect.
//!
//! # Sources
//! `graph-docs:api-reference` user-update, user-revokesigninsessions. 200 with a body (the documentation says 204):
//! <https://github.com/microsoftgraph/msgraph-sdk-powershell/issues/834>.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::errors::graph_json;
use super::{query, users};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;

/// `PATCH /v1.0/users/{id or user principal name}`.
pub(super) fn update_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let malformed = || Failure::bad_parameter("body", "Unable to read JSON request payload.");
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| malformed())?;
    let properties = body.as_object().ok_or_else(malformed)?;
    // SDKs write control information into the payload too: `@odata.type` (OData JSON 4.01, section 4.6).
    let mut named = properties.keys().filter(|name| !name.contains("@odata."));
    if let Some(other) = named.find(|name| *name != "accountEnabled") {
        return Err(Failure::bad_parameter(other, format!("Property '{other}' is read-only or not imitated.")));
    }
    let enabled = match properties.get("accountEnabled") {
        None => None,
        Some(Value::Bool(enabled)) => Some(*enabled),
        Some(_) => {
            let why = "Cannot convert the value of property 'accountEnabled' to the expected type 'Edm.Boolean'.";
            return Err(Failure::bad_parameter("accountEnabled", why));
        }
    };
    let action = if enabled == Some(true) { "unsuspend" } else { "suspend" };
    let user = found(ctx, request, action)?;
    match enabled {
        Some(true) => directory::act(ctx, request, Verb::Restore, user),
        Some(false) => directory::act(ctx, request, Verb::Suspend, user),
        None => {}
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `POST /v1.0/users/{id or user principal name}/revokeSignInSessions`.
pub(super) fn revoke_sign_in_sessions(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = found(ctx, request, "require_sign_in")?;
    directory::act(ctx, request, Verb::RevokeSessions, user);
    let context = query::context_url(request, "Edm.Boolean");
    Ok(graph_json(StatusCode::OK, &json!({ "@odata.context": context, "value": true })))
}

/// The user of the path. An action on nobody is noted: it is a finding of its own.
fn found(ctx: &mut Context<'_>, request: &Request, action: &str) -> Result<crate::world::PersonIndex, Failure> {
    let id = request.param("id");
    match users::find(ctx, id) {
        Ok(user) => Ok(user.index),
        Err(failure) => {
            directory::missed(ctx, action, id);
            Err(failure)
        }
    }
}
