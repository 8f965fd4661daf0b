//! Entra: discovery documents, keys, and tokens for applications.
//!
//! Client credentials with the secret in the form or as HTTP Basic; real RS256 tokens, signed with the published test
//! key. A token carries the granted application permissions as `roles`. `issuer` and `iss` are names and keep the
//! vendor's literal form; every other URL is built from the address that the client used.
//!
//! # Not imitated
//! Authorization code, refresh, device code, on-behalf-of, assertions, v1 endpoints, admin consent.
//!
//! # Sources
//! Identity platform documentation: client credentials flow, access tokens reference, OpenID Connect discovery; MSAL's
//! sources for instance discovery. 3599 seconds stand in every documented sample.

use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use crate::protocol::credentials::{BearerFrom, CredentialRules, Grant, Mint, Rotation, drawn_text};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters};
use crate::protocol::signing;
use crate::seed::Seed;
use crate::world::Instance;

/// The one scope that an application asks for.
pub(super) const SCOPE: &str = "https://graph.microsoft.com/.default";

/// Graph, as a resource: its address and its application id.
const GRAPH: [&str; 2] = ["https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"];

const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SECRET_LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

/// Entra's rules.
pub(super) const RULES: CredentialRules = CredentialRules {
    grants: &[Grant::ClientCredentials],
    carriers: &[Carrier::Form, Carrier::Basic],
    bearer: &[BearerFrom::Header],
    code_life: Duration::from_secs(600),
    access_life: Duration::from_secs(3_600),
    refresh_life: None,
    rotation: Rotation::None,
    scopes: &[
        "AuditLog.Read.All",
        "Directory.Read.All",
        "Mail.Send",
        "User.EnableDisableAccount.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "User.RevokeSessions.All",
    ],
    register,
    mint,
    source: "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow",
};

fn register(seed: Seed, instance: &Instance, client: &str) -> (String, String) {
    let secret = drawn_text(seed, &["client secret", &instance.name, client], SECRET_LETTERS, 34);
    (client_id(seed, instance, client), format!("{}8Q~{}", &secret[..3], &secret[3..]))
}

/// Client id of an application.
pub(super) fn client_id(seed: Seed, instance: &Instance, client: &str) -> String {
    seed.uuid(&["client id", &instance.name, client])
}

/// Object id of an application's service principal.
pub(super) fn service_principal_id(seed: Seed, instance: &Instance, client: &str) -> String {
    seed.uuid(&["service principal", &instance.name, client])
}

/// The claims of an application's token for Graph, in its own version 1.0.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: &'a str,
    appidacr: &'a str,
    idp: String,
    idtyp: &'a str,
    oid: &'a str,
    roles: &'a [String],
    sub: &'a str,
    tid: &'a str,
    uti: String,
    ver: &'a str,
}

fn mint(mint: &Mint<'_>) -> String {
    let tenant = &mint.instance.organisation_id;
    let principal = service_principal_id(mint.seed, mint.instance, mint.client_id);
    let issuer = format!("https://sts.windows.net/{tenant}/");
    // A token without an end of its own still has to name one.
    let expires = mint.expires.unwrap_or(mint.issued + Duration::from_secs(365 * 86_400));
    signing::sign(&Claims {
        aud: GRAPH[0],
        iss: issuer.clone(),
        iat: mint.issued.s(),
        nbf: mint.issued.s(),
        exp: expires.s(),
        appid: mint.client_id,
        appidacr: "1",
        idp: issuer,
        idtyp: "app",
        oid: &principal,
        roles: mint.scopes,
        sub: &principal,
        tid: tenant,
        uti: mint.text(URL_SAFE, 22),
        ver: "1.0",
    })
}

/// The tenant of the path, if it is this one: by id or by its domain. `common` names none.
fn own_tenant(ctx: &Context<'_>, request: &Request) -> Result<(), OauthFailure> {
    let asked = request.param("tenant");
    if asked.eq_ignore_ascii_case(&ctx.instance().organisation_id) || asked.eq_ignore_ascii_case(&ctx.sim.world.domain)
    {
        Ok(())
    } else {
        Err(OauthFailure::UnknownTenant(asked.to_owned()))
    }
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
pub(super) fn openid_configuration(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("tenant");
    let any = ["common", "organizations"].contains(&asked);
    if !any {
        own_tenant(ctx, request)?;
    }
    let origin = &request.origin;
    let issuer = if any { "{tenantid}" } else { &ctx.instance().organisation_id };
    let v2 = format!("{origin}/{asked}/oauth2/v2.0");
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "token_endpoint": format!("{v2}/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{origin}/{asked}/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": format!("https://login.microsoftonline.com/{issuer}/v2.0"),
            "request_uri_parameter_supported": false,
            "userinfo_endpoint": format!("{origin}/oidc/userinfo"),
            "authorization_endpoint": format!("{v2}/authorize"),
            "device_authorization_endpoint": format!("{v2}/devicecode"),
            "http_logout_supported": true,
            "frontchannel_logout_supported": true,
            "end_session_endpoint": format!("{v2}/logout"),
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
            "rbac_url": "https://pas.windows.net",
        }),
    ))
}

/// `GET /{tenant}/discovery/v2.0/keys`.
pub(super) fn keys(_: &mut Context<'_>, _: &Request) -> Result<Answer, Failure> {
    Ok(Answer::json(StatusCode::OK, &json!({ "keys": [signing::json_web_key()] })))
}

/// `GET /common/discovery/instance`: what MSAL asks before it trusts an authority that it does not know.
pub(super) fn instance_discovery(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.query("authorization_endpoint").unwrap_or_default();
    let endpoint = url::Url::parse(asked).map_err(|_| {
        Failure::bad_parameter("authorization_endpoint", "must be the address of an authorization endpoint")
    })?;
    let tenant = endpoint.path_segments().and_then(|mut s| s.next()).unwrap_or("common").to_owned();
    let host = request.origin.split("://").nth(1).unwrap_or_default();
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", request.origin),
            "api-version": "1.1",
            "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
        }),
    ))
}

/// `POST /{tenant}/oauth2/v2.0/token`. Fields it does not know are ignored: MSAL sends a good many.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_tenant(ctx, request)?;
    let parameters = Parameters::read(request, RULES.carriers);
    if parameters.get("grant_type") == Some(Grant::ClientCredentials.name()) {
        check_scope(parameters.get("scope").ok_or(OauthFailure::MissingParameter("scope"))?, &request.origin)?;
    }
    let now = ctx.now;
    let issued = ctx.instance_state().tokens.exchange(&parameters, now)?;
    ctx.notes.issued = Some(issued.name);
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "token_type": "Bearer",
            "expires_in": issued.expires_in_s,
            "ext_expires_in": issued.expires_in_s,
            "access_token": issued.access_token,
        }),
    ))
}

/// One resource's `/.default`: Graph's, by its own name or by the address it is imitated at.
fn check_scope(scope: &str, origin: &str) -> Result<(), OauthFailure> {
    let bad = || OauthFailure::BadScope(scope.to_owned());
    let resource = scope.strip_suffix("/.default").ok_or_else(bad)?.trim_end_matches('/');
    if GRAPH.contains(&resource) || resource == origin { Ok(()) } else { Err(bad()) }
}
