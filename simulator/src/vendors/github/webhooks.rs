//! GitHub: webhooks of the organisation.
//!
//! A hook names the events it wants, or `*`. A delivery carries one event, is signed over its bytes with both hashes if the
//! hook has a secret, and is made once: who misses it asks for it again, and it comes with the same GUID. A new hook is
//! sent a `ping`.
//!
//! # Sources
//! "Webhook events and payloads" for headers and events, `orgs/*-webhook*` for the calls, schemas `org-hook`,
//! `hook-delivery-item` and `hook-delivery`. That a receiver has ten seconds, and that nothing is tried again by itself, is
//! documented.
//!
//! # Not imitated
//! Events are known when the audit log shows them, not at once. Pushes, issues and whatever else is not of security; hooks of
//! repositories and of apps; HTTPS targets (they lie on this machine); installation targets beyond the organisation.

use std::time::Duration;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::payloads::{self, ALL_EVENTS, FORM, JSON};
use super::{body, events, governance, lists, names, shelve, unshelve};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::webhooks::{
    Algorithm, Attempt, Beside, Callback, Delivery, Handshake, PerTopic, Proposal, Reception, Retries, Signature, Term,
    Topic, Webhooks,
};

/// On the shelf: hooks by their number.
const HOOK: &str = "hook";
const TOPIC: &str = "organization";

/// Events that a hook may want.
const EVENTS: [&str; 6] = ["organization", "repository", "org_block", "secret_scanning_alert", "member", ALL_EVENTS];

/// GitHub's webhooks.
pub(super) static WEBHOOKS: Webhooks = Webhooks {
    route: "webhook",
    silent: &[],
    topics: &[Topic { name: TOPIC, feed: events::LOG, fields: &EVENTS }],
    beside: Beside::Log,
    per_topic: PerTopic::Many,
    handshake: Handshake::None,
    derived: None,
    wants: payloads::wants,
    gather: Duration::ZERO,
    batch_max: 1,
    compose: payloads::compose,
    signatures: &[
        Signature { header: "x-hub-signature", prefix: "sha1=", algorithm: Algorithm::Sha1 },
        Signature { header: "x-hub-signature-256", prefix: "sha256=", algorithm: Algorithm::Sha256 },
    ],
    answer_within: Duration::from_secs(10),
    retries: Retries { first: &[], then_every: None, give_up_after: Duration::ZERO },
    lifecycle: None,
    source: "https://docs.github.com/webhooks/webhook-events-and-payloads",
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    name: Option<String>,
    config: Config,
    events: Option<Vec<String>>,
    active: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    url: Option<String>,
    content_type: Option<String>,
    secret: Option<String>,
    insecure_ssl: Option<Value>,
}

impl Config {
    /// Takes over what is named.
    fn into_hook(self, hook: &mut Value) {
        let mut put = |name: &str, value: Option<Value>| value.map(|v| hook["config"][name] = v);
        put("url", self.url.map(Value::from));
        put("content_type", self.content_type.map(Value::from));
        put("secret", self.secret.map(Value::from));
        put("insecure_ssl", self.insecure_ssl.map(|v| json!(v.as_str().map_or_else(|| v.to_string(), str::to_owned))));
    }
}

/// `POST /orgs/{org}/hooks`.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let wish: Wish = body(request)?;
    if wish.name.as_deref().is_some_and(|name| name != "web") {
        return Err(Failure::bad_parameter("name", "must be web"));
    }
    let id = (500_000_000 + ctx.instance_state().shelf.number()).to_string();
    let at = names::iso(ctx.now);
    let mut hook = json!({
        "id": names::number(&id),
        "type": "Organization",
        "name": "web",
        "active": wish.active.unwrap_or(true),
        "events": wish.events.unwrap_or_else(|| vec!["push".to_owned()]),
        "config": { "content_type": "form", "insecure_ssl": "0" },
        "created_at": at,
        "updated_at": at,
    });
    wish.config.into_hook(&mut hook);
    enter(ctx, &id, hook.clone())?;
    ping(ctx, &id);
    governance::write_down(ctx, request, "hook.create", (None, id.clone()));
    Ok(Answer::json(StatusCode::CREATED, &shown(ctx, request, &hook)))
}

/// Puts a hook in force as it is now, and keeps it.
fn enter(ctx: &mut Context<'_>, id: &str, hook: Value) -> Result<(), Failure> {
    let url = hook["config"]["url"].as_str().ok_or_else(|| Failure::bad_parameter("url", "is missing"))?;
    let callback = Callback::parse(url).map_err(|why| Failure::bad_parameter("url", why.to_string()))?;
    let listed = hook["events"].as_array().into_iter().flatten();
    let fields: Vec<String> = listed.filter_map(Value::as_str).map(str::to_owned).collect();
    let proposal = Proposal {
        topic: TOPIC,
        fields,
        callback,
        verify_token: None,
        key: hook["config"]["secret"].as_str().unwrap_or_default().to_owned(),
        content_type: if hook["config"]["content_type"] == "json" { JSON } else { FORM },
        reference: Some(id.to_owned()),
        shown: Value::Null,
        term: Term::OPEN,
    };
    if ctx.is_real() {
        let (now, state) = (ctx.now, ctx.instance_state());
        state.outbox.unsubscribe(|s| s.terms.reference.as_deref() == Some(id));
        if hook["active"] == json!(true) {
            state.subscribe(&WEBHOOKS, proposal, now);
        }
    }
    shelve(ctx, HOOK, id, hook)
}

/// Sends the hook word that it is one.
fn ping(ctx: &mut Context<'_>, id: &str) {
    if !ctx.is_real() {
        return;
    }
    let (instance, world, seed, now) = (ctx.instance().clone(), &ctx.sim.world, ctx.sim.scenario.seed, ctx.now);
    let mut payload = payloads::about(&instance, world);
    payload["zen"] = json!("Keep it logically awesome.");
    payload["hook_id"] = json!(names::number(id));
    let outbox = &mut ctx.instance_state().outbox;
    let of_hook = outbox.subscriptions().iter().find(|s| s.terms.reference.as_deref() == Some(id));
    if let Some(subscription) = of_hook.map(|s| s.id) {
        let compose =
            |number, terms: &Proposal| payloads::message((&instance, world, seed), "ping", &payload, number, terms);
        outbox.send(&WEBHOOKS, subscription, compose, now);
    }
}

/// The hook that the path names.
fn asked(ctx: &Context<'_>, request: &Request) -> Result<(String, Value), Failure> {
    let id = request.param("hook_id");
    let hook = ctx.state.instances[ctx.app.0].shelf.get(HOOK, id).cloned();
    hook.map(|hook| (id.to_owned(), hook)).ok_or_else(|| Failure::not_found("hook", id))
}

/// As GitHub shows it: the secret is never seen again.
fn shown(ctx: &Context<'_>, request: &Request, hook: &Value) -> Value {
    let own = format!("{}/orgs/{}/hooks/{}", names::api(request), names::current_login(ctx), hook["id"]);
    let mut shown = hook.clone();
    if hook["config"].get("secret").is_some() {
        shown["config"]["secret"] = json!("********");
    }
    shown["url"] = json!(own);
    shown["ping_url"] = json!(format!("{own}/pings"));
    shown["deliveries_url"] = json!(format!("{own}/deliveries"));
    shown
}

/// `GET /orgs/{org}/hooks`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let hooks: Vec<Value> = ctx.instance_state().shelf.all(HOOK).map(|(_, hook)| hook.clone()).collect();
    let page = lists::page(ctx, request, "hooks", hooks, |h| h["id"].to_string())?;
    let body: Vec<Value> = page.items.iter().map(|hook| shown(ctx, request, hook)).collect();
    Ok(lists::NUMBERED.add(Answer::json(StatusCode::OK, &body), request, &page))
}

/// `GET /orgs/{org}/hooks/{hook_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (_, hook) = asked(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &shown(ctx, request, &hook)))
}

/// `PATCH /orgs/{org}/hooks/{hook_id}`.
pub(super) fn change(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, mut hook) = asked(ctx, request)?;
    let wish: Wish = body(request)?;
    wish.config.into_hook(&mut hook);
    if let Some(events) = wish.events {
        hook["events"] = json!(events);
    }
    if let Some(active) = wish.active {
        hook["active"] = json!(active);
    }
    hook["updated_at"] = json!(names::iso(ctx.now));
    enter(ctx, &id, hook.clone())?;
    governance::write_down(ctx, request, "hook.config_changed", (None, id));
    Ok(Answer::json(StatusCode::OK, &shown(ctx, request, &hook)))
}

/// `GET /orgs/{org}/hooks/{hook_id}/config`.
pub(super) fn config(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (_, hook) = asked(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &shown(ctx, request, &hook)["config"]))
}

/// `PATCH /orgs/{org}/hooks/{hook_id}/config`.
pub(super) fn change_config(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, mut hook) = asked(ctx, request)?;
    body::<Config>(request)?.into_hook(&mut hook);
    enter(ctx, &id, hook.clone())?;
    governance::write_down(ctx, request, "hook.config_changed", (None, id));
    Ok(Answer::json(StatusCode::OK, &shown(ctx, request, &hook)["config"]))
}

/// `DELETE /orgs/{org}/hooks/{hook_id}`.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, _) = asked(ctx, request)?;
    if ctx.is_real() {
        ctx.instance_state().outbox.unsubscribe(|s| s.terms.reference.as_deref() == Some(&id));
    }
    unshelve(ctx, HOOK, &id);
    governance::write_down(ctx, request, "hook.destroy", (None, id));
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `POST /orgs/{org}/hooks/{hook_id}/pings`.
pub(super) fn pings(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, _) = asked(ctx, request)?;
    ping(ctx, &id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// The attempts made for a hook, latest first, each with what was sent.
fn made(ctx: &Context<'_>, hook: &str) -> Vec<(Attempt, Delivery)> {
    let outbox = &ctx.state.instances[ctx.app.0].outbox;
    let of_hook = |delivery: &Delivery| header_of(delivery, "x-github-hook-id") == hook;
    let with_content = |attempt: &Attempt| Some((attempt.clone(), outbox.sent(attempt.delivery)?.clone()));
    let mut made: Vec<(Attempt, Delivery)> = outbox.attempts().filter_map(with_content).collect();
    made.retain(|(_, delivery)| of_hook(delivery));
    made.reverse();
    made
}

fn header_of<'a>(delivery: &'a Delivery, name: &str) -> &'a str {
    delivery.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
}

/// The number of an attempt: a delivery that is made again has a new one.
fn delivery_id(attempt: &Attempt) -> u64 {
    attempt.delivery * 1_000 + u64::from(attempt.attempt)
}

fn payload(delivery: &Delivery) -> Value {
    let text = String::from_utf8_lossy(&delivery.body).into_owned();
    let inner = crate::protocol::form::decode_pairs(text.as_bytes()).into_iter().find(|(k, _)| k == "payload");
    serde_json::from_str(&inner.map_or(text, |(_, v)| v)).unwrap_or_default()
}

fn item(attempt: &Attempt, delivery: &Delivery) -> Value {
    let (status, code) = match &attempt.reception {
        Reception::Answered(code) if attempt.reception.is_accepted() => ("OK".to_owned(), *code),
        Reception::Answered(code) => (format!("Invalid HTTP Response: {code}"), *code),
        Reception::Failed(why) => (format!("failed to connect: {why}"), 0),
    };
    json!({
        "id": delivery_id(attempt),
        "guid": header_of(delivery, "x-github-delivery"),
        "delivered_at": names::iso(attempt.at),
        "redelivery": attempt.attempt > 1,
        "duration": 0.02,
        "status": status,
        "status_code": code,
        "event": header_of(delivery, "x-github-event"),
        "action": payload(delivery)["action"],
        "installation_id": null,
        "repository_id": null,
        "throttled_at": null,
    })
}

/// `GET /orgs/{org}/hooks/{hook_id}/deliveries`.
pub(super) fn deliveries(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, _) = asked(ctx, request)?;
    let wanted: fn(&Attempt) -> bool = match request.query("status") {
        None | Some("") => |_| true,
        Some("success") => |a| a.reception.is_accepted(),
        Some("failure") => |a| !a.reception.is_accepted(),
        Some(_) => return Err(Failure::bad_parameter("status", "must be success or failure")),
    };
    let made = made(ctx, &id).into_iter().filter(|(attempt, _)| wanted(attempt));
    let items: Vec<Value> = made.map(|(attempt, delivery)| item(&attempt, &delivery)).collect();
    let page = lists::sealed(ctx, request, "deliveries", items, |d| d["id"].to_string())?;
    Ok(lists::ONWARD.add(Answer::json(StatusCode::OK, &page.items), request, &page))
}

/// The attempt that the path names.
fn one_made(ctx: &Context<'_>, request: &Request) -> Result<(Attempt, Delivery), Failure> {
    let (id, _) = asked(ctx, request)?;
    let wanted = request.param("delivery_id");
    let found = made(ctx, &id).into_iter().find(|(attempt, _)| delivery_id(attempt).to_string() == wanted);
    found.ok_or_else(|| Failure::not_found("delivery", wanted))
}

/// `GET /orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}`: with what was sent.
pub(super) fn delivery(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (attempt, delivery) = one_made(ctx, request)?;
    let mut shown = item(&attempt, &delivery);
    let headers: serde_json::Map<String, Value> =
        delivery.headers.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    shown["url"] = json!(delivery.callback.as_str());
    shown["request"] = json!({ "headers": headers, "payload": payload(&delivery) });
    shown["response"] = json!({ "headers": {}, "payload": "" });
    Ok(Answer::json(StatusCode::OK, &shown))
}

/// `POST /orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts`.
pub(super) fn redeliver(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (attempt, _) = one_made(ctx, request)?;
    let now = ctx.now;
    if ctx.is_real() {
        ctx.instance_state().outbox.send_again(attempt.delivery, now);
    }
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({})))
}
