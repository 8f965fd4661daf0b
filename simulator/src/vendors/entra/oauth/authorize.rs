//! The authorization code flow, up to the code: the page on which somebody signs in and consents.
//!
//! Until client and redirect address are known to be good nobody is sent anywhere; everything else that is wrong is told
//! to the application at its redirect address, in the response mode it asked for.
//!
//! # Not imitated
//! Sessions: everybody signs in every time, so `prompt=none` is always AADSTS50058. `id_token` and `token` as response
//! types. `login_hint` and `domain_hint` are ignored.
//!
//! # Sources
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>. Loopback redirect addresses match on
//! any port: RFC 8252 and the reply-url page.

use axum::http::StatusCode;
use sha2::{Digest as _, Sha256};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::{own_tenant, scope};
use crate::protocol::consent::{self, Consent};
use crate::protocol::credentials::OAUTH;
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters, encode_pairs};
use crate::vendors::entra::state::{Tenant, keep};
use crate::vendors::entra::{assignments, errors};
use crate::world::PersonIndex;

/// Most people offered on the page.
const OFFERED: usize = 50;

/// What a code was asked for with, as far as the token endpoint wants it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Asked {
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<Challenge>,
}

/// Proof Key for Code Exchange (RFC 7636).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Challenge {
    /// The verifier itself.
    Plain(String),
    /// Its SHA-256.
    Sha256(String),
}

impl Challenge {
    /// Whether this verifier is the one.
    pub(super) fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::Sha256(challenge) => *challenge == BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        }
    }
}

/// An authorize request whose client and redirect address are good.
struct Wish {
    pairs: Vec<(&'static str, String)>,
}

/// What the page carries along.
const CARRIED: [&str; 9] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

impl Wish {
    fn read(ctx: &mut Context<'_>, request: &Request, parameters: &Parameters) -> Result<Self, Failure> {
        let want = |name| parameters.get(name).ok_or(Failure::ConsentPage(OauthFailure::MissingParameter(name)));
        let client_id = want("client_id")?;
        own_tenant(ctx, request, client_id).map_err(Failure::ConsentPage)?;
        let redirect_uri = want("redirect_uri")?;
        let tokens = &ctx.instance_state().tokens;
        let checked = tokens.check_redirect(client_id, redirect_uri);
        let registered = &tokens.client().redirect_uris;
        let loopback = registered.iter().any(|uri| same_but_port(uri, redirect_uri));
        match checked {
            Err(OauthFailure::RedirectMismatch(_)) if loopback => {}
            other => other.map_err(Failure::ConsentPage)?,
        }
        let carried = CARRIED.iter().filter_map(|name| Some((*name, parameters.get(name)?.to_owned())));
        Ok(Self { pairs: carried.collect() })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Everything that is wrong with it beside client and redirect address; else the scopes.
    fn check(&self, origin: &str) -> Result<Vec<String>, OauthFailure> {
        let kind = self.get("response_type").ok_or(OauthFailure::MissingParameter("response_type"))?;
        if kind != "code" {
            return Err(OauthFailure::Numbered { code: 700_054, about: kind.to_owned() });
        }
        let wanted = self.get("scope").ok_or(OauthFailure::MissingParameter("scope"))?;
        scope::of_person(wanted, origin)
    }

    fn challenge(&self) -> Option<Challenge> {
        let challenge = self.get("code_challenge")?.to_owned();
        match self.get("code_challenge_method") {
            Some("S256") => Some(Challenge::Sha256(challenge)),
            _ => Some(Challenge::Plain(challenge)),
        }
    }

    /// Sends the browser back to the application.
    fn answer(&self, mut pairs: Vec<(&str, String)>) -> Answer {
        let target = self.get("redirect_uri").unwrap_or_default();
        if let Some(state) = self.get("state") {
            pairs.push(("state", state.to_owned()));
        }
        let text = encode_pairs(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        match self.get("response_mode") {
            Some("fragment") => Answer::redirect(&format!("{target}#{text}")),
            Some("form_post") => form_post(target, &pairs),
            _ => Answer::redirect(&format!("{target}{}{text}", if target.contains('?') { '&' } else { '?' })),
        }
    }

    fn refusal(&self, code: u32, about: &str) -> Answer {
        let (error, description) = errors::text(code, about);
        let uri = format!("https://login.microsoftonline.com/error?code={code}");
        self.answer(vec![("error", error.to_owned()), ("error_description", description), ("error_uri", uri)])
    }

    fn refused(&self, failure: &OauthFailure) -> Answer {
        match failure {
            OauthFailure::Numbered { code, about } => self.refusal(*code, about),
            OauthFailure::BadScope(scope) => self.refusal(70_011, scope),
            OauthFailure::MissingParameter(name) => self.refusal(900_144, name),
            _ => self.refusal(9_002_313, ""),
        }
    }
}

/// Whether two addresses on this machine differ in their port alone.
fn same_but_port(registered: &str, sent: &str) -> bool {
    let read = |text| url::Url::parse(text).ok();
    let (Some(mut registered), Some(mut sent)) = (read(registered), read(sent)) else { return false };
    let here = |url: &url::Url| ["localhost", "127.0.0.1"].contains(&url.host_str().unwrap_or_default());
    let cleared = registered.set_port(None).is_ok() && sent.set_port(None).is_ok();
    cleared && here(&registered) && registered == sent
}

/// A page that posts itself to the application.
fn form_post(target: &str, pairs: &[(&str, String)]) -> Answer {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\'', "&#39;")
    };
    let fields: String = pairs
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value)))
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><title>Working…</title><body onload=\"document.forms[0].submit()\">\
         <form method=\"post\" action=\"{}\">{fields}<noscript><button>Continue</button></noscript></form></body></html>",
        escape(target)
    );
    Answer::bytes(StatusCode::OK, "text/html; charset=utf-8", page)
}

/// `GET /{tenant}/oauth2/v2.0/authorize`: the page.
pub(in super::super) fn ask(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Query]);
    let wish = Wish::read(ctx, request, &parameters)?;
    let scopes = match wish.check(&request.origin) {
        Ok(scopes) => scopes,
        Err(failure) => return Ok(wish.refused(&failure)),
    };
    if parameters.get("prompt") == Some("none") {
        return Ok(wish.refusal(50_058, ""));
    }
    let hidden: Vec<(&str, &str)> = wish.pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(page(ctx, &scopes, &super::super::normalize(&request.path), &hidden))
}

/// `POST /{tenant}/oauth2/v2.0/authorize`: somebody has pressed a button.
pub(in super::super) fn decide(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    let wish = Wish::read(ctx, request, &parameters)?;
    let scopes = match wish.check(&request.origin) {
        Ok(scopes) => scopes,
        Err(failure) => return Ok(wish.refused(&failure)),
    };
    if parameters.get("decision") != Some("allow") {
        return Ok(wish.refusal(65_004, ""));
    }
    let user = match consenting(ctx, parameters.get("user"), &scopes) {
        Ok(user) => user,
        Err((code, about)) => return Ok(wish.refusal(code, &about)),
    };
    let now = ctx.now;
    let redirect_uri = wish.get("redirect_uri").unwrap_or_default();
    let code = ctx.instance_state().tokens.issue_code_for(user, redirect_uri, scopes, OAUTH, now);
    let asked = Asked { nonce: wish.get("nonce").map(str::to_owned), challenge: wish.challenge() };
    keep(&mut Tenant::of(ctx).asked, (code.clone(), asked));
    let session = ctx.sim.scenario.seed.uuid(&["browser session", &code]);
    Ok(wish.answer(vec![("code", code), ("session_state", session)]))
}

/// The person with this key, if they can sign in now and may consent to these scopes; else the number that says why not.
pub(super) fn consenting(
    ctx: &mut Context<'_>,
    key: Option<&str>,
    scopes: &[String],
) -> Result<PersonIndex, (u32, String)> {
    let key = key.unwrap_or_default();
    let user = directory::user_by(&ctx.sim.world, &ctx.state.timeline, ctx.app, |person, _| person.key == key);
    let user = user.ok_or_else(|| (50_034, key.to_owned()))?;
    if !user.status.enabled {
        return Err((50_057, String::new()));
    }
    if scope::wants_administrator(scopes) && !user.account.admin {
        return Err((90_094, scope::printed(scopes)));
    }
    let (index, id, name) = (user.index, user.account.user_id.clone(), user.name());
    if assignments::is_missing(ctx, &id) {
        return Err((50_105, name));
    }
    Ok(index)
}

/// The consent page: administrators first, then everybody else.
pub(super) fn page(ctx: &mut Context<'_>, scopes: &[String], action: &str, hidden: &[(&str, &str)]) -> Answer {
    let client = ctx.instance_state().tokens.client().name.clone();
    let mut users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    users.sort_by_key(|user| (!user.account.admin, user.index));
    let users: Vec<(String, String)> =
        users.into_iter().take(OFFERED).map(|user| (user.person.key.clone(), user.name())).collect();
    let (tenant, organisation) = (&ctx.instance().organisation_id, &ctx.sim.world.organisation);
    consent::page(&Consent {
        vendor: "Microsoft Entra ID",
        client: &client,
        organisation,
        scopes,
        action,
        hidden,
        users: &users,
        teams: &[(tenant.clone(), organisation.clone())],
        chosen_team: tenant,
    })
}
