//! The page a browser meets at `/_sim/`, and the one where consent ends.
//!
//! | file of `inspector/` | holds |
//! |---|---|
//! | `page.html`, `style.css` | the frame; light, dark and narrow |
//! | `dom.js` | spelling times, asking the control plane |
//! | `journal.js` | exchanges as they come, searched, with the reasons of each refusal |
//! | `world.js` | people, what they hold, the stack's tokens |
//! | `timeline.js` | what was recorded, now, what is to come |
//! | `act.js` | what a tester wants to happen |
//! | `app.js` | which of them is shown, keys, the rhythm of asking |

use std::sync::{Arc, LazyLock, OnceLock};

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use minijinja::{Environment, context};
use serde::Deserialize;

use crate::page::{self, Script};
use crate::scenario::AppIndex;
use crate::simulation::Simulation;
use crate::vendors::{self, Addresses};

const PAGE: &str = include_str!("inspector/page.html");
const STYLE: &str = include_str!("inspector/style.css");
const SCRIPTS: [&str; 6] = [
    include_str!("inspector/dom.js"),
    include_str!("inspector/journal.js"),
    include_str!("inspector/world.js"),
    include_str!("inspector/timeline.js"),
    include_str!("inspector/act.js"),
    include_str!("inspector/app.js"),
];

/// The page, and what it may do: run its own script, ask this server, be framed by nobody.
static INSPECTOR: LazyLock<(String, String)> = LazyLock::new(|| {
    let Script { text, source } = Script::of(&SCRIPTS);
    let policy = format!(
        "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src '{source}'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let page = Environment::new().render_named_str(
        "page",
        PAGE,
        context! { style => [page::STYLE, STYLE].concat(), script => text },
    );
    (page.expect("the frame is a constant and names these values"), policy)
});

/// The inspector. It asks for all it shows.
pub(super) async fn front() -> Response {
    let (page, policy) = &*INSPECTOR;
    ([(header::CONTENT_SECURITY_POLICY, policy.as_str())], Html(page.as_str())).into_response()
}

/// What an authorization server sends back with the browser.
#[derive(Deserialize)]
pub(super) struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

const CALLBACK: &str = include_str!("callback.html");

/// Where each instance is reached, once it listens.
pub(crate) type Origins = Arc<OnceLock<Vec<Addresses>>>;

/// Where consent ends when there is no stack yet: shows the code, and how to exchange it.
pub(super) async fn callback(
    State((sim, origins)): State<(Arc<Simulation>, Origins)>,
    Query(query): Query<Callback>,
) -> Html<String> {
    // Nothing but the code says which instance the browser comes from.
    let of_code = |code: &String| sim.state().instances.iter().position(|i| i.tokens.issued_at(code).is_some());
    let from = query.code.as_ref().and_then(of_code);
    let token_url = from.and_then(|app| {
        let entry = vendors::connection(&sim, AppIndex(app), origins.get()?.get(app)?, "");
        entry["token_url"].as_str().map(str::to_owned)
    });
    let app = from.map(|app| sim.scenario.apps[app].name.as_str());
    let environment = Environment::new();
    let values = context! {
        code => query.code, state => query.state, error => query.error, token_url => token_url, app => app
    };
    let page = environment.render_named_str("callback.html", CALLBACK, values);
    Html(page.unwrap_or_else(|error| format!("the page could not be rendered: {error}")))
}
