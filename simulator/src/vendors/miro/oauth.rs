//! Miro: consent, tokens, revocation.
//!
//! An app is registered for tokens that expire or for tokens that last (no refresh token, no `expires_in`). It is installed
//! in the team that is chosen on the page: one of the organisation's, or the developer team, which has no Enterprise plan.
//! A code lives ten minutes and works once; an access token lives an hour, a refresh token sixty days; a refresh returns
//! a new pair and kills the old one. Parameters may stand in query and form, mixed. The page's scopes are the app's,
//! never the request's; a request that names others is refused.
//!
//! # Sources
//! <https://developers.miro.com/reference/oauth-20-authorization-v2>; `spec` for token context and revocation. That
//! `expires_in` says 3599, that the redirect carries `client_id` and `team_id`, and what a refusal redirects with, are
//! guesses.

use std::time::Duration;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::roster::{self, INSTALLATIONS};
use super::{teams, trace};
use crate::protocol::consent::{self, Consent};
use crate::protocol::credentials::{BearerFrom, CredentialRules, Grant, Issued, Mint, Rotation, drawn_text};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::{Carrier, Parameters, encode_pairs};
use crate::scenario::Credentials;
use crate::seed::Seed;
use crate::world::{Instance, PersonIndex};

const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// base64 of `{"miro.origin":"eu01"}`: the data region that every Miro token begins with.
const TOKEN_PREFIX: &str = "eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_";

/// What the stack's app asks for in its settings: what the imitated routes want.
const SCOPES: [&str; 11] = [
    "auditlogs:read",
    "organizations:read",
    "organizations:teams:read",
    "organizations:teams:write",
    "sessions:delete",
    "boards:read",
    "boards:write",
    "boards:export",
    "contentlogs:export",
    "aiinteractionlogs:read",
    "organization:cases:management",
];

/// Miro's other scopes.
const FURTHER_SCOPES: [&str; 11] = [
    "organizations:groups:read",
    "organizations:groups:write",
    "projects:read",
    "projects:write",
    "identity:read",
    "identity:write",
    "team:read",
    "team:write",
    "microphone:listen",
    "screen:record",
    "webcam:record",
];

/// Miro's rules.
pub(super) const RULES: CredentialRules = CredentialRules {
    kinds: &[Credentials::App, Credentials::LastingApp, Credentials::Token],
    permitted: &[],
    grants: &[Grant::AuthorizationCode, Grant::RefreshToken],
    carriers: &[Carrier::Query, Carrier::Form],
    bearer: &[BearerFrom::Header, BearerFrom::Query("access_token")],
    code_life: Duration::from_secs(600),
    access_life: Duration::from_secs(3_600),
    refresh_life: Some(Duration::from_secs(60 * 86_400)),
    rotation: Rotation::KillsOldPair,
    scopes: &SCOPES,
    register,
    resource: None,
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

/// What a person is told of a scope that cannot be asked for. Microsoft's guide for Defender for Cloud Apps names
/// `organization:read`, which does not exist.
pub(super) fn about_scope(scope: &str) -> String {
    let all = || SCOPES.iter().chain(&FURTHER_SCOPES);
    if all().any(|s| *s == scope) {
        return format!("The scope “{scope}” is not among those of the app's settings.");
    }
    let near = all().map(|s| (strsim::normalized_levenshtein(s, scope), s)).max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((likeness, near)) if likeness > 0.6 => format!("There is no scope “{scope}”; it is called “{near}”."),
        _ => format!("There is no scope “{scope}”."),
    }
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
        // Scopes are the app's settings; who sends some all the same must name those.
        let scopes = parameters.get("scope").unwrap_or_default();
        let client_scopes = &ctx.instance_state().tokens.client().scopes;
        if let Some(wrong) = scopes.split([' ', ',']).find(|s| !s.is_empty() && !client_scopes.iter().any(|c| c == s)) {
            return Err(Failure::ConsentPage(OauthFailure::BadScope(wrong.to_owned())));
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
    let teams = install_teams(ctx);
    let wanted = request.query("team_id").filter(|t| teams.iter().any(|(id, _)| id == t));
    let chosen = wanted.map_or_else(|| ctx.instance().team_id.clone(), str::to_owned);
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
        teams: &teams,
        chosen_team: &chosen,
    }))
}

/// The teams an app can be installed in: those of the organisation, and the developer team.
fn install_teams(ctx: &Context<'_>) -> Vec<(String, String)> {
    let connected = teams::all(ctx).into_iter().map(|t| (t.id, t.name));
    connected.chain([roster::developer_team(ctx)]).collect()
}

/// The team of a grant, id and name.
fn team_of(ctx: &Context<'_>, grant: &str) -> (String, String) {
    let id = roster::installation(ctx, grant);
    install_teams(ctx).into_iter().find(|(team, _)| *team == id).unwrap_or((id, String::new()))
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
    let team_id = parameters.get("team_id").unwrap_or(&ctx.instance().team_id).to_owned();
    if !install_teams(ctx).iter().any(|(id, _)| *id == team_id) {
        return Err(Failure::ConsentPage(OauthFailure::UnknownTenant(team_id)));
    }
    let now = ctx.now;
    let code = ctx.instance_state().tokens.issue_code(admin, &wish.redirect_uri, now);
    if let Some(grant) = ctx.instance_state().tokens.grant_of(&code) {
        trace::keep(ctx, INSTALLATIONS, &grant, json!(team_id))?;
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    user_id: &'a str,
}

/// `POST /v1/oauth/token`.
pub(super) fn token(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let parameters = Parameters::read(request, RULES.carriers);
    let now = ctx.now;
    let issued = ctx.instance_state().tokens.exchange(&parameters, now)?;
    ctx.notes.issued = Some(issued.name.clone());
    let grant = ctx.instance_state().tokens.grant_of(&issued.access_token).unwrap_or_default();
    let team_id = roster::installation(ctx, &grant);
    let Issued { access_token, refresh_token, expires_in_s, scopes, user, .. } = &issued;
    Ok(Answer::json(
        StatusCode::OK,
        &TokenAnswer {
            token_type: "bearer",
            team_id: number(&team_id),
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
    let (team_id, team_name) = team_of(ctx, &caller.grant);
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
            "team": { "type": "team", "name": team_name, "id": team_id },
            "createdBy": user,
            "user": user,
            "scopes": caller.scopes,
        }),
    ))
}
