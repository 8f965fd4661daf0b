//! What clients ask before they ask for a token.

use axum::http::StatusCode;
use serde_json::json;

use super::{Tenancy, claims, tenancy};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::signing;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
pub(in super::super) fn openid_configuration(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.param("tenant");
    let issuer = match tenancy(ctx, request)? {
        Tenancy::Own => &ctx.instance().organisation_id,
        Tenancy::Any => "{tenantid}",
    };
    let origin = &request.origin;
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
            "claims_supported": ["sub", "iss", "cloud_instance_name", "aud", "exp", "iat", "nonce", "preferred_username",
                "name", "tid", "ver", "email"],
            "kerberos_endpoint": format!("{origin}/{asked}/kerberos"),
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
            "rbac_url": "https://pas.windows.net",
        }),
    ))
}

/// `GET /{tenant}/discovery/v2.0/keys`.
pub(in super::super) fn keys(_: &mut Context<'_>, _: &Request) -> Result<Answer, Failure> {
    Ok(Answer::json(StatusCode::OK, &json!({ "keys": [signing::json_web_key()] })))
}

/// `GET /common/discovery/instance`: what MSAL asks before it trusts an authority that it does not know. It asks the fixed
/// host login.microsoftonline.com, which a proxy leads here. The authority in the question may have lost its port on the
/// way (MSAL for Python), so the answer leads back to whoever was asked.
pub(in super::super) fn instance_discovery(_: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let asked = request.query("authorization_endpoint").unwrap_or_default();
    let endpoint = url::Url::parse(asked).map_err(|_| {
        Failure::bad_parameter("authorization_endpoint", "must be the address of an authorization endpoint")
    })?;
    let tenant = endpoint.path_segments().and_then(|mut s| s.next()).unwrap_or("common").to_owned();
    let here = request.origin.split("://").nth(1).unwrap_or_default();
    let there = endpoint.host_str().unwrap_or_default();
    let mut aliases = vec![here];
    if there != here && !there.is_empty() {
        aliases.push(there);
    }
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", request.origin),
            "api-version": "1.1",
            "metadata": [{ "preferred_network": here, "preferred_cache": here, "aliases": aliases }],
        }),
    ))
}

/// `GET /common/userrealm/{user}`: every account is the directory's own.
pub(in super::super) fn user_realm(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let domain = request.param("user").split_once('@').map_or("", |(_, domain)| domain).to_owned();
    let known = domain.eq_ignore_ascii_case(&ctx.sim.world.domain);
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "ver": "1.0",
            "account_type": if known { "Managed" } else { "Unknown" },
            "domain_name": domain,
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        }),
    ))
}

/// `GET /oidc/userinfo`: who the token speaks for.
pub(in super::super) fn user_info(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let user = request.caller().user.ok_or(Failure::TokenUnknown)?;
    let person = ctx.sim.world.person(user);
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "sub": claims::subject_of(ctx, user),
            "name": person.display_name(),
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": person.email,
        }),
    ))
}

/// `GET /{tenant}/oauth2/v2.0/logout`: to where the application wants people to go, if it registered that, else a page.
pub(in super::super) fn logout(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let target = request.query("post_logout_redirect_uri").unwrap_or_default();
    let registered = ctx.instance_state().tokens.client().redirect_uris.iter().any(|uri| uri == target);
    if registered {
        return Ok(Answer::redirect(target));
    }
    let page =
        "<!doctype html><html lang=\"en\"><title>Signed out</title><p>You signed out of your account.</p></html>";
    Ok(Answer::bytes(StatusCode::OK, "text/html; charset=utf-8", page))
}
