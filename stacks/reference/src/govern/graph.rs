//! What each action is in Microsoft Graph, and how to see that it was done.
//!
//! `revoke_app` takes away what one user has granted to one application, and nothing else: every grant is of one client, one
//! resource and one principal, so both are asked for by their ids. Names are whatever their owners call them.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Found, Hands, Read, User};
use crate::api::Request;
use crate::bug::{Bug, planted};
use crate::connections::App;
use crate::connectors::under;
use crate::state::commands::Command;

pub(super) const HANDS: Hands = Hands { call, state, is_done, look, found };

fn call(app: &App, command: &Command, target: &User) -> Option<Request> {
    let (method, url, body) = match command.action.as_str() {
        // Tokens already issued live on; whoever wants them gone too says `require_sign_in` as well.
        "suspend" => (Method::PATCH, user(app, &target.uid, &[])?, Some(json!({"accountEnabled": false}))),
        "require_sign_in" => (Method::POST, user(app, &target.uid, &["revokeSignInSessions"])?, None),
        "notify" => {
            let url = user(app, app.mail_from.as_deref()?, &["sendMail"])?;
            (Method::POST, url, Some(mail(command.email.as_deref()?)))
        }
        _ => return None,
    };
    Some(Request { method, url, body, ..Request::default() })
}

fn state(app: &App, command: &Command, target: &User) -> Option<Request> {
    let url = user(app, &target.uid, &[])?;
    let readable = matches!(command.action.as_str(), "suspend" | "require_sign_in");
    readable.then(|| Request::get(format!("{url}?$select=accountEnabled,signInSessionsValidFromDateTime")))
}

fn is_done(command: &Command, read: &Read, first_sent_at: Option<Timestamp>) -> bool {
    let Read::Answer(answer) = read else { return false };
    let user = answer.said();
    match command.action.as_str() {
        "suspend" => user["accountEnabled"] == false,
        "require_sign_in" => {
            let valid_from = user["signInSessionsValidFromDateTime"].as_str();
            let valid_from: Option<Timestamp> = valid_from.and_then(|text| text.parse().ok());
            // Graph keeps whole seconds.
            let reached =
                |from: Timestamp| first_sent_at.is_some_and(|sent| from + SignedDuration::from_secs(1) > sent);
            valid_from.is_some_and(reached)
        }
        _ => false,
    }
}

fn look(app: &App, command: &Command) -> Option<Request> {
    if command.action != "revoke_app" {
        return None;
    }
    let client = command.object.as_deref()?;
    let mut url = under(app, &["v1.0", "oauth2PermissionGrants"])?;
    let filter = if planted(Bug::RevokeWrongGrant) {
        format!("principalId eq '{}' and clientId ne '{client}'", quoted(&command.target))
    } else {
        format!("clientId eq '{}' and principalId eq '{}'", quoted(client), quoted(&command.target))
    };
    url.query_pairs_mut().append_pair("$filter", &filter);
    Some(Request::get(url))
}

fn found(app: &App, _command: &Command, grants: &Value) -> Found {
    let call = |grant: &Value| {
        let url = under(app, &["v1.0", "oauth2PermissionGrants", grant["id"].as_str()?])?;
        Some(Request { method: Method::DELETE, url: url.into(), ..Request::default() })
    };
    grants["value"].as_array().and_then(|all| all.first()).and_then(call).map_or(Found::Nothing, Found::Do)
}

/// In an OData literal a quote is written twice.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}

fn user(app: &App, id: &str, rest: &[&str]) -> Option<String> {
    let path: Vec<&str> = ["v1.0", "users", id].into_iter().chain(rest.iter().copied()).collect();
    Some(under(app, &path)?.into())
}

fn mail(to: &str) -> Value {
    json!({
        "message": {
            "subject": "Unusual sign-in activity on your account",
            "body": {
                "contentType": "Text",
                "content": "We noticed unusual sign-in activity on your account. If this was not you, tell your \
                            administrator at once.",
            },
            "toRecipients": [{"emailAddress": {"address": to}}],
        },
        "saveToSentItems": true,
    })
}
