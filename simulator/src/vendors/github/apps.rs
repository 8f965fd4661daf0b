//! GitHub: a GitHub App proves itself with a signed token and is given tokens for where it is installed.
//!
//! The stack's app signs with the published test key. The app is installed in the one organisation there is. A token for
//! the installation lives an hour and carries the permissions asked for, at most the app's own.
//!
//! # Sources
//! "Generating a JSON Web Token for a GitHub App"; operations `apps/*`; the key and its words for a token that cannot be
//! read. The words for a token whose end lies too far away, and the app's numbers, are guesses.
//!
//! # Not imitated
//! The app's own webhook, installation requests, marketplace.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::tokens::{APP_PERMISSIONS, INSTALLATION, INSTALLATION_LIFE};
use super::{body_or_default, lists, names, shelve, unshelve};
use crate::journal::Refusal;
use crate::protocol::credentials::{Order, drawn_text, opened_by};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::signing;
use crate::scenario::Credentials;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::world::Instance;

/// Longest life of a signed token.
const LONGEST: Duration = Duration::from_secs(600);
/// What clocks may differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// The stack's GitHub App.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct App {
    /// Its number.
    pub(super) id: u64,
    /// Its client id, which a signed token may name instead.
    pub(super) client_id: String,
    /// Its name in addresses.
    pub(super) slug: String,
    /// The number of its one installation.
    pub(super) installation: u64,
}

impl App {
    /// The app of an instance.
    pub(super) fn of(seed: Seed, instance: &Instance) -> Self {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        Self {
            id: 300_000 + seed.number(&["github app", &instance.name]) % 600_000,
            client_id: format!("Iv23li{}", drawn_text(seed, &["github app client", &instance.name], letters, 14)),
            slug: format!("{}-stack", instance.name.replace('_', "-")),
            installation: 40_000_000 + seed.number(&["github installation", &instance.name]) % 10_000_000,
        }
    }
}

/// What the app was granted where it is installed: all that it asks for, or what the scenario says.
pub(super) fn granted(ctx: &Context<'_>) -> BTreeMap<String, String> {
    let app = &ctx.sim.scenario.apps[ctx.app.0];
    let written = app.scopes.as_ref().filter(|_| app.credentials == Credentials::Installation);
    match written {
        Some(permissions) => levels(permissions),
        None => levels(APP_PERMISSIONS),
    }
}

/// Permissions by name, with their level.
pub(super) fn levels<S: AsRef<str>>(permissions: &[S]) -> BTreeMap<String, String> {
    let pairs = permissions.iter().filter_map(|permission| permission.as_ref().split_once(':'));
    pairs.map(|(name, level)| (name.to_owned(), level.to_owned())).collect()
}

/// What a token of these permissions carries.
fn carried(permissions: &BTreeMap<String, String>) -> Vec<String> {
    opened_by(&permissions.iter().map(|(name, level)| format!("{name}:{level}")).collect::<Vec<_>>())
}

/// What a person's token for the app carries.
pub(super) fn scopes(ctx: &Context<'_>) -> Vec<String> {
    carried(&granted(ctx))
}

/// On the shelf when the app has removed itself, or has suspended itself (then with the time).
const REMOVED: &str = "removed installation";
const SUSPENDED: &str = "suspended installation";
const OWN: &str = "own";

/// The app whose signed token comes with a request.
fn signed_in(ctx: &Context<'_>, request: &Request) -> Result<App, Failure> {
    let app = App::of(ctx.sim.scenario.seed, ctx.instance());
    // A signed token is held against the vendor's own clock, right or wrong.
    let now = ctx.state.instances[ctx.app.0].tokens.told(ctx.now);
    let refused = |message: &str, why: String| Failure::Own {
        status: StatusCode::UNAUTHORIZED,
        message: message.to_owned(),
        headers: Vec::new(),
        why,
        refusal: Refusal::Token,
    };
    let unreadable = |why: &str| refused("A JSON web token could not be decoded", format!("token: {why}"));
    let value = request.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let token = value.split_once(' ').map(|(_, token)| token.trim()).ok_or(Failure::Unauthenticated)?;
    let claims = signing::claims(token).ok_or_else(|| unreadable("it was not signed with the app's key"))?;
    let second = |name: &str| claims[name].as_f64().map(|s| SimTime::from_ms((s * 1_000.0) as i64));
    let expires = second("exp").ok_or_else(|| unreadable("it has no `exp`"))?;
    let issued = second("iat").ok_or_else(|| unreadable("it has no `iat`"))?;
    let issuer = claims["iss"].as_str().map_or_else(|| claims["iss"].to_string(), str::to_owned);
    if issuer != app.id.to_string() && issuer != app.client_id {
        return Err(refused("Integration not found", format!("token: no app is called `{issuer}`")));
    }
    if expires <= now {
        let message = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the \
                       assertion expires";
        return Err(refused(message, "token: it has expired".to_owned()));
    }
    if expires.since(now) > LONGEST + LEEWAY {
        let message = "'Expiration time' claim ('exp') is too far in the future";
        return Err(refused(message, "token: it ends more than ten minutes from now".to_owned()));
    }
    if issued > now {
        let message =
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
        return Err(refused(message, "token: it was made in the future".to_owned()));
    }
    Ok(app)
}

/// `GET /app`.
pub(super) fn own(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let app = signed_in(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &integration(ctx, request, &app)))
}

fn integration(ctx: &Context<'_>, request: &Request, app: &App) -> Value {
    let created = names::iso(ctx.sim.scenario.history_start());
    json!({
        "id": app.id,
        "slug": app.slug,
        "node_id": names::node_id("A", app.id),
        "client_id": app.client_id,
        "owner": owner(ctx, request),
        "name": app.slug,
        "description": "The stack",
        "external_url": format!("{}/apps/{}", request.origin, app.slug),
        "html_url": format!("{}/apps/{}", request.origin, app.slug),
        "created_at": created,
        "updated_at": created,
        "permissions": granted(ctx),
        "events": [],
        "installations_count": 1,
    })
}

/// The organisation as an account.
pub(super) fn owner(ctx: &Context<'_>, request: &Request) -> Value {
    names::user(request, &names::current_login(ctx), names::Customer::here(ctx).id, "Organization")
}

/// The stack's installation as GitHub shows it.
pub(super) fn installation(ctx: &Context<'_>, request: &Request) -> Option<Value> {
    let app = App::of(ctx.sim.scenario.seed, ctx.instance());
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    if shelf.get(REMOVED, OWN).is_some() {
        return None;
    }
    let suspended = shelf.get(SUSPENDED, OWN).and_then(Value::as_i64).map(SimTime::from_us);
    Some(one_installation(ctx, request, &app.slug, (app.id, app.installation), &json!(granted(ctx)), suspended))
}

/// An app that somebody has let in, by its name.
pub(super) fn foreign_installation(ctx: &Context<'_>, request: &Request, name: &str) -> Value {
    let id = |what| names::thing_id(ctx.sim.scenario.seed, ctx.instance(), what, name);
    let ids = (id("app") % 1_000_000, id("installation"));
    one_installation(ctx, request, name, ids, &json!({ "contents": "write", "metadata": "read" }), None)
}

fn one_installation(
    ctx: &Context<'_>,
    request: &Request,
    slug: &str,
    (app_id, id): (u64, u64),
    permissions: &Value,
    suspended: Option<SimTime>,
) -> Value {
    let (api, customer) = (names::api(request), names::Customer::here(ctx));
    let login = names::current_login(ctx);
    let created = names::iso(ctx.sim.scenario.history_start());
    json!({
        "id": id,
        "account": owner(ctx, request),
        "repository_selection": "all",
        "access_tokens_url": format!("{api}/app/installations/{id}/access_tokens"),
        "repositories_url": format!("{api}/installation/repositories"),
        "html_url": format!("{}/organizations/{login}/settings/installations/{id}", request.origin),
        "app_id": app_id,
        "app_slug": slug,
        "target_id": customer.id,
        "target_type": "Organization",
        "permissions": permissions,
        "events": [],
        "created_at": created,
        "updated_at": created,
        "single_file_name": null,
        "has_multiple_single_files": false,
        "single_file_paths": [],
        "suspended_by": suspended.map(|_| owner(ctx, request)),
        "suspended_at": suspended.map(names::iso),
    })
}

/// `GET /app/installations`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    signed_in(ctx, request)?;
    let all = installation(ctx, request).into_iter().collect();
    let page = lists::page(ctx, request, "app_installations", all, |i| i["id"].to_string())?;
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &page.items), request, &page))
}

/// The installation that a request names by number.
fn asked(ctx: &Context<'_>, request: &Request) -> Result<Value, Failure> {
    signed_in(ctx, request)?;
    let id = request.param("installation_id").to_owned();
    let found = installation(ctx, request).filter(|i| i["id"] == json!(names::number(&id)));
    found.ok_or_else(|| Failure::not_found("installation", id))
}

/// `GET /app/installations/{installation_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    asked(ctx, request).map(|installation| Answer::json(StatusCode::OK, &installation))
}

/// `GET /orgs/{org}/installation`.
pub(super) fn of_organisation(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    signed_in(ctx, request)?;
    let installation = installation(ctx, request).ok_or_else(|| Failure::not_found("installation", "…"))?;
    Ok(Answer::json(StatusCode::OK, &installation))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    permissions: Option<BTreeMap<String, String>>,
}

/// `POST /app/installations/{installation_id}/access_tokens`.
pub(super) fn access_token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let installation = asked(ctx, request)?;
    if !installation["suspended_at"].is_null() {
        return Err(Failure::Own {
            status: StatusCode::FORBIDDEN,
            message: "This installation has been suspended".to_owned(),
            headers: Vec::new(),
            why: "installation: it is suspended".to_owned(),
            refusal: Refusal::State,
        });
    }
    let Wanted { permissions } = body_or_default(request)?;
    let own = granted(ctx);
    // PyGithub asks for none and means all.
    let granted = permissions.filter(|wanted| !wanted.is_empty()).unwrap_or_else(|| own.clone());
    let more = granted.iter().find(|(name, level)| own.get(*name).is_none_or(|l| l == "read" && *level != "read"));
    if let Some((name, _)) = more {
        return Err(Failure::bad_parameter("permissions", format!("were not granted to this installation: {name}")));
    }
    let now = ctx.now;
    let life = ctx.sim.scenario.apps[ctx.app.0].token_life.unwrap_or(INSTALLATION_LIFE);
    let order = Order { token_kind: INSTALLATION, user: None, scopes: carried(&granted), life, refresh_life: None };
    let issued = ctx.instance_state().tokens.hand_out(order, now);
    ctx.notes.issued = Some(issued.name.clone());
    Ok(Answer::json(
        StatusCode::CREATED,
        &json!({
            "token": issued.access_token,
            "expires_at": names::iso(now + life),
            "permissions": granted,
            "repository_selection": "all",
        }),
    ))
}

/// `DELETE /installation/token`: the token ends itself.
pub(super) fn end_token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let is_real = ctx.is_real();
    let tokens = &mut ctx.instance_state().tokens;
    if is_real && let Some(value) = tokens.value_presented(&request.headers, &request.query) {
        tokens.end(&value);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Ends every token of the installation.
fn end_tokens(ctx: &mut Context<'_>) {
    if ctx.is_real() {
        ctx.instance_state().tokens.end_all(INSTALLATION);
    }
}

/// `DELETE /app/installations/{installation_id}`.
pub(super) fn uninstall(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    asked(ctx, request)?;
    shelve(ctx, REMOVED, OWN, Value::Null)?;
    end_tokens(ctx);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `PUT /app/installations/{installation_id}/suspended`.
pub(super) fn suspend(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    asked(ctx, request)?;
    shelve(ctx, SUSPENDED, OWN, json!(ctx.now.us()))?;
    end_tokens(ctx);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /app/installations/{installation_id}/suspended`.
pub(super) fn unsuspend(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    asked(ctx, request)?;
    unshelve(ctx, SUSPENDED, OWN);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
