//! Workplace: what an integration does to an account, and to people.
//!
//! Deactivating, activating, signing out everywhere, deleting what nobody ever claimed, writing to somebody. Each leaves
//! the event that an administrator's own deed would, with the integration as its actor: a connector that reacts to every
//! `ADMIN_DEACTIVATE_ACCOUNT` reacts to its own. An integration that acts with a member's token acts as that member.
//!
//! # Not imitated
//! Forcing a new password (no API is known); profile fields other than the address; making and removing administrators.
//!
//! # Sources
//! Meta's Postman collection: `POST /{member}?active=`, `/logout`, `DELETE`, 412 for whoever was claimed. The answer
//! `{"success":true}`, and a missing member as code 100 with subcode 33: Graph's norm. Who is the actor is a \[guess\].

use serde_json::{Value, json};

use super::graph;
use super::members;
use super::oauth::IMPERSONATED;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::mailbox::Letter;
use crate::scenario::Verb;
use crate::timeline::Deed;
use crate::world::PersonIndex;

use super::errors::CLAIMED;

/// `POST /{member}`, with `active` or `email`.
pub(super) fn update(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let active = graph::parameter(request, "active");
    let email = graph::parameter(request, "email").filter(|e| !e.is_empty());
    let verb = match active.as_deref().map(graph::flag) {
        Some(None) => return Err(Failure::bad_parameter("active", "must be a boolean")),
        Some(Some(true)) => Some(Verb::Restore),
        Some(Some(false)) => Some(Verb::Suspend),
        None => None,
    };
    if verb.is_none() && email.is_none() {
        return Err(Failure::bad_parameter("active", "or email is required: nothing else can be changed here"));
    }
    let member = found(ctx, request, verb.map_or("change_email", word))?;
    if let Some(verb) = verb {
        act(ctx, request, verb, member, None);
    }
    if let Some(email) = email {
        act(ctx, request, Verb::ChangeEmail, member, Some(email));
    }
    Ok(graph::success())
}

/// `POST /{member}/logout`.
pub(super) fn logout(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let member = found(ctx, request, word(Verb::RevokeSessions))?;
    act(ctx, request, Verb::RevokeSessions, member, None);
    Ok(graph::success())
}

/// `DELETE /{member}`: only for accounts that nobody ever claimed.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let member = found(ctx, request, word(Verb::Terminate))?;
    delete_member(ctx, request, member)?;
    Ok(graph::success())
}

/// Deletes an account, or refuses to.
pub(super) fn delete_member(ctx: &mut Context<'_>, request: &Request, member: PersonIndex) -> Result<(), Failure> {
    if members::is_claimed(ctx, member) {
        let key = ctx.sim.world.person(member).key.clone();
        directory::missed(ctx, word(Verb::Terminate), &key);
        return Err(Failure::Conflict { why: CLAIMED.to_owned() });
    }
    act(ctx, request, Verb::Terminate, member, None);
    Ok(())
}

/// Does a verb to a member and notes it. What is already so is answered as done and leaves no second event.
pub(super) fn act(ctx: &mut Context<'_>, request: &Request, verb: Verb, member: PersonIndex, to: Option<String>) {
    let status = ctx.state.timeline.account(member, ctx.app);
    let already = match verb {
        Verb::Suspend => !status.enabled,
        Verb::Restore => status.enabled,
        Verb::ChangeEmail => to.is_some() && status.email == to,
        _ => false,
    };
    if ctx.is_real() && !already {
        let caller = request.caller();
        let impersonated = caller.user.filter(|_| caller.token_kind == IMPERSONATED);
        let by = impersonated.map_or_else(|| caller.client.clone(), |member| ctx.sim.world.person(member).key.clone());
        let details = to.map(|to| ("to".to_owned(), to)).into_iter().collect();
        ctx.state.timeline.govern(ctx.now, Deed { details, ..Deed::upon(verb, ctx.app, member, by) });
    }
    let key = ctx.sim.world.person(member).key.clone();
    directory::note(ctx, word(verb), &key);
}

/// The stack's word for a verb.
const fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Suspend => "suspend",
        Verb::Restore => "unsuspend",
        Verb::RevokeSessions => "require_sign_in",
        Verb::Terminate => "remove_member",
        _ => "change_email",
    }
}

/// The member of the path. An action on nobody is noted: it is a finding of its own.
fn found(ctx: &mut Context<'_>, request: &Request, action: &str) -> Result<PersonIndex, Failure> {
    let id = request.param("node");
    members::find(ctx, id).ok_or_else(|| {
        directory::missed(ctx, action, id);
        Failure::not_found("member", id)
    })
}

/// `POST /me/messages`: writing to a member.
pub(super) fn message(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let object = |name: &str| -> Result<Value, Failure> {
        let text = graph::parameter(request, name).ok_or_else(|| Failure::bad_parameter(name, "is required"))?;
        serde_json::from_str(&text).map_err(|_| Failure::bad_parameter(name, "must be an object"))
    };
    let (recipient, message) = (object("recipient")?, object("message")?);
    let ids: Vec<String> = match (&recipient["id"], &recipient["ids"]) {
        (Value::String(id), _) => vec![id.clone()],
        (_, Value::Array(ids)) => ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect(),
        _ => return Err(Failure::bad_parameter("recipient", "must have id or ids")),
    };
    let Some(text) = message["text"].as_str() else {
        return Err(Failure::bad_parameter("message", "must have a text"));
    };
    let mut to = Vec::new();
    for id in &ids {
        let member = members::find(ctx, id).ok_or_else(|| {
            directory::missed(ctx, "notify", id);
            Failure::not_found("member", id)
        })?;
        let key = ctx.sim.world.person(member).key.clone();
        directory::note(ctx, "notify", &key);
        to.push(id.clone());
    }
    let (at, from) = (ctx.now, request.caller().client.clone());
    if ctx.is_real() {
        let letter = Letter { at, from, to, subject: String::new(), content: text.to_owned() };
        ctx.instance_state().mailbox.put(letter);
    }
    let number = ctx.sim.scenario.seed.number(&["workplace message", &ctx.instance().name, &at.us().to_string()]);
    Ok(graph::ok(&json!({ "recipient_id": ids.join(","), "message_id": format!("mid.${number:016x}") })))
}
