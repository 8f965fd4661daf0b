//! What each action is at Miro, and how to see that it was done.
//!
//! `remove_member`: `DELETE /Users/{id}` of Miro's SCIM, where nobody is found afterwards (404). SCIM has an address and a key
//! of its own, which an administrator makes by hand; the access token does not open it. Boards of whoever is removed pass to
//! the administrator.

use jiff::Timestamp;
use reqwest::Method;
use url::Url;

use super::{Found, Hands, Read, User, no_things};
use crate::api::Request;
use crate::connections::App;
use crate::state::commands::Command;

pub(super) const HANDS: Hands = Hands { call, state, is_done, look: no_things, found: |_, _, _| Found::Nothing };

fn call(app: &App, command: &Command, user: &User) -> Option<Request> {
    (command.action == "remove_member").then(|| upon(app, user, Method::DELETE)).flatten()
}

fn state(app: &App, command: &Command, user: &User) -> Option<Request> {
    (command.action == "remove_member").then(|| upon(app, user, Method::GET)).flatten()
}

fn is_done(_: &Command, read: &Read, _: Option<Timestamp>) -> bool {
    matches!(read, Read::Nothing)
}

fn upon(app: &App, user: &User, method: Method) -> Option<Request> {
    let scim = app.scim.as_ref()?;
    let mut url = Url::parse(&scim.base_url).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(["Users", &user.uid]);
    Some(Request { method, url: url.into(), token: scim.token.clone(), ..Request::default() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_is_named_by_id_under_the_address_of_scim_with_its_own_key() {
        let app: App = serde_json::from_value(json!({"vendor": "miro", "base_url": "https://api.miro.example",
            "scim": {"base_url": "https://miro.example/api/v1/scim/", "token": "key"}}))
        .unwrap();
        let user = User { uid: "34/5".to_owned(), login: "ana@contoso.example".to_owned() };
        let asked = upon(&app, &user, Method::GET).unwrap();
        assert_eq!(asked.url, "https://miro.example/api/v1/scim/Users/34%2F5");
        assert_eq!(asked.token.unwrap().reveal(), "key");
    }
}
