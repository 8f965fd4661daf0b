//! The half of OAuth that needs a browser: the address of the consent page, and the listener it comes back to.
//!
//! The listener only checks `state` and stores the code; the connector's own task turns the code into tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use url::Url;

use crate::bug::{Bug, planted, spoilt};
use crate::connections::{App, Vendor};
use crate::secret::Secret;
use crate::state::State;

/// The apps whose consent may come back, by `state`.
pub(crate) struct Consents {
    expected: BTreeMap<String, Expected>,
    state: Arc<State>,
}

struct Expected {
    instance: String,
    arrived: Arc<Notify>,
}

/// What the consent page sends along.
#[derive(Deserialize)]
struct Callback {
    #[serde(default)]
    state: String,
    code: Option<Secret>,
    error: Option<String>,
}

impl Consents {
    /// Nothing is expected yet.
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { expected: BTreeMap::new(), state }
    }

    /// Expects the consent of `instance`. The notice is given when its code has been stored.
    pub(crate) fn expect(&mut self, instance: &str, app: &App) -> Arc<Notify> {
        let arrived = Arc::new(Notify::new());
        let expected = Expected { instance: instance.to_owned(), arrived: Arc::clone(&arrived) };
        self.expected.insert(state_of(instance, app), expected);
        arrived
    }

    /// The listener.
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(come_back).with_state(Arc::new(self))
    }
}

/// Where an administrator says yes.
pub(crate) fn authorize_url(instance: &str, app: &App) -> Option<String> {
    let mut url = Url::parse(app.authorize_url.as_deref()?).ok()?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", app.client_id.as_deref()?)
        .append_pair("redirect_uri", app.redirect_uri.as_deref()?)
        .append_pair("state", &state_of(instance, app));
    // Where scopes are asked for on the page; elsewhere they belong to the app's registration.
    if let Some(scope) = app.scope.as_deref().filter(|_| app.vendor == Vendor::Github) {
        url.query_pairs_mut().append_pair("scope", scope);
    }
    if let Some(team_id) = &app.team_id {
        url.query_pairs_mut().append_pair("team_id", team_id);
    }
    Some(url.into())
}

/// Nobody without the client secret can guess it, and a restart in mid-consent expects the same.
fn state_of(instance: &str, app: &App) -> String {
    let mut digest = Sha256::new();
    for part in [
        "oauth state",
        instance,
        app.client_secret.as_ref().map(Secret::reveal).unwrap_or_default(),
        app.redirect_uri.as_deref().unwrap_or_default(),
    ] {
        digest.update(part);
        digest.update([0]);
    }
    digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn come_back(
    Shared(consents): Shared<Arc<Consents>>,
    Query(callback): Query<Callback>,
) -> (StatusCode, &'static str) {
    let found = consents.expected.get(&callback.state);
    let Some(expected) = spoilt(found, Bug::AuthStateParameterUnchecked, consents.expected.values().next()) else {
        return (StatusCode::BAD_REQUEST, "This answer does not belong to any question of ours.\n");
    };
    let instance = &expected.instance;
    let Some(code) = callback.code else {
        let reason = if callback.error.as_deref() == Some("access_denied") { "consent denied" } else { "no code" };
        let told = consents.state.status(&json!({"phase": "degraded", "app": instance, "reason": reason}));
        return match told {
            Ok(()) => (StatusCode::OK, "Not connected: consent was not given.\n"),
            Err(error) => failed(&error),
        };
    };
    let stored = consents.state.write(|tx| {
        // A page loaded twice must not put a used code in the way of good tokens.
        if tx.tokens(instance)?.is_some() && !planted(Bug::AuthCodeWindowMissed) {
            Ok(())
        } else {
            tx.keep_code(instance, &code)
        }
    });
    match stored {
        Ok(()) => {
            expected.arrived.notify_one();
            (StatusCode::OK, "Connected. This page can be closed.\n")
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &crate::state::StateError) -> (StatusCode, &'static str) {
    tracing::error!(%error, "cannot store a consent");
    (StatusCode::INTERNAL_SERVER_ERROR, "The consent could not be stored.\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::for_tests;
    use crate::state::tokens::Tokens;

    fn app() -> App {
        let app = json!({"vendor": "miro", "base_url": "http://miro", "authorize_url": "http://miro/oauth/authorize",
            "client_id": "c", "client_secret": "shh", "redirect_uri": "http://127.0.0.1:1/oauth/callback"});
        serde_json::from_value(app).unwrap()
    }

    /// The browser comes back with `state`; was it welcome, and which code is kept then?
    fn come_back_with(state: &Arc<State>, word: &str) -> (StatusCode, Option<Secret>) {
        let mut consents = Consents::new(Arc::clone(state));
        consents.expect("miro", &app());
        let callback = Callback { state: word.to_owned(), code: Some(Secret::new("code")), error: None };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (status, _) = runtime.block_on(come_back(Shared(Arc::new(consents)), Query(callback)));
        (status, state.read(|tx| tx.code("miro")).unwrap())
    }

    #[test]
    fn a_code_with_the_right_state_is_kept() {
        let (_folder, state) = for_tests();
        let (status, code) = come_back_with(&state, &state_of("miro", &app()));
        assert_eq!((status, code), (StatusCode::OK, Some(Secret::new("code"))));
    }

    #[test]
    fn a_code_with_a_foreign_state_is_refused() {
        let (_folder, state) = for_tests();
        for word in ["", "0123", &state_of("miro_us", &app())] {
            assert_eq!(come_back_with(&state, word), (StatusCode::BAD_REQUEST, None), "{word}");
        }
    }

    #[test]
    fn a_page_loaded_twice_leaves_good_tokens_alone() {
        let (_folder, state) = for_tests();
        let tokens = Tokens { access: Secret::new("a"), refresh: Some(Secret::new("r")), expires_at: None };
        state.write(|tx| tx.keep_tokens("miro", &tokens)).unwrap();
        assert_eq!(come_back_with(&state, &state_of("miro", &app())), (StatusCode::OK, None));
        assert_eq!(state.read(|tx| tx.tokens("miro")).unwrap(), Some(tokens));
    }

    #[test]
    fn the_consent_page_is_told_where_to_come_back_to_and_no_secret() {
        let url = authorize_url("miro", &app()).unwrap();
        assert!(url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fcallback"), "{url}");
        assert!(!url.contains("shh"), "{url}");
    }
}
