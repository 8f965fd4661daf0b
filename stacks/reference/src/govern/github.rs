//! What each action is at GitHub, and how to see that it was done. Users are named by their login, as it is now.
//!
//! `remove_member`: `DELETE /orgs/{org}/members/{login}`, which leaves nobody there (404). `revoke_token`: `POST
//! /orgs/{org}/credential-authorizations/{login}/revoke`, which leaves no token authorised; the user's own other uses of it
//! go on.

use jiff::Timestamp;
use reqwest::Method;

use super::{Found, Hands, Read, User, no_things};
use crate::api::Request;
use crate::connections::App;
use crate::connectors::under;
use crate::state::commands::Command;

pub(super) const HANDS: Hands = Hands { call, state, is_done, look: no_things, found: |_, _, _| Found::Nothing };

fn call(app: &App, command: &Command, user: &User) -> Option<Request> {
    let organization = app.organization.as_deref()?;
    let (method, url) = match command.action.as_str() {
        "remove_member" => (Method::DELETE, under(app, &["orgs", organization, "members", &user.login])?),
        "revoke_token" => {
            let path = ["orgs", organization, "credential-authorizations", &user.login, "revoke"];
            (Method::POST, under(app, &path)?)
        }
        _ => return None,
    };
    Some(Request { method, url: url.into(), ..Request::default() })
}

fn state(app: &App, command: &Command, user: &User) -> Option<Request> {
    let organization = app.organization.as_deref()?;
    let url = match command.action.as_str() {
        "remove_member" => under(app, &["orgs", organization, "members", &user.login])?,
        "revoke_token" => {
            let mut url = under(app, &["orgs", organization, "credential-authorizations"])?;
            url.query_pairs_mut().append_pair("login", &user.login).append_pair("per_page", "100");
            url
        }
        _ => return None,
    };
    Some(Request::get(url))
}

fn is_done(command: &Command, read: &Read, _first_sent_at: Option<Timestamp>) -> bool {
    match (command.action.as_str(), read) {
        ("remove_member", read) => matches!(read, Read::Nothing),
        ("revoke_token", Read::Answer(answer)) => {
            answer.said().as_array().is_some_and(|left| left.iter().all(|c| c["credential_type"] == "SSH key"))
        }
        _ => false,
    }
}
