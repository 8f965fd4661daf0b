//! How an application proves itself at the token endpoint.

use std::time::Duration;

use crate::protocol::credentials::OAUTH;
use crate::protocol::dialect::OauthFailure;
use crate::protocol::exchange::{Context, Request};
use crate::protocol::form::Parameters;
use crate::protocol::signing;
use crate::time::SimTime;
use crate::vendors::entra::objects::{application_id, secret_ends, stack_principal_id};
use crate::vendors::entra::state::Tenant;

/// The type of a signed assertion (RFC 7523).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far clocks may be apart \[recalled\].
const SKEW: Duration = Duration::from_secs(300);

/// Whether an application without a secret will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Public {
    /// It will: the grant is proof enough (device code, code with PKCE).
    Allowed,
    /// It will not.
    Refused,
}

/// How an application has proved itself; tokens remember it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Not at all.
    None,
    /// By its secret.
    Secret,
    /// By an assertion that its certificate's key signed.
    Assertion,
}

impl Proof {
    /// The kind of token that is given out on it.
    pub(super) const fn token_kind(self) -> &'static str {
        match self {
            Self::None => PUBLIC,
            Self::Secret => OAUTH,
            Self::Assertion => CERTIFICATE,
        }
    }
}

/// Tokens of a client without a secret.
const PUBLIC: &str = "public";
/// Tokens of a client with a certificate.
const CERTIFICATE: &str = "certificate";

/// What a refresh of a token of this kind must prove.
pub(super) fn renewal(token_kind: &str) -> Public {
    if token_kind == PUBLIC { Public::Allowed } else { Public::Refused }
}

/// `appidacr` of a token of this kind.
pub(super) fn authentication(token_kind: &str) -> &'static str {
    match token_kind {
        PUBLIC => "0",
        CERTIFICATE => "2",
        _ => "1",
    }
}

/// Checks client id and secret, or client id and signed assertion. The certificate that is registered for every
/// application is that of the published test key.
pub(super) fn prove(
    ctx: &mut Context<'_>,
    request: &Request,
    parameters: &Parameters,
    public: Public,
) -> Result<Proof, OauthFailure> {
    let client = ctx.instance_state().tokens.client().clone();
    let assertion = parameters.get("client_assertion").map(|token| signing::claims(token).ok_or(bad_signature("")));
    let claimed = match &assertion {
        Some(Ok(claims)) => claims["sub"].as_str().map(str::to_owned),
        _ => None,
    };
    let client_id = parameters.get("client_id").map(str::to_owned).or(claimed);
    let client_id = client_id.ok_or(OauthFailure::MissingParameter("client_id"))?;
    if !client_id.eq_ignore_ascii_case(&client.client_id) {
        return Err(OauthFailure::UnknownClient(client_id));
    }
    check_registration(ctx, &client_id)?;
    let proof = match (assertion, parameters.get("client_secret")) {
        (Some(claims), _) => {
            if parameters.get("client_assertion_type") != Some(JWT_BEARER) {
                return Err(OauthFailure::MissingParameter("client_assertion_type"));
            }
            check(&claims?, &client_id, request, ctx.now)?;
            Proof::Assertion
        }
        (None, Some(secret)) if secret == client.client_secret => Proof::Secret,
        (None, Some(_)) => return Err(OauthFailure::WrongSecret),
        (None, None) if public == Public::Allowed => Proof::None,
        (None, None) => return Err(OauthFailure::NoSecret),
    };
    if proof == Proof::Secret && ctx.now > secret_ends() {
        return Err(OauthFailure::Numbered { code: 7_000_222, about: client.client_id });
    }
    if client.disabled {
        return Err(OauthFailure::ClientDisabled(client.client_id));
    }
    Ok(proof)
}

/// Neither the application nor its service principal in this tenant is deleted.
pub(super) fn check_registration(ctx: &mut Context<'_>, client_id: &str) -> Result<(), OauthFailure> {
    let (application, principal) = (application_id(ctx), stack_principal_id(ctx));
    let gone = |tenant: &Tenant, id: &String| tenant.deleted.contains_key(id) || tenant.purged.contains(id);
    let tenant = Tenant::of(ctx);
    if gone(tenant, &application) {
        return Err(OauthFailure::UnknownClient(client_id.to_owned()));
    }
    if gone(tenant, &principal) {
        return Err(OauthFailure::Numbered { code: 7_000_229, about: client_id.to_owned() });
    }
    Ok(())
}

fn bad_signature(why: &str) -> OauthFailure {
    OauthFailure::Numbered { code: 700_027, about: why.to_owned() }
}

/// Issuer and subject are the application, the audience is this endpoint, and it is now.
fn check(claims: &serde_json::Value, client_id: &str, request: &Request, now: SimTime) -> Result<(), OauthFailure> {
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    if [text("iss"), text("sub")].iter().any(|who| !who.eq_ignore_ascii_case(client_id)) {
        return Err(bad_signature("Issuer and subject must be the application."));
    }
    let own = super::super::normalize(&request.path);
    let aud = text("aud");
    let path = aud.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    if !(path == own || own.strip_suffix("/token").is_some_and(|base| path == base.replace("/oauth2", ""))) {
        return Err(bad_signature("The audience is not this endpoint."));
    }
    let outside = |why: &str| OauthFailure::Numbered { code: 700_024, about: why.to_owned() };
    let end = claims["exp"].as_i64().ok_or_else(|| outside("It has no end."))?;
    let skew = i64::try_from(SKEW.as_secs()).unwrap_or(0);
    if now.s() > end + skew {
        return Err(outside("It has expired."));
    }
    if claims["nbf"].as_i64().is_some_and(|begin| now.s() < begin - skew) {
        return Err(outside("It is not valid yet."));
    }
    Ok(())
}
