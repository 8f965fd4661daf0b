//! GitHub: credentials that people have authorised for an organisation with single sign-on, and how they are ended.
//!
//! # Sources
//! Operations `orgs/list-saml-sso-authorizations`, `orgs/remove-saml-sso-authorization` and the asynchronous revocations
//! beside them. Everybody has one classic personal token and one key authorised (ours). What is answered as queued is done
//! at once.
//!
//! # Not imitated
//! Destroying the credentials of managed users (`revoke_credentials`).

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::governance::{DONE, upon};
use super::people::{everybody, named};
use super::tokens::has_scopes;
use super::{body, events, lists, names, shelve};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::Verb;
use crate::world::PersonIndex;

/// On the shelf: numbers of authorised credentials that are no more.
const REVOKED: &str = "revoked credential";

/// A credential that was authorised for the organisation, which has single sign-on.
struct Credential {
    id: u64,
    owner: PersonIndex,
    /// The word for its type in revocations.
    kind: &'static str,
    shown: Value,
}

/// Every authorised credential, in the order of its owner's number.
fn credentials(ctx: &Context<'_>) -> Vec<Credential> {
    let (world, instance, seed) = (&ctx.sim.world, ctx.instance(), ctx.sim.scenario.seed);
    let authorised = names::iso(ctx.sim.scenario.history_start());
    let mut all = Vec::new();
    for user in everybody(ctx).iter().filter(|u| directory::single_sign_on(world, instance, u.person).is_some()) {
        let token = events::personal_token(seed, world, instance, user.index);
        for (kind, word) in [("classic_pat", "personal access token"), ("ssh_key", "SSH key")] {
            let id = names::thing_id(seed, instance, kind, &user.person.key);
            let mut shown = json!({
                "login": user.account.login,
                "credential_id": id,
                "credential_type": word,
                "credential_authorized_at": authorised,
                "credential_accessed_at": null,
                "authorized_credential_id": id % 10_000_000,
            });
            if kind == "ssh_key" {
                shown["fingerprint"] = json!(events::hashed(&format!("{word} {id}")));
                shown["authorized_credential_title"] = json!("laptop");
            } else {
                shown["token_last_eight"] = json!(token[token.len() - 8..]);
                shown["scopes"] = json!(["repo"]);
                shown["authorized_credential_note"] = json!("automation");
                shown["authorized_credential_expires_at"] = Value::Null;
            }
            all.push(Credential { id, owner: user.index, kind, shown });
        }
    }
    let shelf = &ctx.state.instances[ctx.app.0].shelf;
    all.retain(|c| shelf.get(REVOKED, &c.id.to_string()).is_none());
    all
}

/// Whether somebody's classic token is no longer authorised for the organisation.
pub(super) fn is_unauthorised(ctx: &Context<'_>, person: PersonIndex) -> bool {
    let key = ctx.sim.world.people[person.0].key.clone();
    let id = names::thing_id(ctx.sim.scenario.seed, ctx.instance(), "classic_pat", &key);
    ctx.state.instances[ctx.app.0].shelf.get(REVOKED, &id.to_string()).is_some()
}

/// `GET /orgs/{org}/credential-authorizations`.
pub(super) fn list_credentials(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut all = credentials(ctx);
    if let Some(login) = request.query("login").filter(|l| !l.is_empty()) {
        all.retain(|c| c.shown["login"].as_str().is_some_and(|l| l.eq_ignore_ascii_case(login)));
    }
    let page = lists::page(ctx, request, "credential_authorizations", all, |c| c.id.to_string())?;
    let body: Vec<&Value> = page.items.iter().map(|c| &c.shown).collect();
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &body), request, &page))
}

/// Revokes those that are wanted; a person is noted once.
fn revoke(ctx: &mut Context<'_>, request: &Request, wanted: impl Fn(&Credential) -> bool) -> Result<usize, Failure> {
    let wanted: Vec<Credential> = credentials(ctx).into_iter().filter(wanted).collect();
    for credential in &wanted {
        shelve(ctx, REVOKED, &credential.id.to_string(), Value::Null)?;
    }
    let owners: BTreeSet<PersonIndex> = wanted.iter().filter(|c| c.kind != "ssh_key").map(|c| c.owner).collect();
    for owner in owners {
        upon(ctx, request, Verb::RevokeToken, owner);
    }
    Ok(wanted.len())
}

/// `DELETE /orgs/{org}/credential-authorizations/{credential_id}`.
pub(super) fn revoke_one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("credential_id");
    match revoke(ctx, request, |c| c.id.to_string() == id)? {
        0 => Err(Failure::not_found("credential", id)),
        _ => Ok(Answer::empty(DONE)),
    }
}

/// The answer of a revocation that is queued. Who revokes everybody's may revoke their own token.
fn queued(request: &Request, of_caller: bool) -> Answer {
    let mut body = json!({ "message": "Credential revocation has been queued." });
    if of_caller && has_scopes(request.caller().token_kind) {
        body["warning"] = json!("The token used for this request may be revoked.");
    }
    Answer::json(StatusCode::ACCEPTED, &body)
}

/// `POST …/credential-authorizations/{username}/revoke`.
pub(super) fn revoke_of_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let Ok(user) = named(ctx, request) else {
        directory::missed(ctx, "revoke_token", request.param("username"));
        return Err(Failure::not_found("user", request.param("username")));
    };
    let index = user.index;
    revoke(ctx, request, |c| c.owner == index)?;
    Ok(queued(request, request.caller().user == Some(index)))
}

#[derive(Deserialize)]
struct OfType {
    credential_type: String,
}

/// The type that a body names.
fn asked_type(request: &Request) -> Result<String, Failure> {
    let OfType { credential_type } = body(request)?;
    match credential_type.as_str() {
        "classic_pat" | "fine_grained_pat" | "ssh_key" | "oauth_app_token" => Ok(credential_type),
        _ => Err(Failure::bad_parameter("credential_type", "is no type of credential")),
    }
}

/// `POST …/credential-authorizations/{username}/revoke-credential-type`.
pub(super) fn revoke_type_of_user(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let kind = asked_type(request)?;
    let index = named(ctx, request)?.index;
    revoke(ctx, request, |c| c.owner == index && c.kind == kind)?;
    Ok(queued(request, request.caller().user == Some(index)))
}

/// `POST …/credential-authorizations/revoke-credential-type`.
pub(super) fn revoke_type(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let kind = asked_type(request)?;
    revoke(ctx, request, |c| c.kind == kind)?;
    Ok(queued(request, true))
}

/// `POST …/credential-authorizations/revoke-all`.
pub(super) fn revoke_all(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    revoke(ctx, request, |_| true)?;
    Ok(queued(request, true))
}
