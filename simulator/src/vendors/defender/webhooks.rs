//! The webhook that Power Automate registers: each alert is sent to it.
//!
//! `POST /cas/api/v1/ms_flow/` with `{"callback_url"}`. The body has the shape of Microsoft's common security alert; flows read
//! `ProviderAlertId`, `AlertDisplayName`, `Description`, `Severity`, `CompromisedEntity` and `ProviderPolicyId`.
//!
//! # Not imitated
//! That a policy has to be told to use a flow: every alert is sent to every address. The list of flows.
//!
//! # Sources
//! Microsoft's own flows (Playbooks): operation `MCAS_ON_ALERT_GENERATED`, the path, the body of the registration and the
//! fields above. The answer (201 with an id), the call that ends it, retries, and all other fields are guesses: nothing is
//! published.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::alerts::{self, Finding};
use super::apps::tenant_id;
use super::asked;
use super::events::LOG;
use super::state::Tenant;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::webhooks::{
    Beside, Callback, Handshake, Message, Occasion, PerTopic, Proposal, Retries, Sources, Subscription, Term, Topic,
    Webhooks,
};
use crate::server::CALLBACK;
use crate::time::SimTime;
use crate::timeline::{LogId, Record};

/// The topic: alerts.
const TOPIC: &str = "alerts";

const MINUTE: Duration = Duration::from_secs(60);

/// Defender's webhooks.
pub(super) static WEBHOOKS: Webhooks = Webhooks {
    route: "webhook",
    silent: &[],
    topics: &[Topic { name: TOPIC, feed: LOG, fields: &["alert"] }],
    beside: Beside::Log,
    per_topic: PerTopic::Many,
    handshake: Handshake::None,
    lifecycle: None,
    derived: Some(known),
    wants: |_, _, _| true,
    gather: Duration::ZERO,
    batch_max: 1,
    compose,
    signatures: &[],
    answer_within: Duration::from_secs(30),
    retries: Retries {
        first: &[MINUTE, MINUTE.saturating_mul(5)],
        then_every: None,
        give_up_after: MINUTE.saturating_mul(10),
    },
    source: "Playbooks: MCAS_ON_ALERT_GENERATED",
};

/// The alerts that become known after one moment and up to another, as records of no log.
fn known(from: &Sources<'_>, after: SimTime, until: SimTime) -> Vec<Arc<Record>> {
    let raised = alerts::raised_in(from.world, from.instance, from.timeline, until);
    let new = raised.iter().filter(|(finding, _)| finding.found > after);
    new.filter_map(|(finding, title)| {
        let last = finding.evidence.last()?;
        Some(Arc::new(Record {
            log: LogId { app: from.instance.app, feed: LOG },
            event_id: alerts::id_of(from.seed, from.instance, finding).into(),
            persisted: finding.found,
            available: finding.found,
            body: security_alert(from, finding, title).into(),
            activity: Arc::clone(&last.activity),
        }))
    })
    .collect()
}

fn security_alert(from: &Sources<'_>, finding: &Finding, title: &str) -> String {
    let id = alerts::id_of(from.seed, from.instance, finding);
    let person = from.world.person(finding.person);
    let severity = ["Low", "Medium", "High"][usize::from(finding.policy.severity.min(2))];
    let times = finding.evidence.iter().map(|record| record.activity.occurred);
    let edge = |time: Option<SimTime>| time.map(SimTime::rfc3339);
    json!({
        "ProviderAlertId": id,
        "SystemAlertId": from.seed.uuid(&["system alert", &from.instance.name, &id]),
        "AlertDisplayName": title,
        "AlertType": format!("MCAS_{}", finding.policy.type_name),
        "Description": alerts::description(finding, &person.display_name()),
        "Severity": severity,
        "CompromisedEntity": person.email,
        "ProviderPolicyId": finding.policy.id(from.seed, from.instance),
        "TenantId": tenant_id(from.world, from.instance, from.seed),
        "ProviderName": "MCAS",
        "VendorName": "Microsoft",
        "StartTimeUtc": edge(times.clone().min()),
        "EndTimeUtc": edge(times.max()),
        "TimeGenerated": finding.found.rfc3339(),
        "Status": "New",
    })
    .to_string()
}

fn compose(occasion: &Occasion<'_>) -> Message {
    let headers = vec![(header::CONTENT_TYPE, "application/json".to_owned())];
    Message { headers, body: occasion.events.first().map(|event| event.body.clone()).unwrap_or_default() }
}

/// `POST /api/v1/ms_flow/`.
pub(super) fn register(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let url = asked::want(request, "callback_url")?;
    let callback = Callback::parse(url).map_err(|e| Failure::bad_parameter(CALLBACK, format!("{url}: {e}")))?;
    let tenant = Tenant::of(ctx);
    tenant.flows += 1;
    let id = tenant.flows.to_string();
    ctx.proposal = Some(Proposal {
        topic: TOPIC,
        fields: Vec::new(),
        callback,
        verify_token: None,
        key: String::new(),
        content_type: "application/json",
        reference: Some(id.clone()),
        shown: Value::Null,
        term: Term::OPEN,
    });
    Ok(Answer::json(StatusCode::CREATED, &json!({ "id": id })))
}

/// `DELETE /api/v1/ms_flow/{id}/`.
pub(super) fn unregister(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let id = request.param("id");
    let is_asked = |s: &Subscription| s.terms.reference.as_deref() == Some(id);
    if !ctx.instance_state().outbox.subscriptions().iter().any(is_asked) {
        return Err(Failure::not_found("flow", id));
    }
    if ctx.is_real() {
        ctx.instance_state().outbox.unsubscribe(is_asked);
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
