//! Tokens for other APIs than Graph that stand behind this directory.
//!
//! Another instance's vendor may say under which application id it is a resource; a token for it belongs to that instance
//! and opens nothing of Graph's. An application asks with `/.default`; a person's name and password are taken as well, since
//! the documentation of such an API shows it so.
//!
//! # Not imitated
//! Consent pages, codes and device codes for other resources. Any password is right.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/api-authentication-application> and -user.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::client::{Public, prove};
use super::own_tenant;
use crate::protocol::credentials::{Issued, Order};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::form::Parameters;
use crate::scenario::AppIndex;
use crate::vendors;

/// The instance that a scope's resource stands for, and what of the scope is not its name.
fn instance(ctx: &Context<'_>, scope: &str) -> Option<(AppIndex, Vec<String>)> {
    let instances = ctx.sim.world.instances.iter();
    let resources = instances.filter_map(|i| Some((i.app, vendors::spec(i.vendor).credentials.resource?)));
    resources.into_iter().find_map(|(app, resource)| {
        let words: Option<Vec<String>> = scope
            .split_whitespace()
            .map(|word| Some(word.strip_prefix(resource)?.trim_start_matches('/').to_owned()))
            .collect();
        words.filter(|words| !words.is_empty()).map(|words| (app, words))
    })
}

/// The answer to a request for a token of another resource; none if it asks for Graph, or for what nobody is.
pub(super) fn token(
    ctx: &mut Context<'_>,
    request: &Request,
    parameters: &Parameters,
) -> Result<Option<Answer>, Failure> {
    let asked = parameters.get("scope").and_then(|scope| instance(ctx, scope));
    let grant = parameters.get("grant_type").unwrap_or_default();
    let Some((app, words)) = asked.filter(|_| ["client_credentials", "password"].contains(&grant)) else {
        return Ok(None);
    };
    own_tenant(ctx, request, parameters.get("client_id").unwrap_or_default())?;
    let proof = prove(ctx, request, parameters, Public::Refused)?;
    let order = if grant == "password" {
        let name = parameters.get("username").ok_or(OauthFailure::MissingParameter("username"))?;
        parameters.get("password").ok_or(OauthFailure::MissingParameter("password"))?;
        let person = ctx.sim.world.person_by_email(name);
        let there = person.and_then(|p| directory::user(&ctx.sim.world, &ctx.state.timeline, ctx.app, p));
        let there = there.filter(|user| user.status.enabled);
        let user = there.ok_or_else(|| OauthFailure::Numbered { code: 50_034, about: name.to_owned() })?.index;
        let known = vendors::spec(ctx.sim.world.instances[app.0].vendor).credentials.scopes;
        let granted = ctx.state.instances[app.0].tokens.granted();
        let mut scopes = Vec::new();
        for word in words {
            let scope = known.iter().find(|known| known.eq_ignore_ascii_case(&word));
            let scope = scope.ok_or(OauthFailure::BadScope(word))?;
            scopes.extend(granted.iter().find(|granted| granted == scope).cloned());
        }
        (Some(user), scopes)
    } else {
        if words != [".default"] {
            return Err(OauthFailure::BadScope(words.join(" ")).into());
        }
        (None, ctx.state.instances[app.0].tokens.granted())
    };
    let issued = issue(ctx, app, proof.token_kind(), order);
    let mut body = answer(&issued);
    if issued.user.is_some() {
        body["scope"] = json!(issued.scopes.join(" "));
    }
    Ok(Some(Answer::json(StatusCode::OK, &body)))
}

/// The same under version 1, where `resource` names it; for applications.
pub(super) fn token_v1(
    ctx: &mut Context<'_>,
    request: &Request,
    parameters: &Parameters,
) -> Result<Option<Answer>, Failure> {
    let resource = parameters.get("resource").unwrap_or_default().trim_end_matches('/').to_owned();
    let Some((app, _)) = instance(ctx, &resource) else { return Ok(None) };
    let proof = prove(ctx, request, parameters, Public::Refused)?;
    let scopes = ctx.state.instances[app.0].tokens.granted();
    let issued = issue(ctx, app, proof.token_kind(), (None, scopes));
    let mut body = answer(&issued);
    let life = issued.expires_in_s.unwrap_or(0).to_string();
    (body["expires_in"], body["ext_expires_in"], body["resource"]) = (json!(life), json!(life), json!(resource));
    Ok(Some(Answer::json(StatusCode::OK, &body)))
}

fn issue(
    ctx: &mut Context<'_>,
    app: AppIndex,
    token_kind: &'static str,
    (user, scopes): (Option<crate::world::PersonIndex>, Vec<String>),
) -> Issued {
    let now = ctx.now;
    let tokens = &mut ctx.state.instances[app.0].tokens;
    let life = tokens.access_life();
    let issued = tokens.hand_out(Order { token_kind, user, scopes, life, refresh_life: None }, now);
    ctx.notes.issued = Some(issued.name.clone());
    issued
}

fn answer(issued: &Issued) -> Value {
    json!({
        "token_type": "Bearer",
        "expires_in": issued.expires_in_s,
        "ext_expires_in": issued.expires_in_s,
        "access_token": issued.access_token,
    })
}
