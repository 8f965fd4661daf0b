//! The token endpoint. Fields it does not know are ignored: MSAL sends a good many, a `claims` challenge among them.
//!
//! # Not imitated
//! The grants `password` and on-behalf-of; other grants than client credentials on version 1; tokens for other resources than
//! Graph; claims challenges
//! (`interaction_required` with `claims`); loop detection (AADSTS50196), whose threshold is not documented.
//!
//! # Sources
//! The identity platform's pages of each flow; error code reference. The shape of version 1 answers, with numbers as
//! texts, is from its documentation of client credentials.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::client::{Proof, Public, prove, renewal};
use super::{RULES, Tenancy, claims, device, other_resource, own_tenant, scope, tenancy};
use crate::protocol::credentials::{Grant, Issued, Order};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::Parameters;
use crate::timeline::AccountStatus;
use crate::vendors::entra::objects::sign_in_name;
use crate::vendors::entra::state::Tenant;
use crate::world::PersonIndex;

/// RFC 8628.
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(in super::super) fn token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    let grant = parameters.get("grant_type").ok_or(OauthFailure::MissingParameter("grant_type"));
    if tenancy(ctx, request)? == Tenancy::Any {
        let alone = matches!(grant, Ok("client_credentials"));
        let client_id = parameters.get("client_id").unwrap_or_default();
        return Err(if alone { numbered(50_059, "") } else { numbered(50_194, client_id) }.into());
    }
    if let Some(answer) = other_resource::token(ctx, request, &parameters)? {
        return Ok(answer);
    }
    let (issued, nonce) = match grant? {
        grant if grant == Grant::ClientCredentials.name() => {
            let asked = parameters.get("scope").ok_or(OauthFailure::MissingParameter("scope"))?;
            let proof = prove(ctx, request, &parameters, Public::Refused)?;
            scope::of_application(asked, &request.origin)?;
            (application(ctx, proof), None)
        }
        grant if grant == Grant::AuthorizationCode.name() => code(ctx, request, &parameters)?,
        grant if grant == Grant::RefreshToken.name() => (refresh(ctx, request, &parameters)?, None),
        DEVICE_CODE => {
            let proof = prove(ctx, request, &parameters, Public::Allowed)?;
            let code = parameters.get("device_code").ok_or(OauthFailure::MissingParameter("device_code"))?;
            (device::redeem(ctx, code, proof)?, None)
        }
        other => return Err(OauthFailure::UnsupportedGrant(other.to_owned()).into()),
    };
    ctx.notes.issued = Some(issued.name.clone());
    Ok(Answer::json(StatusCode::OK, &body(ctx, &parameters, &issued, nonce.as_deref())))
}

fn numbered(code: u32, about: &str) -> OauthFailure {
    OauthFailure::Numbered { code, about: about.to_owned() }
}

/// A token for the application itself, with the permissions it holds now: none is no reason to refuse it.
fn application(ctx: &mut Context<'_>, proof: Proof) -> Issued {
    let now = ctx.now;
    let tokens = &mut ctx.instance_state().tokens;
    let (scopes, life) = (tokens.client().scopes.clone(), tokens.access_life());
    tokens.hand_out(Order { token_kind: proof.token_kind(), user: None, scopes, life, refresh_life: None }, now)
}

/// A code for tokens; with the nonce it was asked for with.
fn code(
    ctx: &mut Context<'_>,
    request: &Request,
    parameters: &Parameters,
) -> Result<(Issued, Option<String>), OauthFailure> {
    let code = parameters.get("code").ok_or(OauthFailure::MissingParameter("code"))?;
    let redirect_uri = parameters.get("redirect_uri").ok_or(OauthFailure::MissingParameter("redirect_uri"))?;
    let asked = Tenant::of(ctx).asked.iter().find(|(known, _)| known == code).map(|(_, asked)| asked.clone());
    let asked = asked.unwrap_or_default();
    let public = if asked.challenge.is_some() { Public::Allowed } else { Public::Refused };
    let proof = prove(ctx, request, parameters, public)?;
    if let Some(challenge) = &asked.challenge
        && !parameters.get("code_verifier").is_some_and(|verifier| challenge.is_met_by(verifier))
    {
        return Err(numbered(501_481, ""));
    }
    let now = ctx.now;
    let (grant, order) = ctx.instance_state().tokens.redeem_code(code, Some(redirect_uri), now)?;
    let scopes = scope::narrowed(&order.scopes, parameters.get("scope"), &request.origin)?;
    let issued = issue(ctx, grant, Order { scopes, token_kind: proof.token_kind(), ..order })?;
    Ok((issued, asked.nonce))
}

/// A refresh token for a new pair.
fn refresh(ctx: &mut Context<'_>, request: &Request, parameters: &Parameters) -> Result<Issued, OauthFailure> {
    let token = parameters.get("refresh_token").ok_or(OauthFailure::MissingParameter("refresh_token"))?.to_owned();
    let (now, issued_at) = (ctx.now, ctx.instance_state().tokens.issued_at(&token));
    let held = ctx.instance_state().tokens.refresh(&token, now);
    // Whoever got the grant without a secret renews it without one; nobody else learns anything about the token.
    let public = held.as_ref().map_or(Public::Refused, |(_, order)| renewal(order.token_kind));
    prove(ctx, request, parameters, public)?;
    let (grant, order) = held?;
    if let (Some(user), Some(issued_at)) = (order.user, issued_at) {
        let status = status(ctx, user);
        if status.sessions_valid_from.is_some_and(|from| from > issued_at) {
            return Err(numbered(50_173, ""));
        }
    }
    let scopes = scope::narrowed(&order.scopes, parameters.get("scope"), &request.origin)?;
    issue(ctx, grant, Order { scopes, ..order })
}

fn status(ctx: &Context<'_>, user: PersonIndex) -> AccountStatus {
    ctx.state.timeline.account(user, ctx.app)
}

/// Gives out tokens in a person's name, if they are there and enabled; a refresh token for who asked for it.
fn issue(ctx: &mut Context<'_>, grant: u32, order: Order) -> Result<Issued, OauthFailure> {
    if let Some(user) = order.user {
        let login = claims::identity(ctx, user).1;
        let person = ctx.sim.world.person(user);
        let name = sign_in_name(person, &login, &ctx.sim.world.domain).into_owned();
        let there = directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, user);
        let there = there.ok_or_else(|| numbered(50_034, &name))?;
        if !there.status.enabled {
            return Err(numbered(50_057, ""));
        }
    }
    let refreshes = order.scopes.iter().any(|scope| scope == "offline_access");
    let refresh_life = order.refresh_life.filter(|_| refreshes);
    let now = ctx.now;
    Ok(ctx.instance_state().tokens.issue(grant, Order { refresh_life, ..order }, now))
}

fn body(ctx: &Context<'_>, parameters: &Parameters, issued: &Issued, nonce: Option<&str>) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": issued.expires_in_s,
        "ext_expires_in": issued.expires_in_s,
        "access_token": issued.access_token,
    });
    let Some(user) = issued.user else { return body };
    body["scope"] = json!(scope::printed(&issued.scopes));
    if let Some(refresh_token) = &issued.refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    if issued.scopes.iter().any(|scope| scope == "openid") {
        body["id_token"] = json!(claims::id_token(ctx, user, nonce));
    }
    if parameters.get("client_info") == Some("1") {
        let info = json!({ "uid": claims::identity(ctx, user).0, "utid": ctx.instance().organisation_id });
        body["client_info"] = json!(BASE64_URL_SAFE_NO_PAD.encode(info.to_string()));
    }
    body
}

/// `POST /{tenant}/oauth2/token`, version 1: `resource` in place of `scope`. Client credentials only.
pub(in super::super) fn token_v1(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    own_tenant(ctx, request, parameters.get("client_id").unwrap_or_default())?;
    let grant = parameters.get("grant_type").ok_or(OauthFailure::MissingParameter("grant_type"))?;
    if grant != Grant::ClientCredentials.name() {
        return Err(OauthFailure::UnsupportedGrant(grant.to_owned()).into());
    }
    if let Some(answer) = other_resource::token_v1(ctx, request, &parameters)? {
        return Ok(answer);
    }
    let proof = prove(ctx, request, &parameters, Public::Refused)?;
    let resource = parameters.get("resource").ok_or(OauthFailure::MissingParameter("resource"))?;
    scope::of_application(&format!("{}/.default", resource.trim_end_matches('/')), &request.origin)?;
    let issued = application(ctx, proof);
    ctx.notes.issued = Some(issued.name.clone());
    let life = issued.expires_in_s.unwrap_or(0);
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "token_type": "Bearer",
            "expires_in": life.to_string(),
            "ext_expires_in": life.to_string(),
            "expires_on": (ctx.now.s() + i64::try_from(life).unwrap_or(0)).to_string(),
            "not_before": ctx.now.s().to_string(),
            "resource": resource,
            "access_token": issued.access_token,
        }),
    ))
}
