//! Workplace: installing an app, and the tokens there are.
//!
//! | token | how it is had | ends |
//! |---|---|---|
//! | custom integration | shown once to a system administrator (`credentials: token`) | never by itself |
//! | community | a third-party app is installed, its code exchanged within 300 seconds | never by itself; when the app is installed again, or removed |
//! | app | `<app id>\|<app secret>` | never; for subscriptions and `debug_token` alone |
//! | impersonate | a field of a member, for integrations that once got the permission | never by itself |
//! | work | Meta Admin Center's client credentials | after two hours |
//!
//! An app is connected by one party at a time: a second installation kills the first one's token. The page asks whether
//! the app gets all groups or one; who is given one sees less of people, and is not told so.
//!
//! # Not imitated
//! Deauthorisation callbacks, app icons and other settings, developer mode, the app secret *proof* that two of Meta's
//! samples send in place of the secret to `work_get_token`, allow-lists.
//!
//! # Sources
//! <https://developers.facebook.com/docs/workplace/third-party-integrations/>: code in the redirect, 300 seconds, no
//! refresh token. Meta's manual login flow for the dialog. `admin-center`: its samples' token request and the two hours.
//! Names of permissions other than `read_group`, `write_group`, `read_user_feed`, and what tokens look like, are guesses.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::graph;
use crate::protocol::consent::{self, Consent};
use crate::protocol::credentials::{
    BearerFrom, CredentialRules, FOREVER, Grant, HEX, Mint, OAUTH, Order, Rotation, TokenKind, drawn_text,
};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters, encode_pairs};
use crate::scenario::{Credentials, VendorProfile};
use crate::seed::Seed;
use crate::world::{Instance, PersonIndex};

pub(super) const READ_GROUP: &str = "read_group";
pub(super) const READ_USER_FEED: &str = "read_user_feed";
pub(super) const READ_GROUP_MEMBERSHIP: &str = "read_group_membership";
pub(super) const READ_WORK_PROFILE: &str = "read_work_profile";
pub(super) const MANAGE_WORK_PROFILES: &str = "manage_work_profiles";
pub(super) const MANAGE_ACCOUNTS: &str = "provision_user_accounts";
pub(super) const READ_EMAIL: &str = "read_user_email_addresses";
pub(super) const READ_SECURITY_LOGS: &str = "read_security_logs";
pub(super) const MESSAGE_ANY_MEMBER: &str = "message_any_member";
/// Deprecated; third-party apps never get it.
pub(super) const IMPERSONATE: &str = "impersonate";

/// The kind of a token that stands for a member.
pub(super) const IMPERSONATED: &str = "impersonate";
/// The kind of Meta Admin Center's token.
const WORK: &str = "work";
/// Its life.
const WORK_LIFE: Duration = Duration::from_secs(7_200);
/// What the page calls access to everything.
const ALL_GROUPS: &str = "all";
/// What stands before the group's id in a token that sees one group only.
const GROUP: &str = "group:";

/// The parameter that carries a token.
const TOKEN: &str = "access_token";

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Workplace's rules.
pub(super) const RULES: CredentialRules = CredentialRules {
    kinds: &[Credentials::App, Credentials::Token],
    permitted: &[],
    grants: &[Grant::AuthorizationCode],
    carriers: &[Carrier::Query, Carrier::Form],
    bearer: &[BearerFrom::Header, BearerFrom::Scheme("oauth"), BearerFrom::Query(TOKEN)],
    code_life: Duration::from_secs(300),
    access_life: FOREVER,
    refresh_life: None,
    rotation: Rotation::None,
    scopes: &[
        READ_GROUP,
        READ_USER_FEED,
        READ_GROUP_MEMBERSHIP,
        READ_WORK_PROFILE,
        MANAGE_WORK_PROFILES,
        MANAGE_ACCOUNTS,
        READ_EMAIL,
        READ_SECURITY_LOGS,
        MESSAGE_ANY_MEMBER,
        IMPERSONATE,
    ],
    register,
    resource: None,
    mint,
    source: "https://developers.facebook.com/docs/workplace/third-party-integrations/",
};

/// Where a request's token may stand beside header and query: in the form of a write, where Meta's clients for Python and
/// PHP put it (facebook-sdk 3.1.0, `GraphAPI.request`).
pub(super) fn token_in_form(request: &mut Request) {
    let sent = Parameters::read(request, &[Carrier::Form]).get(TOKEN).map(str::to_owned);
    if let Some(token) = sent.filter(|_| request.query.iter().all(|(name, _)| name != TOKEN)) {
        request.query.push((TOKEN.to_owned(), token));
    }
}

fn register(seed: Seed, instance: &Instance, client: &str) -> (String, String) {
    let secret = drawn_text(seed, &["client secret", &instance.name, client], HEX, 32);
    (app_id(seed, instance, client), secret)
}

/// The number of an app or integration.
pub(super) fn app_id(seed: Seed, instance: &Instance, client: &str) -> String {
    (200_000_000_000_000 + seed.number(&["app", &instance.name, client]) % 100_000_000_000_000).to_string()
}

fn mint(mint: &Mint<'_>) -> String {
    match mint.kind {
        TokenKind::Code => format!("AQ{}", mint.text(LETTERS, 120)),
        _ => format!("DQVJ{}", mint.text(LETTERS, 140)),
    }
}

/// The one group that a token sees; none for all of them.
pub(super) fn only_group(request: &Request) -> Option<&str> {
    let scopes = request.principal.as_ref().map_or(&[][..], |p| &p.scopes);
    scopes.iter().find_map(|scope| scope.strip_prefix(GROUP))
}

/// Whether the caller has been given a permission.
pub(super) fn may(request: &Request, permission: &str) -> bool {
    request.principal.as_ref().is_some_and(|p| p.scopes.iter().any(|s| s == permission))
}

/// What a dialog request says, checked.
struct Wish {
    client_id: String,
    redirect_uri: String,
    state: String,
}

impl Wish {
    fn read(ctx: &mut Context<'_>, parameters: &Parameters) -> Result<Self, Failure> {
        let missing = |name| Failure::ConsentPage(OauthFailure::MissingParameter(name));
        let client_id = parameters.get("client_id").or_else(|| parameters.get("app_id"));
        let client_id = client_id.ok_or_else(|| missing("client_id"))?;
        let redirect_uri = parameters.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
        ctx.instance_state().tokens.check_redirect(client_id, redirect_uri).map_err(Failure::ConsentPage)?;
        let state = parameters.get("state").unwrap_or_default().to_owned();
        Ok(Self { client_id: client_id.to_owned(), redirect_uri: redirect_uri.to_owned(), state })
    }

    fn redirect(&self, pairs: &[(&str, &str)]) -> Answer {
        let state = (!self.state.is_empty()).then_some(("state", self.state.as_str()));
        let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
        let query = encode_pairs(pairs.iter().copied().chain(state));
        Answer::redirect(&format!("{}{joint}{query}", self.redirect_uri))
    }
}

/// `GET /dialog/oauth`: the page on which a system administrator installs the app.
pub(super) fn ask(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wish = Wish::read(ctx, &Parameters::read(request, &[Carrier::Query]))?;
    let client = ctx.instance_state().tokens.client().clone();
    let users: Vec<(String, String)> = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app)
        .into_iter()
        .filter(|u| u.account.admin && u.status.enabled)
        .map(|u| (u.person.key.clone(), u.name()))
        .collect();
    let mut groups = vec![(ALL_GROUPS.to_owned(), "All groups".to_owned())];
    groups.extend(super::groups::names(ctx));
    let scopes: Vec<String> = client.scopes.iter().filter(|s| *s != IMPERSONATE).cloned().collect();
    Ok(consent::page(&Consent {
        vendor: "Workplace",
        client: &client.name,
        organisation: &ctx.sim.world.organisation,
        scopes: &scopes,
        action: "/dialog/oauth",
        hidden: &[("client_id", &wish.client_id), ("redirect_uri", &wish.redirect_uri), ("state", &wish.state)],
        users: &users,
        teams: &groups,
        chosen_team: ALL_GROUPS,
    }))
}

/// `POST /dialog/oauth`: the administrator has pressed a button.
pub(super) fn decide(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    let wish = Wish::read(ctx, &parameters)?;
    if parameters.get("decision") != Some("allow") {
        let refusal = [("error", "access_denied"), ("error_reason", "user_denied")];
        return Ok(wish.redirect(&refusal));
    }
    let key = parameters.get("user").ok_or(Failure::ConsentPage(OauthFailure::MissingParameter("user")))?;
    let chosen = directory::user_by(&ctx.sim.world, &ctx.state.timeline, ctx.app, |person, _| person.key == key);
    let admin = chosen.filter(|u| u.account.admin && u.status.enabled).map(|u| u.index);
    let admin = admin.ok_or_else(|| Failure::ConsentPage(OauthFailure::NotAdministrator(key.to_owned())))?;
    let group = parameters.get("team_id").filter(|id| *id != ALL_GROUPS).map(|id| format!("{GROUP}{id}"));
    let now = ctx.now;
    let tokens = &mut ctx.instance_state().tokens;
    let granted = tokens.client().scopes.iter().filter(|s| *s != IMPERSONATE).cloned();
    let scopes = granted.chain(group).collect();
    let code = tokens.issue_code_for(admin, &wish.redirect_uri, scopes, OAUTH, now);
    Ok(wish.redirect(&[("code", &code)]))
}

/// `GET` or `POST /oauth/access_token`: a code becomes a community token. Whoever had one before has none now.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    let want = |name| parameters.get(name).ok_or(OauthFailure::MissingParameter(name));
    let now = ctx.now;
    let tokens = &mut ctx.instance_state().tokens;
    tokens.check_secret(want("client_id")?, want("client_secret")?)?;
    let (grant, order) = tokens.redeem_code(want("code")?, Some(want("redirect_uri")?), now)?;
    tokens.supersede(OAUTH);
    let issued = tokens.issue(grant, order, now);
    ctx.notes.issued = Some(issued.name);
    let mut body = json!({ "access_token": issued.access_token, "token_type": "bearer" });
    // A community's token names no end; only a scenario can give it one.
    if let Some(seconds) = issued.expires_in_s {
        body["expires_in"] = json!(seconds);
    }
    Ok(graph::ok(&body))
}

/// `POST /work_get_token`, Meta Admin Center.
pub(super) fn work_token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if ctx.instance().profile != VendorProfile::AdminCenter {
        return Err(Failure::UnknownRoute { path: request.path.clone(), nearest: None });
    }
    let grant = graph::parameter(request, "grant_type").ok_or(OauthFailure::MissingParameter("grant_type"))?;
    if grant != Grant::ClientCredentials.name() {
        return Err(OauthFailure::UnsupportedGrant(grant).into());
    }
    require_app(ctx, request)?;
    let life = ctx.sim.scenario.apps[ctx.app.0].token_life.unwrap_or(WORK_LIFE);
    let now = ctx.now;
    let tokens = &mut ctx.instance_state().tokens;
    let scopes = vec![READ_SECURITY_LOGS.to_owned()];
    let scopes = scopes.into_iter().filter(|s| tokens.client().scopes.contains(s)).collect();
    let order = Order { token_kind: WORK, user: None, scopes, life, refresh_life: None };
    let issued = tokens.hand_out(order, now);
    ctx.notes.issued = Some(issued.name);
    Ok(graph::ok(&json!({ "access_token": issued.access_token })))
}

/// The caller shows the app token: `<app id>|<app secret>`.
pub(super) fn require_app(ctx: &mut Context<'_>, request: &Request) -> Result<(), Failure> {
    let shown = graph::shown_token(request).ok_or(Failure::Unauthenticated)?;
    let (id, secret) = shown.split_once('|').ok_or(Failure::TokenUnknown)?;
    ctx.instance_state().tokens.check_secret(id, secret).map_err(Failure::Oauth)
}

/// `GET /debug_token?input_token=…`, with the app token.
pub(super) fn debug(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    require_app(ctx, request)?;
    let asked = request.query("input_token").ok_or_else(|| Failure::bad_parameter("input_token", "is required"))?;
    let (now, tokens) = (ctx.now, &ctx.state.instances[ctx.app.0].tokens);
    let client = tokens.client();
    let mut data = json!({ "app_id": client.client_id, "application": client.name, "is_valid": false, "scopes": [] });
    match tokens.token(asked, now) {
        Ok(token) => {
            data["type"] = json!(if token.principal.token_kind == IMPERSONATED { "USER" } else { "APP" });
            data["is_valid"] = json!(true);
            data["expires_at"] = json!(token.expires.map_or(0, |end| end.s()));
            data["data_access_expires_at"] = json!(0);
            data["scopes"] = json!(token.principal.scopes);
            if let Some(user) = token.principal.user {
                data["user_id"] = json!(user_id(ctx, user));
            }
        }
        Err(failure) => {
            let subcode = if matches!(failure, Failure::TokenExpired { .. }) { 463 } else { 458 };
            data["error"] = json!({ "code": 190, "message": failure.reasons().join("; "), "subcode": subcode });
        }
    }
    Ok(graph::answer(StatusCode::OK, &json!({ "data": data })))
}

fn user_id<'a>(ctx: &Context<'a>, user: PersonIndex) -> &'a str {
    ctx.sim.world.people[user.0].accounts.get(&ctx.app).map_or("", |a| a.user_id.as_str())
}

/// Shelf of the tokens with which an integration acts as somebody, by the person's key.
const IMPERSONATIONS: &str = "impersonations";

/// The token with which an integration acts as a member; the same as long as it is good.
pub(super) fn impersonate(ctx: &mut Context<'_>, member: PersonIndex) -> Result<Value, Failure> {
    let (now, key) = (ctx.now, ctx.sim.world.person(member).key.clone());
    let instance = ctx.instance_state();
    let known = instance.shelf.get(IMPERSONATIONS, &key).cloned();
    if let Some(token) = known.filter(|t| t.as_str().is_some_and(|t| instance.tokens.token(t, now).is_ok())) {
        return Ok(token);
    }
    let scopes = [READ_GROUP, READ_USER_FEED, READ_WORK_PROFILE, MANAGE_ACCOUNTS].map(str::to_owned).to_vec();
    let order = Order { token_kind: IMPERSONATED, user: Some(member), scopes, life: FOREVER, refresh_life: None };
    let issued = instance.tokens.hand_out(order, now);
    let token = json!(issued.access_token);
    instance.shelf.put(IMPERSONATIONS, &key, token.clone())?;
    ctx.notes.issued = Some(issued.name);
    Ok(token)
}
