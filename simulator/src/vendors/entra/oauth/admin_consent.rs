//! Admin consent: an administrator allows the application the permissions it is registered with.
//!
//! # Sources
//! <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>: `admin_consent=True&tenant=…&state=…`, and what
//! a refusal is redirected with.

use super::authorize::{consenting, page};
use super::own_tenant;
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters, encode_pairs};

/// What the page carries along.
const CARRIED: [&str; 4] = ["client_id", "redirect_uri", "state", "scope"];

/// Until this succeeds nobody may be sent to the redirect address.
fn read<'a>(
    ctx: &mut Context<'_>,
    request: &Request,
    parameters: &'a Parameters,
) -> Result<Vec<(&'static str, &'a str)>, Failure> {
    let want = |name| parameters.get(name).ok_or(Failure::ConsentPage(OauthFailure::MissingParameter(name)));
    let (client_id, redirect_uri) = (want("client_id")?, want("redirect_uri")?);
    own_tenant(ctx, request, client_id).map_err(Failure::ConsentPage)?;
    ctx.instance_state().tokens.check_redirect(client_id, redirect_uri).map_err(Failure::ConsentPage)?;
    Ok(CARRIED.iter().filter_map(|name| Some((*name, parameters.get(name)?))).collect())
}

/// `GET /{tenant}/adminconsent` and `/{tenant}/v2.0/adminconsent`.
pub(in super::super) fn ask(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Query]);
    let hidden = read(ctx, request, &parameters)?;
    let scopes = ctx.instance_state().tokens.client().scopes.clone();
    Ok(page(ctx, &scopes, &super::super::normalize(&request.path), &hidden))
}

/// `POST /{tenant}/adminconsent`: the administrator has pressed a button.
pub(in super::super) fn decide(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    read(ctx, request, &parameters)?;
    let scopes = ctx.instance_state().tokens.client().scopes.clone();
    let allowed = parameters.get("decision") == Some("allow");
    let tenant = ctx.instance().organisation_id.clone();
    let mut pairs = if allowed && consenting(ctx, parameters.get("user"), &scopes).is_ok() {
        vec![("admin_consent", "True"), ("tenant", tenant.as_str())]
    } else {
        vec![("error", "permission_denied"), ("error_description", "The admin canceled the request")]
    };
    pairs.extend(parameters.get("state").map(|state| ("state", state)));
    let target = parameters.get("redirect_uri").unwrap_or_default();
    let joint = if target.contains('?') { '&' } else { '?' };
    Ok(Answer::redirect(&format!("{target}{joint}{}", encode_pairs(pairs.iter().copied()))))
}
