//! Graph: subscriptions to change notifications. What is sent to them is [`super::notifications`]'.
//!
//! Both addresses of a subscription are tried before it is in force: each has ten seconds to send the validation token back,
//! decoded, as plain text. Users and groups can be subscribed to, all or one, for 41,760 minutes at most; a subscription that
//! is not renewed ends by itself. An application may have a hundred in a tenant.
//!
//! # Not imitated
//! Other resources (alerts, mail, chats, drives); another `notificationUrl` by `PATCH`; a subscription made in a batch; the
//! limits per application (50,000) and per tenant (1,000), which one application cannot reach.
//!
//! # Sources
//! `graph-docs:concepts/webhooks.md`; `api-reference` subscription-post-subscriptions, -list, -get, -update, -delete,
//! -reauthorize; resources/subscription for the longest life. The words of the refusals are recalled, and so is it that
//! `clientState` is not shown again.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::errors::QUOTA_USED_UP;
use super::events::seven_digits;
use super::notifications::{self, CHANGES, WEBHOOKS};
use super::objects::{find_of, id_of, stack_principal_id};
use super::odata;
use super::odata::list::{self, EntitySet, Index, paging};
use super::routes::{GROUP_READERS, USER_READERS};
use super::state::Tenant;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::webhooks::{Callback, Proposal, Subscription, Term};
use crate::time::SimTime;

/// The longest life of a subscription to users or groups, in minutes.
const LONGEST_MINUTES: u64 = 41_760;
/// Most subscriptions of an application in a tenant.
const MOST: usize = 100;
/// Most letters of `clientState`.
const CLIENT_STATE_MAX: usize = 128;

/// Where notifications go, and where news of the subscription itself go.
const NOTIFICATION_URL: &str = "notificationUrl";
const LIFECYCLE_URL: &str = "lifecycleNotificationUrl";

static SUBSCRIPTIONS: EntitySet = EntitySet {
    name: "subscriptions",
    type_name: "microsoft.graph.subscription",
    default: &[
        "id",
        "resource",
        "applicationId",
        "changeType",
        "clientState",
        "notificationUrl",
        "notificationQueryOptions",
        "lifecycleNotificationUrl",
        "expirationDateTime",
        "creatorId",
        "includeResourceData",
        "latestSupportedTlsVersion",
        "encryptionCertificate",
        "encryptionCertificateId",
        "notificationUrlAppId",
    ],
    further: &[],
    filterable: &[],
    searchable: &[],
    sortable: &[],
    expandable: &[],
    paging: paging("subscriptions"),
    index: Index::Plain,
};

/// `POST /v1.0/subscriptions`: the addresses have to answer before the call does.
pub(super) fn create(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    let (topic, resource) = topic(ctx, request, want(&sent, "resource")?)?;
    let fields = change_types(want(&sent, "changeType")?)?;
    let news_to = text(&sent, LIFECYCLE_URL).map(|url| callback(LIFECYCLE_URL, url)).transpose()?;
    let callback = callback(NOTIFICATION_URL, want(&sent, NOTIFICATION_URL)?)?;
    let ends = expiration(&sent, ctx.now)?;
    let client_state = text(&sent, "clientState").map(str::to_owned);
    if client_state.as_ref().is_some_and(|state| state.chars().count() > CLIENT_STATE_MAX) {
        let why = format!("The value of 'clientState' must not be longer than {CLIENT_STATE_MAX} characters.");
        return Err(Failure::bad_parameter("clientState", why));
    }
    if sent.get("includeResourceData") == Some(&json!(true)) {
        return Err(Failure::Unsupported { what: format!("resource data of {topic}") });
    }
    if in_force(ctx).len() >= MOST {
        return Err(Failure::Forbidden { why: QUOTA_USED_UP.to_owned() });
    }
    let number = Tenant::of(ctx).draw().to_string();
    let id = ctx.sim.scenario.seed.uuid(&["graph subscription", &ctx.instance().name, &number]);
    let tls = text(&sent, "latestSupportedTlsVersion").unwrap_or("v1_2");
    let creator = match request.caller().user {
        Some(person) => ctx.sim.world.person(person).accounts.get(&ctx.app).map(|account| account.user_id.clone()),
        None => Some(stack_principal_id(ctx)),
    };
    let client_id = request.caller().client_id.clone();
    let proposal = Proposal {
        topic,
        fields,
        callback,
        verify_token: client_state,
        key: String::new(),
        content_type: "application/json",
        reference: Some(id),
        shown: json!({
            "resource": resource,
            "applicationId": client_id,
            "changeType": sent["changeType"],
            "creatorId": creator,
            "latestSupportedTlsVersion": tls,
        }),
        term: Term { ends: Some(ends), news_to },
    };
    let mut body = shown(&proposal);
    body["clientState"] = json!(proposal.verify_token);
    ctx.proposal = Some(proposal);
    Ok(odata::entity(request, StatusCode::CREATED, "subscriptions/$entity", body))
}

/// `GET /v1.0/subscriptions`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let mut subscriptions: Vec<Value> = in_force(ctx).into_iter().map(|s| shown(&s.terms)).collect();
    subscriptions.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
    list::serve(ctx, request, &SUBSCRIPTIONS, SUBSCRIPTIONS.name, subscriptions)
}

/// `GET /v1.0/subscriptions/{id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let found = in_force(ctx).into_iter().find(|s| is_called(s, id));
    let found = found.map(|s| shown(&s.terms)).ok_or_else(|| Failure::not_found("subscription", id))?;
    list::serve_one(ctx, request, &SUBSCRIPTIONS, SUBSCRIPTIONS.name, found)
}

/// `PATCH /v1.0/subscriptions/{id}`: another end.
pub(super) fn renew(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = odata::body(request)?;
    if let Some(other) = sent.keys().find(|name| *name != "expirationDateTime" && !name.starts_with("@odata.")) {
        return Err(Failure::bad_parameter(other, format!("Property '{other}' cannot be updated.")));
    }
    let now = ctx.now;
    let ends = expiration(&sent, now)?;
    let id = request.param("id");
    let there = || Failure::not_found("subscription", id);
    let body = if ctx.is_real() {
        let outbox = &mut ctx.instance_state().outbox;
        outbox.renew(&WEBHOOKS, |s| is_called(s, id), ends, now).map(|s| shown(&s.terms)).ok_or_else(there)?
    } else {
        let found = in_force(ctx).into_iter().find(|s| is_called(s, id)).ok_or_else(there)?;
        let mut body = shown(&found.terms);
        body["expirationDateTime"] = json!(seven_digits(ends));
        body
    };
    Ok(odata::entity(request, StatusCode::OK, "subscriptions/$entity", body))
}

/// `DELETE /v1.0/subscriptions/{id}`.
pub(super) fn delete(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    if !in_force(ctx).iter().any(|s| is_called(s, id)) {
        return Err(Failure::not_found("subscription", id));
    }
    if ctx.is_real() {
        ctx.instance_state().outbox.unsubscribe(|s| is_called(s, id));
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `POST /v1.0/subscriptions/{id}/reauthorize`: the end stays where it is, but nobody is reminded of it any more.
pub(super) fn reauthorize(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let (id, now) = (request.param("id"), ctx.now);
    if !in_force(ctx).iter().any(|s| is_called(s, id)) {
        return Err(Failure::not_found("subscription", id));
    }
    if ctx.is_real() {
        ctx.instance_state().outbox.reauthorize(|s| is_called(s, id), now);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Whether it is Graph's own of this id: whoever was entered by hand has none.
fn is_called(subscription: &Subscription, id: &str) -> bool {
    subscription.terms.reference.as_deref() == Some(id)
}

/// The subscriptions whose time is not over, oldest first; whoever was entered by hand has none of Graph's.
fn in_force(ctx: &mut Context<'_>) -> Vec<Subscription> {
    let now = ctx.now;
    let all = ctx.instance_state().outbox.subscriptions();
    all.iter().filter(|s| s.terms.reference.is_some() && !s.is_over(now)).cloned().collect()
}

fn shown(terms: &Proposal) -> Value {
    let mut shown = Map::new();
    for name in SUBSCRIPTIONS.default {
        shown.insert((*name).to_owned(), terms.shown[*name].clone());
    }
    shown.insert("id".to_owned(), json!(terms.reference));
    shown.insert("notificationUrl".to_owned(), json!(terms.callback.as_str()));
    let news_to = terms.term.news_to.as_ref().map(Callback::as_str);
    shown.insert("lifecycleNotificationUrl".to_owned(), json!(news_to));
    shown.insert("expirationDateTime".to_owned(), json!(terms.term.ends.map(seven_digits)));
    shown.into()
}

fn text<'a>(sent: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    sent.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn want<'a>(sent: &'a Map<String, Value>, name: &str) -> Result<&'a str, Failure> {
    let why = || format!("The required property '{name}' is missing.");
    text(sent, name).ok_or_else(|| Failure::bad_parameter(name, why()))
}

/// What is subscribed to: its topic, and the path that is shown again, with the object's id if it is one object. Whoever may
/// not read it may not subscribe to it.
fn topic(ctx: &mut Context<'_>, request: &Request, resource: &str) -> Result<(&'static str, String), Failure> {
    let unsupported = || Failure::Unsupported { what: format!("a subscription to {resource}") };
    let path = resource.trim_matches('/');
    let (set, id) = path.split_once('/').map_or((path, None), |(set, id)| (set, Some(id)));
    let topic = WEBHOOKS.topics.iter().find(|topic| topic.name.eq_ignore_ascii_case(set)).ok_or_else(unsupported)?;
    request.caller().require(if topic.name == "users" { USER_READERS } else { GROUP_READERS })?;
    let Some(id) = id else { return Ok((topic.name, topic.name.to_owned())) };
    if id.contains('/') {
        return Err(unsupported());
    }
    let object = find_of(ctx, notifications::kind(topic.name), id).ok_or_else(|| Failure::not_found("object", id))?;
    Ok((topic.name, format!("{}/{}", topic.name, id_of(&object))))
}

fn change_types(text: &str) -> Result<Vec<String>, Failure> {
    let types: Vec<String> = text.split(',').map(|t| t.trim().to_lowercase()).collect();
    match types.iter().find(|t| !CHANGES.contains(&t.as_str())) {
        None => Ok(types),
        Some(other) => {
            let why = format!("The value '{other}' of 'changeType' is not supported for this resource.");
            Err(Failure::bad_parameter("changeType", why))
        }
    }
}

/// The address that the property `name` holds.
fn callback(name: &str, url: &str) -> Result<Callback, Failure> {
    Callback::parse(url).map_err(|why| Failure::bad_parameter(name, format!("{url}: {why}")))
}

/// When it shall end: in time to come, and not too far away.
fn expiration(sent: &Map<String, Value>, now: SimTime) -> Result<SimTime, Failure> {
    let name = "expirationDateTime";
    let wrong = |why: String| Failure::bad_parameter(name, why);
    let ends = SimTime::parse_rfc3339(want(sent, name)?);
    let ends = ends.ok_or_else(|| wrong("The value of 'expirationDateTime' is no date and time.".to_owned()))?;
    if ends <= now {
        return Err(wrong("Subscription expiration must be in the future.".to_owned()));
    }
    if ends.since(now) > Duration::from_secs(LONGEST_MINUTES * 60) {
        return Err(wrong(format!("Subscription expiration can only be {LONGEST_MINUTES} minutes in the future.")));
    }
    Ok(ends)
}
