//! Workplace: the webhook topic `workplace_security`, the only way to its security events.
//!
//! There is nothing to ask for what was missed: an event that could not be delivered within 36 hours is gone. A topic has
//! one address: whoever subscribes next takes its place, silently. A body has one entry for each second in which
//! something became known, an entry one change or several; changes that come close together share a body. Both signature
//! headers are sent, over the bytes as they are: everything beyond ASCII, and every slash, escaped. No event has an id.
//!
//! # Not imitated
//! HTTPS callbacks with a certificate that a public authority has signed (targets lie on this machine and speak plain
//! HTTP); the topics `page`, `group`, `user` and `link`; that a subscription is disabled after long failure: unknown for
//! Workplace; `include_values`, without which the real topic is said not to work, is accepted and means nothing.
//!
//! # Sources
//! <https://developers.facebook.com/docs/workplace/reference/webhooks/> and the Graph webhooks guide it names as its
//! framework: verification, batches of up to 1,000, retries with falling frequency over 36 hours, headers. The exact
//! schedule, the five seconds that an answer and a batch are waited for, and the grouping into entries are guesses.

use std::time::Duration;

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::events::{FIELDS, LOG};
use super::graph;
use super::oauth;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::webhooks::{
    Algorithm, Beside, Callback, Echo, Handshake, Message, Occasion, PerTopic, Proposal, Retries, Signature, Sources,
    Subscription, Term, Topic, Webhooks,
};
use crate::scenario::VendorProfile;
use crate::server::CALLBACK;
use crate::timeline::Record;

/// The topic.
pub(super) const TOPIC: &str = "workplace_security";

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Workplace's webhooks.
pub(super) static WEBHOOKS: Webhooks = Webhooks {
    route: "webhook",
    silent: &[VendorProfile::ReadOnly, VendorProfile::Gone, VendorProfile::AdminCenter],
    topics: &[Topic { name: TOPIC, feed: LOG, fields: &FIELDS }],
    beside: Beside::Nothing,
    per_topic: PerTopic::One,
    handshake: Handshake::Echo(Echo {
        method: Method::GET,
        challenge: "hub.challenge",
        wording: "{}",
        content_type: None,
        verify_token: Some("hub.verify_token"),
        beside: &[("hub.mode", "subscribe")],
        answer_within: Duration::from_secs(5),
    }),
    derived: None,
    wants,
    gather: Duration::from_secs(5),
    batch_max: 1_000,
    compose,
    signatures: &[
        Signature { header: "x-hub-signature", prefix: "sha1=", algorithm: Algorithm::Sha1 },
        Signature { header: "x-hub-signature-256", prefix: "sha256=", algorithm: Algorithm::Sha256 },
    ],
    answer_within: Duration::from_secs(5),
    retries: Retries {
        first: &[Duration::ZERO, MINUTE, Duration::from_secs(300), Duration::from_secs(900), HOUR],
        then_every: Some(Duration::from_secs(7_200)),
        give_up_after: Duration::from_secs(36 * 3_600),
    },
    lifecycle: None,
    source: "https://developers.facebook.com/docs/workplace/reference/webhooks/",
};

/// A record's field stands at its beginning.
fn wants(_: &Sources<'_>, record: &Record, terms: &Proposal) -> bool {
    terms.fields.iter().any(|field| record.body.starts_with(format!(r#"{{"field":"{field}""#).as_bytes()))
}

fn compose(occasion: &Occasion<'_>) -> Message {
    let community = &occasion.instance.organisation_id;
    let mut entries = String::new();
    for known in occasion.events.chunk_by(|a, b| a.available.s() == b.available.s()) {
        let changes: Vec<&str> = known.iter().map(|r| text(r)).collect();
        let comma = if entries.is_empty() { "" } else { "," };
        let (time, changes) = (known[0].available.s(), changes.join(","));
        entries.push_str(&format!(r#"{comma}{{"id":"{community}","time":{time},"changes":[{changes}]}}"#));
    }
    let body = format!(r#"{{"object":"{TOPIC}","entry":[{entries}]}}"#);
    let headers = vec![
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::USER_AGENT, "facebookexternalua".to_owned()),
    ];
    Message { headers, body: body.into() }
}

fn text(record: &Record) -> &str {
    std::str::from_utf8(&record.body).expect("records are rendered as text")
}

/// `GET /{app-id}/subscriptions`, with the app token.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_app(ctx, request)?;
    let subscriptions = ctx.instance_state().outbox.subscriptions().iter().map(subscription);
    let data: Vec<Value> = subscriptions.collect();
    Ok(graph::ok(&json!({ "data": data })))
}

fn subscription(s: &Subscription) -> Value {
    let fields: Vec<Value> = s.terms.fields.iter().map(|f| json!({ "name": f, "version": "v19.0" })).collect();
    json!({ "object": s.terms.topic, "callback_url": s.terms.callback.as_str(), "active": true, "fields": fields })
}

/// `POST /{app-id}/subscriptions`: the address has to answer before the call does.
pub(super) fn subscribe(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_app(ctx, request)?;
    let want = |name: &str| {
        graph::parameter(request, name)
            .filter(|v| !v.is_empty())
            .ok_or_else(|| Failure::bad_parameter(name, "is required"))
    };
    own_topic(&want("object")?)?;
    let fields = graph::parameter(request, "fields").filter(|f| !f.is_empty());
    let fields: Vec<String> = match fields {
        None => FIELDS.map(str::to_owned).to_vec(),
        Some(text) => text.trim_matches(['[', ']']).split(',').map(|f| f.trim_matches([' ', '"']).to_owned()).collect(),
    };
    if let Some(unknown) = fields.iter().find(|f| !FIELDS.contains(&f.as_str())) {
        return Err(Failure::bad_parameter("fields", format!("names an unknown field: {unknown}")));
    }
    let url = want("callback_url")?;
    let callback = Callback::parse(&url).map_err(|e| Failure::bad_parameter(CALLBACK, format!("{url}: {e}")))?;
    let key = ctx.instance_state().tokens.client().client_secret.clone();
    let verify_token = Some(want("verify_token")?);
    ctx.proposal = Some(Proposal {
        topic: TOPIC,
        fields,
        callback,
        verify_token,
        key,
        content_type: "application/json",
        reference: None,
        shown: Value::Null,
        term: Term::OPEN,
    });
    Ok(graph::success())
}

/// `DELETE /{app-id}/subscriptions`; without `object` every topic.
pub(super) fn unsubscribe(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    own_app(ctx, request)?;
    if let Some(object) = graph::parameter(request, "object") {
        own_topic(&object)?;
    }
    if ctx.is_real() {
        ctx.instance_state().outbox.unsubscribe(|_| true);
    }
    Ok(graph::success())
}

fn own_topic(object: &str) -> Result<(), Failure> {
    match object {
        TOPIC => Ok(()),
        "page" | "group" | "user" | "link" => Err(Failure::Unsupported { what: format!("the topic {object}") }),
        other => {
            Err(Failure::bad_parameter("object", format!("must be one of page, group, user, {TOPIC}, not {other}")))
        }
    }
}

fn own_app(ctx: &mut Context<'_>, request: &Request) -> Result<(), Failure> {
    oauth::require_app(ctx, request)?;
    let (asked, own) = (request.param("node"), &ctx.instance_state().tokens.client().client_id);
    if asked == own { Ok(()) } else { Err(Failure::not_found("app", asked)) }
}
