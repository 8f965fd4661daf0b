//! What each action is in Microsoft Graph, and how to see that it was done.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::api::Request;
use crate::connections::App;
use crate::state::commands::Command;

/// The call that carries out `command` on the user `target`, if there is one.
pub(crate) fn call(app: &App, command: &Command, target: &str) -> Option<Request> {
    match command.action.as_str() {
        // Tokens already issued live on; whoever wants them gone too says `require_sign_in` as well.
        "suspend" => Some(Request {
            method: Method::PATCH,
            url: user(app, target, &[])?,
            body: Some(json!({"accountEnabled": false})),
        }),
        "require_sign_in" => {
            Some(Request { method: Method::POST, url: user(app, target, &["revokeSignInSessions"])?, body: None })
        }
        "notify" => Some(Request {
            method: Method::POST,
            url: user(app, app.mail_from.as_deref()?, &["sendMail"])?,
            body: Some(mail(command.email.as_deref()?)),
        }),
        _ => None,
    }
}

/// Where the effect of `command` can be read back, if it leaves any.
pub(crate) fn state_url(app: &App, command: &Command) -> Option<String> {
    let url = user(app, &command.target, &[])?;
    let readable = matches!(command.action.as_str(), "suspend" | "require_sign_in");
    readable.then(|| format!("{url}?$select=accountEnabled,signInSessionsValidFromDateTime"))
}

/// Whether `user` is as `command`, first called for at `first_sent_at`, wants.
pub(crate) fn is_done(command: &Command, user: &Value, first_sent_at: Option<Timestamp>) -> bool {
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

fn user(app: &App, id: &str, rest: &[&str]) -> Option<String> {
    let mut url = Url::parse(&app.base_url).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(["v1.0", "users", id]).extend(rest);
    Some(url.into())
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
