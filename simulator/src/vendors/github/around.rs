//! What GitHub does around every room: before it, who may come in at all; after it, what clients keep and compare.
//!
//! # Sources
//! docs-trouble: a `User-Agent` is wanted (the words are recalled). "API versions": an unknown one is a 400.
//! <https://github.com/github/docs/issues/31661>: single sign-on that a token was not authorised for. docs-best: `ETag`, and
//! a 304 that costs nothing. <https://github.com/google/go-github/issues/2649>: the end of a token in two layouts. A renamed
//! organisation's old name leads to its number (PyGithub then loses the query). The words of a refused address are a guess.
//!
//! "Reviewing and revoking personal access tokens in your organization": a fine-grained token whose request is pending, was
//! denied or revoked sees what is public alone; that the rest is then a 404 is a guess.
//!
//! An organisation's allow list holds the stack's address until the script enables it and then takes that entry away
//! (`event` `ip_allow_list_entry.destroy` with the object `stack`) (ours).

use axum::http::{HeaderName, Method, StatusCode, header};
use serde_json::json;

use super::names::{self, Customer};
use super::tokens::has_scopes;
use super::{credentials, errors, fine_grained};
use crate::journal::Refusal;
use crate::protocol::credentials::{FINE_GRAINED, READY};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Access, Answer, Context, Handler, Request};
use crate::protocol::form::encode_pairs;
use crate::protocol::validators;
use crate::scenario::SignIn;
use crate::time::SimTime;
use crate::timeline::Aspect;

/// API versions that are served.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// Answers a request.
pub(super) fn around(room: Handler, ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    if errors::is_web(&request.path) {
        return room(ctx, request);
    }
    wants_a_client(request)?;
    if let Some(moved) = customer(ctx, request)? {
        return Ok(moved);
    }
    allowed(ctx, request)?;
    let answer = room(ctx, request)?;
    let answer = told_of_the_token(ctx, request, answer);
    Ok(conditional(ctx, request, answer))
}

fn own(status: StatusCode, message: &str, refusal: Refusal, why: String) -> Failure {
    Failure::Own { status, message: message.to_owned(), headers: Vec::new(), why, refusal }
}

fn wants_a_client(request: &Request) -> Result<(), Failure> {
    if request.headers.get(header::USER_AGENT).is_none_or(|name| name.is_empty()) {
        let message =
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
        return Err(own(StatusCode::FORBIDDEN, message, Refusal::Request, "header: no User-Agent".to_owned()));
    }
    let version = request.headers.get("x-github-api-version").and_then(|v| v.to_str().ok());
    match version.filter(|v| !VERSIONS.contains(v)) {
        None => Ok(()),
        Some(version) => {
            let message = format!("{version} is not a supported version of the GitHub API.");
            Err(own(StatusCode::BAD_REQUEST, &message, Refusal::Request, format!("header: no version {version}")))
        }
    }
}

/// Whether the path names this customer; its old name, after the script has renamed it, is answered with where it is now.
fn customer(ctx: &Context<'_>, request: &Request) -> Result<Option<Answer>, Failure> {
    let customer = Customer::here(ctx);
    let current = names::current_login(ctx);
    for (name, value) in &request.params {
        match name.as_str() {
            "org" | "owner" => {
                let number = value.parse() == Ok(customer.id);
                if value.eq_ignore_ascii_case(&current) || (number && name == "org") {
                    continue;
                }
                if !value.eq_ignore_ascii_case(&customer.login) {
                    return Err(Failure::not_found("organization", value));
                }
                return Ok(Some(moved(request, value, customer.id)));
            }
            "enterprise" if *value != customer.enterprise && value.parse() != Ok(customer.enterprise_id) => {
                return Err(Failure::not_found("enterprise", value));
            }
            _ => {}
        }
    }
    Ok(None)
}

fn moved(request: &Request, old: &str, id: u64) -> Answer {
    let own = request.path.strip_prefix(names::SERVER_PREFIX).unwrap_or(&request.path);
    let rest = own.split_once(old).map_or("", |(_, rest)| rest);
    let query = encode_pairs(request.query.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let joint = if query.is_empty() { "" } else { "?" };
    let url = format!("{}/organizations/{id}{rest}{joint}{query}", names::api(request));
    let body =
        json!({ "message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest" });
    Answer::json(StatusCode::MOVED_PERMANENTLY, &body).with(header::LOCATION, &url)
}

/// Allow list and single sign-on, for those who come with a token.
fn allowed(ctx: &mut Context<'_>, request: &Request) -> Result<(), Failure> {
    let Some(caller) = &request.principal else { return Ok(()) };
    let changed = |aspect| ctx.state.timeline.changed(ctx.app, &aspect).map(str::to_owned);
    let listed = changed(Aspect::Setting("ip_allow_list".to_owned())).as_deref() == Some("enabled");
    let taken = changed(Aspect::latest("ip_allow_list_entry", "stack")).as_deref() == Some("destroy");
    if listed && taken {
        let login = names::current_login(ctx);
        let message = format!(
            "Although you appear to have the correct authorization credentials, the `{login}` organization has an IP allow \
             list enabled, and your IP address is not permitted to access this resource."
        );
        let why = "address: not on the allow list".to_owned();
        return Err(own(StatusCode::FORBIDDEN, &message, Refusal::Address, why));
    }
    if caller.token_kind == FINE_GRAINED && !fine_grained::is_approved(ctx) && is_private(request) {
        return Err(Failure::not_found("organization", "of a fine-grained token that was not approved"));
    }
    let Some(user) = caller.user.filter(|_| caller.token_kind == READY) else { return Ok(()) };
    let sso = ctx.instance().sign_in == SignIn::Sso
        && directory::single_sign_on(&ctx.sim.world, ctx.instance(), &ctx.sim.world.people[user.0]).is_some();
    if sso && credentials::is_unauthorised(ctx, user) {
        let message = "Resource protected by organization SAML enforcement. You must grant your Personal Access token access \
                       to this organization.";
        let login = names::current_login(ctx);
        let url = format!("{}/orgs/{login}/sso?authorization_request=AAAA", request.origin);
        let header = ("x-github-sso", format!("required; url={url}"));
        return Err(Failure::Own {
            status: StatusCode::FORBIDDEN,
            message: message.to_owned(),
            headers: vec![header],
            why: "token: its authorisation was revoked".to_owned(),
            refusal: Refusal::Token,
        });
    }
    Ok(())
}

/// Whether a route shows what only the organisation's own people see: with rights, and in its name.
fn is_private(request: &Request) -> bool {
    let customers = ["org", "owner", "enterprise"];
    request.route.access != Access::Token(&[])
        && request.params.iter().any(|(name, _)| customers.contains(&name.as_str()))
}

/// What a token carries, and when it ends.
fn told_of_the_token(ctx: &mut Context<'_>, request: &Request, answer: Answer) -> Answer {
    let Some(caller) = &request.principal else { return answer };
    let mut answer = answer;
    if has_scopes(caller.token_kind)
        && let Access::Token(accepted) = request.route.access
    {
        let accepted: Vec<&str> = accepted.iter().copied().filter(|scope| !is_permission(scope)).collect();
        answer = answer
            .with(HeaderName::from_static("x-oauth-scopes"), &caller.scopes.join(", "))
            .with(HeaderName::from_static("x-accepted-oauth-scopes"), &accepted.join(", "));
    } else if let Access::Token(accepted) = request.route.access {
        let accepted = accepted_permissions(accepted);
        answer = answer.with(HeaderName::from_static("x-accepted-github-permissions"), &accepted);
    }
    let now = ctx.now;
    let tokens = &ctx.instance_state().tokens;
    let value = tokens.value_presented(&request.headers, &request.query);
    let expires = value.and_then(|value| tokens.token(&value, now).ok()).and_then(|token| token.expires);
    match expires {
        Some(end) => {
            let name = HeaderName::from_static("github-authentication-token-expiration");
            answer.with(name, &expiration(end, caller.access_token))
        }
        None => answer,
    }
}

/// The header that tells who carries permissions which of them open a route: one of these will do.
pub(super) fn accepted_permissions<S: AsRef<str>>(rights: &[S]) -> String {
    let permissions = rights.iter().map(AsRef::as_ref).filter(|right| is_permission(right));
    permissions.map(|right| right.replace(':', "=")).collect::<Vec<_>>().join("; ")
}

/// Whether an accepted right is an app's permission and not a scope: `members:read`, not `read:org`.
pub(super) fn is_permission(right: &str) -> bool {
    right.ends_with(":read") || right.ends_with(":write")
}

/// Two layouts are seen; every other token has the second (ours).
fn expiration(end: SimTime, token: u32) -> String {
    if token.is_multiple_of(2) {
        let there = end + std::time::Duration::from_secs(2 * 3_600);
        return there.civil().strftime("%Y-%m-%d %H:%M:%S +0200").to_string();
    }
    end.civil().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `ETag`, and 304 for who has the same already: that costs nothing.
fn conditional(ctx: &mut Context<'_>, request: &Request, answer: Answer) -> Answer {
    if request.method != Method::GET || answer.status != StatusCode::OK {
        return answer;
    }
    let tag = format!("W/{}", validators::tag(&answer.body));
    let has_it = validators::is_known(&request.headers, &tag).unwrap_or(false);
    let mut answer = answer.with(header::ETAG, &tag);
    if !has_it {
        return answer;
    }
    answer.status = StatusCode::NOT_MODIFIED;
    answer.body = axum::body::Bytes::new();
    answer.headers.remove(header::CONTENT_TYPE);
    if let Some(caller) = &request.principal {
        let now = ctx.now;
        for (name, value) in ctx.instance_state().limiter.refund(caller, request.route, now) {
            answer = answer.with(name, &value);
        }
    }
    answer
}
