//! What each action is at Okta, and how to see that it was done.
//!
//! `suspend`: `POST /api/v1/users/{id}/lifecycle/suspend`, after which the user's status is `SUSPENDED`. `require_sign_in`:
//! `DELETE /api/v1/users/{id}/sessions`, which leaves nothing to read back and does no harm if it is done twice. Okta is the
//! directory of those whom no other one knows.

use jiff::Timestamp;
use reqwest::Method;

use super::{Found, Hands, Read, User, no_things};
use crate::api::Request;
use crate::connections::App;
use crate::connectors::under;
use crate::state::commands::Command;

pub(super) const HANDS: Hands = Hands { call, state, is_done, look: no_things, found: |_, _, _| Found::Nothing };

fn call(app: &App, command: &Command, user: &User) -> Option<Request> {
    match command.action.as_str() {
        "suspend" => upon(app, user, Method::POST, &["lifecycle", "suspend"]),
        "require_sign_in" => upon(app, user, Method::DELETE, &["sessions"]),
        _ => None,
    }
}

fn state(app: &App, command: &Command, user: &User) -> Option<Request> {
    (command.action == "suspend").then(|| upon(app, user, Method::GET, &[])).flatten()
}

fn is_done(_: &Command, read: &Read, _: Option<Timestamp>) -> bool {
    matches!(read, Read::Answer(answer) if answer.said()["status"] == "SUSPENDED")
}

fn upon(app: &App, user: &User, method: Method, rest: &[&str]) -> Option<Request> {
    let path: Vec<&str> = ["api", "v1", "users", &user.uid].into_iter().chain(rest.iter().copied()).collect();
    Some(Request { method, url: under(app, &path)?.into(), ..Request::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_by_id() {
        let app: App = serde_json::from_str(r#"{"vendor": "okta", "base_url": "https://o.okta.example"}"#).unwrap();
        let user = User { uid: "00u/5".to_owned(), login: "ana@contoso.example".to_owned() };
        let asked = upon(&app, &user, Method::DELETE, &["sessions"]).unwrap();
        assert_eq!(asked.url, "https://o.okta.example/api/v1/users/00u%2F5/sessions");
    }
}
