//! Who may ask: the token that a person makes by hand in the portal, and what the directory gives out for this API.
//!
//! The first stands behind `Authorization: Token`, in any case of letters, and acts with the rights of the person who made
//! it (here `it_admin`): when that person is gone or disabled, it is refused although it is listed still. The second stands
//! behind `Bearer`, names this API in `aud`, and carries permissions: as `roles` for an application, as `scp` for a person.
//!
//! The directory of the scenario gives such tokens out at its own token endpoint. For a world without one, and for clients
//! that are told one address only, the endpoint is served here too, with a registration of its own.
//!
//! # Not imitated
//! Making, listing and revoking tokens, which is the portal's. States of a token. Passwords: whoever asks in a person's name
//! (`grant_type=password`, as the documentation's sample does) may write any. Roles that are scoped to apps or groups.
//!
//! # Sources
//! The pages on legacy tokens, on application and on user context: scheme, audience, permissions, lifetimes, the words of
//! the permissions table. The form of a legacy token: microsoft/MCAS. That a token of one kind is refused behind the other's
//! scheme is a guess; the block script is documented to take both.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::protocol::credentials::{
    BearerFrom, CredentialRules, Grant, HEX, Issued, Mint, OAUTH, Order, READY, Rotation, TokenKind, drawn_text,
};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Access, Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters};
use crate::protocol::signing;
use crate::scenario::Credentials;
use crate::seed::Seed;
use crate::world::{Instance, PersonIndex};

/// The application that this API is to a directory.
pub(super) const RESOURCE: &str = "05a65629-4c1b-48c1-a78b-804c4abdd4af";

pub(super) const READ: &str = "Investigation.read";
pub(super) const MANAGE: &str = "Investigation.manage";
pub(super) const DISCOVERY_READ: &str = "Discovery.read";
pub(super) const DISCOVERY_MANAGE: &str = "Discovery.manage";
pub(super) const SETTINGS_READ: &str = "Settings.read";
pub(super) const SETTINGS_MANAGE: &str = "Settings.manage";

/// The scheme of tokens made by hand.
const SCHEME: &str = "token";
/// The grant that wants name and password.
const PASSWORD: &str = "password";
/// The person who made the token in the portal: `it_admin`, the first of all people.
const MAKER: PersonIndex = PersonIndex(0);

const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The rules.
pub(super) const RULES: CredentialRules = CredentialRules {
    kinds: &[Credentials::App, Credentials::Token],
    permitted: &[],
    grants: &[Grant::ClientCredentials],
    carriers: &[Carrier::Form, Carrier::Basic],
    bearer: &[BearerFrom::Scheme(SCHEME), BearerFrom::Header],
    code_life: Duration::from_secs(600),
    access_life: Duration::from_secs(3_600),
    refresh_life: None,
    rotation: Rotation::None,
    scopes: &[READ, MANAGE, DISCOVERY_READ, DISCOVERY_MANAGE, SETTINGS_READ, SETTINGS_MANAGE],
    register,
    resource: Some(RESOURCE),
    mint,
    source: "https://learn.microsoft.com/defender-cloud-apps/api-authentication",
};

fn register(seed: Seed, instance: &Instance, client: &str) -> (String, String) {
    let secret = drawn_text(seed, &["client secret", &instance.name, client], URL_SAFE, 37);
    (seed.uuid(&["client id", &instance.name, client]), format!("{}8Q~{}", &secret[..3], &secret[3..]))
}

fn mint(mint: &Mint<'_>) -> String {
    match (mint.kind, mint.token_kind) {
        (TokenKind::Access, READY) => mint.text(HEX, 64),
        (TokenKind::Access, _) => signing::sign(&claims(mint)),
        (kind, _) => format!("{}.{}", kind.word(), mint.text(URL_SAFE, 120)),
    }
}

/// What the directory says in a token for this API. Its own id of the tenant is not known here; it is drawn like every
/// other (`tid` names no instance of the scenario).
fn claims(mint: &Mint<'_>) -> Value {
    let tenant = mint.seed.uuid(&["defender tenant", &mint.instance.name]);
    let issuer = format!("https://sts.windows.net/{tenant}/");
    let expires = mint.expires.unwrap_or(mint.issued + Duration::from_secs(365 * 86_400));
    let mut claims = json!({
        "aud": RESOURCE,
        "iss": issuer,
        "iat": mint.issued.s(),
        "nbf": mint.issued.s(),
        "exp": expires.s(),
        "appid": mint.client_id,
        "appidacr": "1",
        "idp": issuer,
        "tid": tenant,
        "uti": mint.text(URL_SAFE, 22),
        "ver": "1.0",
    });
    match mint.person {
        Some((_, person)) => {
            claims["oid"] = json!(person.directory_id);
            claims["upn"] = json!(person.email);
            claims["name"] = json!(person.display_name());
            claims["scp"] = json!(mint.scopes.join(" "));
        }
        None => {
            let principal = mint.seed.uuid(&["service principal", mint.client_id]);
            claims["oid"] = json!(principal);
            claims["roles"] = json!(mint.scopes);
        }
    }
    claims
}

/// What a token is refused for beside its scopes.
pub(super) fn check(ctx: &Context<'_>, request: &Request) -> Result<(), Failure> {
    let (Access::Token(_), Some(caller)) = (&request.route.access, &request.principal) else { return Ok(()) };
    let header = request.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let by_hand = header.split(' ').next().is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
    if by_hand != (caller.token_kind == READY) {
        return Err(Failure::TokenUnknown);
    }
    if caller.token_kind == READY && !is_there(ctx, MAKER) {
        return Err(Failure::Forbidden { why: "whoever made the token is disabled or gone".to_owned() });
    }
    if caller.user.is_some_and(|user| !is_there(ctx, user)) {
        return Err(Failure::Forbidden { why: "the person is disabled or gone".to_owned() });
    }
    Ok(())
}

/// Whether somebody is in the directory and enabled; where there is none, everybody is.
fn is_there(ctx: &Context<'_>, person: PersonIndex) -> bool {
    let Some(directory) = directory::directory(&ctx.sim.world) else { return true };
    if !ctx.sim.world.person(person).accounts.contains_key(&directory.app) {
        return true;
    }
    let user = directory::user(&ctx.sim.world, &ctx.state.timeline, directory.app, person);
    user.is_some_and(|user| user.status.enabled)
}

/// `POST /{tenant}/oauth2/v2.0/token`: `scope` names the resource.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    let want = |name| parameters.get(name).ok_or(OauthFailure::MissingParameter(name));
    let grant = want("grant_type")?;
    let asked = want("scope")?;
    if grant == PASSWORD {
        return in_a_persons_name(ctx, &parameters, asked);
    }
    if asked != format!("{RESOURCE}/.default") {
        return Err(OauthFailure::BadScope(asked.to_owned()).into());
    }
    let now = ctx.now;
    let issued = ctx.instance_state().tokens.exchange(&parameters, now)?;
    Ok(answer(ctx, &issued))
}

/// `POST /{tenant}/oauth2/token`, version 1: `resource` in place of `scope`.
pub(super) fn token_v1(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    let resource = parameters.get("resource").ok_or(OauthFailure::MissingParameter("resource"))?;
    if resource.trim_end_matches('/') != RESOURCE {
        return Err(OauthFailure::BadScope(resource.to_owned()).into());
    }
    let now = ctx.now;
    let issued = ctx.instance_state().tokens.exchange(&parameters, now)?;
    let mut told = answer(ctx, &issued).json_body();
    told["expires_in"] = json!(issued.expires_in_s.unwrap_or(0).to_string());
    told["ext_expires_in"] = told["expires_in"].clone();
    told["resource"] = json!(resource);
    Ok(Answer::json(StatusCode::OK, &told))
}

/// Permissions of this API, in any case of letters, for somebody who writes name and password into the request.
fn in_a_persons_name(ctx: &mut Context<'_>, parameters: &Parameters, asked: &str) -> Result<Answer, Failure> {
    let want = |name| parameters.get(name).ok_or(OauthFailure::MissingParameter(name));
    let (client_id, name) = (want("client_id")?, want("username")?);
    want(PASSWORD)?;
    let secret = parameters.get("client_secret").ok_or(OauthFailure::NoSecret)?;
    ctx.instance_state().tokens.check_secret(client_id, secret)?;
    let mut scopes = Vec::new();
    for word in asked.split_whitespace() {
        let permission = word.strip_prefix(RESOURCE).and_then(|rest| rest.strip_prefix('/')).unwrap_or(word);
        let known = RULES.scopes.iter().find(|known| known.eq_ignore_ascii_case(permission));
        scopes.push((*known.ok_or_else(|| OauthFailure::BadScope(word.to_owned()))?).to_owned());
    }
    let granted = ctx.instance_state().tokens.granted();
    scopes.retain(|scope| granted.contains(scope));
    let person = ctx.sim.world.person_by_email(name).filter(|person| is_there(ctx, *person));
    let user = Some(person.ok_or_else(|| OauthFailure::NotAdministrator(name.to_owned()))?);
    let now = ctx.now;
    let tokens = &mut ctx.instance_state().tokens;
    let order = Order { token_kind: OAUTH, user, scopes, life: tokens.access_life(), refresh_life: None };
    let issued = tokens.hand_out(order, now);
    Ok(answer(ctx, &issued))
}

fn answer(ctx: &mut Context<'_>, issued: &Issued) -> Answer {
    ctx.notes.issued = Some(issued.name.clone());
    let mut told = json!({
        "token_type": "Bearer",
        "expires_in": issued.expires_in_s,
        "ext_expires_in": issued.expires_in_s,
        "access_token": issued.access_token,
    });
    if issued.user.is_some() {
        told["scope"] = json!(issued.scopes.join(" "));
    }
    Answer::json(StatusCode::OK, &told)
}
