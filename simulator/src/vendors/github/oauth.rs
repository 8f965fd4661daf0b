//! GitHub: consent and tokens of the web flow, for OAuth apps and for people who use a GitHub App.
//!
//! A code lives ten minutes and works once; the token that comes of it does not end. Scopes are asked for with spaces and
//! come back with commas. Every refusal of the token endpoint is a 200 with an `error` in it, in the form that the client
//! accepts. The redirect address may lie below the registered one, and on loopback any port will do. A GitHub App's token
//! lives eight hours and has a refresh token; it carries the app's permissions, never scopes.
//!
//! # Sources
//! docs-oauth, docs-oauth-err; the pages on refreshing user access tokens. That a scope nobody knows is left out without a
//! word is recalled.
//!
//! # Not imitated
//! PKCE is accepted and not looked at. Scopes of an earlier consent are not added. Primary e-mail addresses are verified.

use axum::http::header;

use super::apps::{self, App};
use super::tokens::{REFRESH_LIFE, USER_TO_SERVER, USER_TO_SERVER_LIFE};
use super::{errors, tokens};
use crate::protocol::consent::{self, Consent};
use crate::protocol::credentials::{Issued, OAUTH, Order};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters, encode_pairs};

/// Scopes that can be asked for.
const KNOWN_SCOPES: [&str; 22] = [
    "admin:enterprise",
    "admin:org",
    "admin:org_hook",
    "admin:repo_hook",
    "delete_repo",
    "gist",
    "manage_billing:enterprise",
    "notifications",
    "public_repo",
    "read:audit_log",
    "read:enterprise",
    "read:org",
    "read:user",
    "repo",
    "repo:status",
    "repo_deployment",
    "scim:enterprise",
    "security_events",
    "user",
    "user:email",
    "workflow",
    "write:org",
];

/// What an authorize request says, checked.
struct Wish {
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
}

impl Wish {
    fn read(ctx: &mut Context<'_>, parameters: &Parameters) -> Result<Self, Failure> {
        let missing = Failure::ConsentPage(OauthFailure::MissingParameter("client_id"));
        let client_id = parameters.get("client_id").ok_or(missing)?.to_owned();
        token_kind(ctx, &client_id).map_err(Failure::ConsentPage)?;
        let registered = ctx.instance_state().tokens.client().redirect_uris.clone();
        let redirect_uri = match parameters.get("redirect_uri") {
            Some(asked) if registered.iter().any(|r| may_redirect(r, asked)) => asked.to_owned(),
            Some(asked) => return Err(Failure::ConsentPage(OauthFailure::RedirectMismatch(asked.to_owned()))),
            None => registered.first().cloned().unwrap_or_default(),
        };
        let own = |name| parameters.get(name).unwrap_or_default().to_owned();
        Ok(Self { client_id, redirect_uri, scope: own("scope"), state: own("state") })
    }

    /// The scopes asked for that there are.
    fn scopes(&self) -> Vec<String> {
        let asked = self.scope.split([' ', ',']).filter(|s| KNOWN_SCOPES.contains(s));
        asked.map(str::to_owned).collect()
    }

    fn redirect(&self, pairs: &[(&str, &str)]) -> Answer {
        let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
        Answer::redirect(&format!("{}{joint}{}", self.redirect_uri, encode_pairs(pairs.iter().copied())))
    }
}

/// Host (or one below it) and port must be the registered ones and the path the same or below; on loopback the port is free.
pub(super) fn may_redirect(registered: &str, asked: &str) -> bool {
    let (Ok(registered), Ok(asked)) = (url::Url::parse(registered), url::Url::parse(asked)) else { return false };
    let loopback = matches!(asked.host_str(), Some("127.0.0.1" | "[::1]"));
    let port = loopback || registered.port_or_known_default() == asked.port_or_known_default();
    let (root, path) = (registered.path().trim_end_matches('/'), asked.path());
    let below = path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    registered.scheme() == asked.scheme() && same_host(&registered, &asked) && port && below
}

/// The registered host or one below it.
fn same_host(registered: &url::Url, asked: &url::Url) -> bool {
    let below =
        |(registered, asked): (&str, &str)| asked.strip_suffix(registered).is_some_and(|sub| sub.ends_with('.'));
    registered.host() == asked.host() || registered.domain().zip(asked.domain()).is_some_and(below)
}

/// Which kind of token a client of this id is given.
pub(super) fn token_kind(ctx: &mut Context<'_>, client_id: &str) -> Result<&'static str, OauthFailure> {
    if App::of(ctx.sim.scenario.seed, ctx.instance()).client_id == client_id {
        return Ok(USER_TO_SERVER);
    }
    let oauth_app = ctx.instance_state().tokens.client().client_id == client_id;
    if oauth_app { Ok(OAUTH) } else { Err(OauthFailure::UnknownClient(client_id.to_owned())) }
}

/// The stack's OAuth app and its GitHub App are two faces of one registration and share a secret (ours).
pub(super) fn check_secret(ctx: &mut Context<'_>, parameters: &Parameters) -> Result<(), OauthFailure> {
    let client = ctx.instance_state().tokens.client();
    match parameters.get("client_secret") {
        None => Err(OauthFailure::NoSecret),
        Some(secret) if secret == client.client_secret => Ok(()),
        Some(_) => Err(OauthFailure::WrongSecret),
    }
}

/// Administrators, by key and name: who may consent for an organisation.
pub(super) fn administrators(ctx: &Context<'_>) -> Vec<(String, String)> {
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app).into_iter();
    users.filter(|u| u.account.admin && u.status.enabled).map(|u| (u.person.key.clone(), u.name())).collect()
}

/// The administrator that was chosen on a page.
pub(super) fn chosen(ctx: &Context<'_>, parameters: &Parameters) -> Result<crate::world::PersonIndex, Failure> {
    let key = parameters.get("user").ok_or(Failure::ConsentPage(OauthFailure::MissingParameter("user")))?;
    let user = directory::user_by(&ctx.sim.world, &ctx.state.timeline, ctx.app, |person, _| person.key == key);
    let user = user.filter(|u| u.account.admin && u.status.enabled).map(|u| u.index);
    user.ok_or_else(|| Failure::ConsentPage(OauthFailure::NotAdministrator(key.to_owned())))
}

/// `GET /login/oauth/authorize`: the consent page.
pub(super) fn ask(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wish = Wish::read(ctx, &Parameters::read(request, &[Carrier::Query]))?;
    let name = ctx.instance_state().tokens.client().name.clone();
    let (organisation, users) = (super::names::current_login(ctx), administrators(ctx));
    Ok(consent::page(&Consent {
        vendor: "GitHub",
        client: &name,
        organisation: &ctx.sim.world.organisation,
        scopes: &wish.scopes(),
        action: "/login/oauth/authorize",
        hidden: &[
            ("client_id", &wish.client_id),
            ("redirect_uri", &wish.redirect_uri),
            ("scope", &wish.scope),
            ("state", &wish.state),
        ],
        users: &users,
        teams: &[(organisation.clone(), organisation.clone())],
        chosen_team: &organisation,
    }))
}

/// `POST /login/oauth/authorize`: the administrator has pressed a button.
pub(super) fn decide(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    let wish = Wish::read(ctx, &parameters)?;
    if parameters.get("decision") != Some("allow") {
        let description = "The user has denied your application access.";
        let uri = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied";
        return Ok(wish.redirect(&[
            ("error", "access_denied"),
            ("error_description", description),
            ("error_uri", uri),
            ("state", &wish.state),
        ]));
    }
    let user = chosen(ctx, &parameters)?;
    let kind = token_kind(ctx, &wish.client_id).map_err(Failure::ConsentPage)?;
    let scopes = match kind {
        OAUTH => wish.scopes(),
        _ => apps::scopes(ctx),
    };
    let now = ctx.now;
    let code = ctx.instance_state().tokens.issue_code_for(user, &wish.redirect_uri, scopes, kind, now);
    let mut pairs = vec![("code", code.as_str())];
    if !wish.state.is_empty() {
        pairs.push(("state", &wish.state));
    }
    Ok(wish.redirect(&pairs))
}

/// `POST /login/oauth/access_token`: codes, refresh tokens and device codes.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, tokens::RULES.carriers);
    let want = |name| parameters.get(name).ok_or(OauthFailure::MissingParameter(name));
    let client_id = parameters.get("client_id").ok_or(OauthFailure::UnknownClient(String::new()))?;
    let kind = token_kind(ctx, client_id)?;
    let now = ctx.now;
    let (grant, order) = match parameters.get("grant_type") {
        Some(super::device::GRANT) => return super::device::token(ctx, request, want("device_code")?),
        Some("refresh_token") => {
            check_secret(ctx, &parameters)?;
            ctx.instance_state().tokens.refresh(want("refresh_token")?, now)?
        }
        None | Some("authorization_code") => {
            check_secret(ctx, &parameters)?;
            ctx.instance_state().tokens.redeem_code(want("code")?, parameters.get("redirect_uri"), now)?
        }
        Some(other) => return Err(OauthFailure::UnsupportedGrant(other.to_owned()).into()),
    };
    if order.token_kind != kind {
        return Err(OauthFailure::BadCode { why: "it was given to another client" }.into());
    }
    let issued = ctx.instance_state().tokens.issue(grant, with_lives(order), now);
    Ok(given(ctx, request, &issued))
}

/// A GitHub App's tokens end, an OAuth app's do not.
fn with_lives(order: Order) -> Order {
    match order.token_kind {
        USER_TO_SERVER => Order { life: USER_TO_SERVER_LIFE, refresh_life: Some(REFRESH_LIFE), ..order },
        _ => Order { refresh_life: None, ..order },
    }
}

/// The answer that hands a token over.
pub(super) fn given(ctx: &mut Context<'_>, request: &Request, issued: &Issued) -> Answer {
    ctx.notes.issued = Some(issued.name.clone());
    let accept = request.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let scope = if issued.refresh_token.is_some() { String::new() } else { issued.scopes.join(",") };
    let expires_in = issued.expires_in_s.map(|s| (s + 1).to_string());
    let refresh_life = REFRESH_LIFE.as_secs().to_string();
    let mut pairs = vec![("access_token", issued.access_token.as_str())];
    pairs.extend(expires_in.iter().map(|life| ("expires_in", life.as_str())));
    if let Some(refresh_token) = &issued.refresh_token {
        pairs.extend([("refresh_token", refresh_token.as_str()), ("refresh_token_expires_in", &refresh_life)]);
    }
    pairs.extend([("scope", scope.as_str()), ("token_type", "bearer")]);
    errors::answer(&pairs, accept)
}
