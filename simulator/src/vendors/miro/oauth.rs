//! Miro: consent, tokens, revocation.
//!
//! A code lives ten minutes and works once; an access token lives an hour, a refresh token sixty days; a refresh returns
//! a new pair and kills the old one. Parameters may stand in query and form, mixed. The page's scopes are the app's,
//! never the request's.
//!
//! # Sources
//! <https://developers.miro.com/reference/oauth-20-authorization-v2>; `spec` for token context and revocation. That
//! `expires_in` says 3599, that the redirect carries `client_id` and `team_id`, and what a refusal redirects with, are
//! guesses.

use std::time::Duration;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::protocol::consent::{self, Consent};
use crate::protocol::credentials::{BearerFrom, CredentialRules, Grant, Issued, Mint, Rotation, drawn_text};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters, encode_pairs};
use crate::seed::Seed;
use crate::world::{Instance, PersonIndex};

const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// base64 of `{"miro.origin":"eu01"}`: the data region that every Miro token begins with.
const TOKEN_PREFIX: &str = "eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_";

/// Miro's rules.
pub(super) const RULES: CredentialRules = CredentialRules {
    grants: &[Grant::AuthorizationCode, Grant::RefreshToken],
    carriers: &[Carrier::Query, Carrier::Form],
    bearer: &[BearerFrom::Header, BearerFrom::Query("access_token")],
    code_life: Duration::from_secs(600),
    access_life: Duration::from_secs(3_600),
    refresh_life: Some(Duration::from_secs(60 * 86_400)),
    rotation: Rotation::KillsOldPair,
    scopes: &["auditlogs:read", "organizations:read", "sessions:delete"],
    register,
    mint,
    source: "https://developers.miro.com/reference/oauth-20-authorization-v2",
};

fn register(seed: Seed, instance: &Instance, client: &str) -> (String, String) {
    let number = seed.number(&["client id", &instance.name, client]) % 100_000_000_000;
    let secret = drawn_text(seed, &["client secret", &instance.name, client], LETTERS, 32);
    (format!("{}", 3_458_764_600_000_000_000 + number), secret)
}

fn mint(mint: &Mint<'_>) -> String {
    format!("{TOKEN_PREFIX}{}", mint.text(URL_SAFE, 27))
}

/// What an authorize request says, checked.
struct Wish {
    client_id: String,
    redirect_uri: String,
    state: String,
}

impl Wish {
    /// Until this succeeds nobody may be sent to the redirect address.
    fn read(ctx: &mut Context<'_>, parameters: &Parameters) -> Result<Self, Failure> {
        let want = |name| parameters.get(name).ok_or(Failure::ConsentPage(OauthFailure::MissingParameter(name)));
        let (client_id, redirect_uri) = (want("client_id")?, want("redirect_uri")?);
        let tokens = &ctx.instance_state().tokens;
        tokens.check_redirect(client_id, redirect_uri).map_err(Failure::ConsentPage)?;
        let response_type = want("response_type")?;
        if response_type != "code" {
            return Err(Failure::ConsentPage(OauthFailure::UnsupportedGrant(response_type.to_owned())));
        }
        let own = |name| parameters.get(name).unwrap_or_default().to_owned();
        Ok(Self { client_id: client_id.to_owned(), redirect_uri: redirect_uri.to_owned(), state: own("state") })
    }

    fn redirect(&self, pairs: &[(&str, &str)]) -> Answer {
        let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
        Answer::redirect(&format!("{}{joint}{}", self.redirect_uri, encode_pairs(pairs.iter().copied())))
    }
}

/// `GET /oauth/authorize`: the consent page.
pub(super) fn ask(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wish = Wish::read(ctx, &Parameters::read(request, &[Carrier::Query]))?;
    let client = ctx.instance_state().tokens.client().clone();
    let instance = ctx.instance();
    let users: Vec<(String, String)> = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app)
        .into_iter()
        .filter(|u| u.account.admin && u.status.enabled)
        .map(|u| (u.person.key.clone(), u.name()))
        .collect();
    Ok(consent::page(&Consent {
        vendor: "Miro",
        client: &client.name,
        organisation: &ctx.sim.world.organisation,
        scopes: &client.scopes,
        action: "/oauth/authorize",
        hidden: &[
            ("response_type", "code"),
            ("client_id", &wish.client_id),
            ("redirect_uri", &wish.redirect_uri),
            ("state", &wish.state),
        ],
        users: &users,
        teams: &[(instance.team_id.clone(), instance.team_name.clone())],
        // One team: whatever `team_id` asks for, it is preselected.
        chosen_team: &instance.team_id,
    }))
}

/// `POST /oauth/authorize`: the administrator has pressed a button.
pub(super) fn decide(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, &[Carrier::Form, Carrier::Query]);
    let wish = Wish::read(ctx, &parameters)?;
    if parameters.get("decision") != Some("allow") {
        let refusal = [("error", "access_denied"), ("error_description", "The user cancelled"), ("state", &wish.state)];
        return Ok(wish.redirect(&refusal));
    }
    let key = parameters.get("user").ok_or(Failure::ConsentPage(OauthFailure::MissingParameter("user")))?;
    let app = ctx.app;
    let chosen = directory::user_by(&ctx.sim.world, &ctx.state.timeline, app, |person, _| person.key == key);
    let admin = chosen.filter(|u| u.account.admin && u.status.enabled).map(|u| u.index);
    let admin = admin.ok_or_else(|| Failure::ConsentPage(OauthFailure::NotAdministrator(key.to_owned())))?;
    let now = ctx.now;
    let code = ctx.instance_state().tokens.issue_code(admin, &wish.redirect_uri, now);
    let team_id = &ctx.instance().team_id;
    let mut pairs = vec![("code", code.as_str())];
    if !wish.state.is_empty() {
        pairs.push(("state", &wish.state));
    }
    pairs.extend([("client_id", wish.client_id.as_str()), ("team_id", team_id.as_str())]);
    Ok(wish.redirect(&pairs))
}

#[derive(Serialize)]
struct TokenAnswer<'a> {
    token_type: &'a str,
    team_id: Value,
    access_token: &'a str,
    refresh_token: Option<&'a str>,
    scope: String,
    expires_in: Option<u64>,
    user_id: &'a str,
}

/// `POST /v1/oauth/token`.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    let now = ctx.now;
    let issued = ctx.instance_state().tokens.exchange(&parameters, now)?;
    ctx.notes.issued = Some(issued.name.clone());
    let Issued { access_token, refresh_token, expires_in_s, scopes, user, .. } = &issued;
    Ok(Answer::json(
        StatusCode::OK,
        &TokenAnswer {
            token_type: "bearer",
            team_id: number(&ctx.instance().team_id),
            access_token,
            refresh_token: refresh_token.as_deref(),
            scope: scopes.join(" "),
            expires_in: *expires_in_s,
            user_id: user_id(ctx, *user),
        },
    ))
}

/// Miro prints ids of 19 digits as bare numbers here, too large for a double.
fn number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), |n| json!(n))
}

fn user_id<'a>(ctx: &Context<'a>, user: Option<PersonIndex>) -> &'a str {
    let person = user.and_then(|u| ctx.sim.world.people.get(u.0));
    person.and_then(|p| p.accounts.get(&ctx.app)).map_or("", |a| a.user_id.as_str())
}

/// `POST /v1/oauth/revoke?access_token=…`, deprecated: the token stands in the URL.
pub(super) fn revoke_v1(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    let token = parameters.get("access_token").ok_or(OauthFailure::MissingParameter("access_token"))?;
    let revoked = ctx.instance_state().tokens.revoke(token);
    revoked.map_err(|_| Failure::bad_parameter("access_token", "is invalid"))?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Revocation {
    access_token: String,
    client_id: String,
    client_secret: String,
}

/// `POST /v2/oauth/revoke`: the refresh token dies with the access token, the app stays installed.
pub(super) fn revoke_v2(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let revocation: Revocation = serde_json::from_slice(&request.body)
        .map_err(|_| Failure::bad_parameter("body", "must be JSON with accessToken, clientId and clientSecret"))?;
    let tokens = &mut ctx.instance_state().tokens;
    // Its description knows 204 and 404 only.
    let unknown = |_| Failure::Oauth(OauthFailure::UnknownToken);
    tokens.check_secret(&revocation.client_id, &revocation.client_secret).map_err(unknown)?;
    tokens.revoke(&revocation.access_token)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /v1/oauth-token`. A token that is not good is a 400 here, elsewhere a 401.
pub(super) fn context(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let now = ctx.now;
    let caller = ctx.instance_state().tokens.authenticate(&request.headers, &request.query, now);
    let caller = caller.map_err(|_| Failure::bad_parameter("access_token", "is invalid"))?;
    let instance = ctx.instance();
    let person = caller.user.and_then(|u| ctx.sim.world.people.get(u.0));
    let user = json!({
        "type": "user",
        "name": person.map(|p| p.display_name()).unwrap_or_default(),
        "id": user_id(ctx, caller.user),
    });
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "type": "oAuthToken",
            "organization": { "type": "organization", "name": ctx.sim.world.organisation, "id": instance.organisation_id },
            "team": { "type": "team", "name": instance.team_name, "id": instance.team_id },
            "createdBy": user,
            "user": user,
            "scopes": caller.scopes,
        }),
    ))
}
