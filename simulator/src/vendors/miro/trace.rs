//! Miro: what rooms that change something share. A change is kept, and leaves an event in the audit log, unless a fault
//! only pretends so.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::roster::{self, Member};
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Context, Request};
use crate::scenario::Verb;
use crate::time::SimTime;
use crate::timeline::Deed;

/// `2026-03-02T09:00:00.000Z`.
pub(super) fn iso(at: SimTime) -> String {
    format!("{}.{:03}Z", at.civil().strftime("%Y-%m-%dT%H:%M:%S"), at.ms().rem_euclid(1_000))
}

/// The body of a request.
pub(super) fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    serde_json::from_slice(&request.body).map_err(|e| Failure::bad_parameter("body", format!("cannot be read: {e}")))
}

/// User id of whoever let the caller in.
pub(super) fn caller_id(ctx: &Context<'_>, request: &Request) -> String {
    roster::caller(ctx, request).map(|m| m.id).unwrap_or_default()
}

/// Keeps a thing that a client has made or changed.
pub(super) fn keep(ctx: &mut Context<'_>, kind: &'static str, id: &str, thing: Value) -> Result<(), Failure> {
    if !ctx.is_real() {
        return Ok(());
    }
    Ok(ctx.instance_state().shelf.put(kind, id, thing)?)
}

/// Writes an event about a thing into the audit log.
pub(super) fn about(ctx: &mut Context<'_>, request: &Request, event: &str, thing: &str) {
    let deed = Deed::about(Verb::Event, ctx.app, thing, request.caller().client.as_str()).with("name", event);
    write(ctx, request, deed);
    directory::note(ctx, event, thing);
}

/// Writes an event about a person into the audit log.
pub(super) fn upon(ctx: &mut Context<'_>, request: &Request, event: &str, member: &Member) {
    let by = request.caller().client.as_str();
    let deed = match member.person {
        Some(person) => Deed::upon(Verb::Event, ctx.app, person, by),
        None => Deed::about(Verb::Event, ctx.app, &member.name, by).with("id", &member.id),
    };
    write(ctx, request, deed.with("name", event));
    let target = member.person.map_or(member.email.clone(), |p| ctx.sim.world.people[p.0].key.clone());
    directory::note(ctx, event, &target);
}

/// Does a deed, if it is really done. What comes through SCIM says so.
pub(super) fn write(ctx: &mut Context<'_>, request: &Request, deed: Deed) {
    if ctx.is_real() {
        let deed = through(request, deed);
        ctx.state.timeline.govern(ctx.now, deed);
    }
}

/// The deed, marked if it comes through SCIM.
pub(super) fn through(request: &Request, deed: Deed) -> Deed {
    if super::scim::SURFACE.owns(&request.path) { deed.with("via", "scim") } else { deed }
}
