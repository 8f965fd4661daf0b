//! Graph: change notifications. What is sent to who has subscribed to users or groups.
//!
//! A change is a line of the directory audit log, and is told when that log shows it. One body carries several notifications
//! of one subscription. Making a user or group, and deleting one that can be restored, is told as `updated` (making it also
//! as `created`); `deleted` is for good alone. Whoever gave a lifecycle address is asked to renew there, and hears of the
//! end and of deliveries that were given up.
//!
//! # Not imitated
//! Notifications of several subscriptions in one body; notifications that are throttled or dropped because the receiver is
//! slow; deliveries that pause until a subscription is authorised again, whose token has expired; resource data and its
//! encryption; event hubs; TLS (targets lie on this machine and speak plain HTTP).
//!
//! # Sources
//! `graph-docs:concepts/webhooks.md` for handshake, body and the known issue of `updated`; the newer
//! change-notifications-delivery-webhooks for three seconds to answer and four hours of retries, and
//! change-notifications-lifecycle-events for the rest. That page has `subscriptionRemoved` and `missed` for Outlook and Teams
//! alone: that they come for users and groups too is ours, so that a receiver can be tried. The schedule of retries, when the
//! first reminder comes and the wording of the validation token are guesses.

use std::time::Duration;

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::changes;
use super::events::{DIRECTORY_AUDITS, seven_digits};
use super::objects::Kind;
use crate::protocol::webhooks::{
    Beside, Echo, Handshake, Lifecycle, Message, News, Occasion, PerTopic, Proposal, Retries, Subscription, Topic,
    Webhooks,
};
use crate::scenario::Verb;
use crate::timeline::{Activity, Record};
use crate::world::{Instance, World};

/// What may have happened to an object.
pub(super) const CHANGES: [&str; 3] = ["created", "updated", "deleted"];

const MINUTE: Duration = Duration::from_secs(60);

/// Graph's change notifications.
pub(super) static WEBHOOKS: Webhooks = Webhooks {
    route: "notification",
    silent: &[],
    topics: &[
        Topic { name: "users", feed: DIRECTORY_AUDITS, fields: &CHANGES },
        Topic { name: "groups", feed: DIRECTORY_AUDITS, fields: &CHANGES },
    ],
    beside: Beside::Log,
    per_topic: PerTopic::Many,
    handshake: Handshake::Echo(Echo {
        method: Method::POST,
        challenge: "validationToken",
        wording: "Validation: Testing client application reachability for subscription Request-Id: {}",
        content_type: Some("text/plain"),
        verify_token: None,
        beside: &[],
        answer_within: Duration::from_secs(10),
    }),
    derived: None,
    wants: |from, record, terms| !told((from.world, from.instance), record, terms).is_empty(),
    gather: Duration::from_secs(1),
    batch_max: 100,
    compose,
    signatures: &[],
    answer_within: Duration::from_secs(3),
    retries: Retries {
        first: &[Duration::from_secs(10), MINUTE, Duration::from_secs(300), Duration::from_secs(900)],
        then_every: Some(Duration::from_secs(1_800)),
        give_up_after: Duration::from_secs(4 * 3_600),
    },
    lifecycle: Some(Lifecycle {
        compose: compose_news,
        remind_before: Duration::from_secs(3_600),
        remind_every: Duration::from_secs(900),
    }),
    source: "https://learn.microsoft.com/graph/change-notifications-overview",
};

/// The kind of object that a topic is about.
pub(super) fn kind(topic: &str) -> Kind {
    if topic == "groups" { Kind::Group } else { Kind::User }
}

/// What a record is to a subscription: the change and the object's id, for each that it is told of.
fn told((world, instance): (&World, &Instance), record: &Record, terms: &Proposal) -> Vec<(&'static str, String)> {
    let kind = kind(terms.topic);
    let one = terms.shown["resource"].as_str().and_then(|resource| resource.rsplit_once('/')).map(|(_, id)| id);
    let mut told = Vec::new();
    for id in changes::touched(world, instance.app, kind, &record.activity) {
        let changes = changes_in(&record.activity).iter().filter(|change| terms.fields.iter().any(|f| f == *change));
        told.extend(changes.filter(|_| one.is_none_or(|one| one == id)).map(|change| (*change, id.clone())));
    }
    told
}

fn changes_in(activity: &Activity) -> &'static [&'static str] {
    let name = activity.details.get(changes::NAME).map(String::as_str).unwrap_or_default();
    if name.starts_with("Hard Delete") {
        &["deleted"]
    } else if activity.verb == Verb::Hire || ["Add user", "Add group"].contains(&name) {
        &["created", "updated"]
    } else {
        &["updated"]
    }
}

fn compose(occasion: &Occasion<'_>) -> Message {
    let Occasion { instance, world, subscription, events, .. } = *occasion;
    let (set, type_name) = match kind(subscription.terms.topic) {
        Kind::Group => ("Groups", "#Microsoft.Graph.Group"),
        _ => ("Users", "#Microsoft.Graph.User"),
    };
    let told = events.iter().flat_map(|record| told((world, instance), record, &subscription.terms));
    let notifications = told.map(|(change, id)| {
        let mut notification = head(subscription, instance);
        let resource = format!("{set}/{id}");
        notification["changeType"] = json!(change);
        notification["resource"] = json!(resource);
        notification["resourceData"] = json!({ "@odata.type": type_name, "@odata.id": resource, "id": id });
        notification
    });
    message(&notifications.collect::<Vec<_>>())
}

fn compose_news(occasion: &Occasion<'_>, news: News) -> Message {
    let mut notification = head(occasion.subscription, occasion.instance);
    notification["lifecycleEvent"] = json!(match news {
        News::EndsSoon => "reauthorizationRequired",
        News::Ended => "subscriptionRemoved",
        News::Missed => "missed",
    });
    message(&[notification])
}

/// What every notification says: whose it is.
fn head(subscription: &Subscription, instance: &Instance) -> Value {
    json!({
        "subscriptionId": subscription.reference(),
        "subscriptionExpirationDateTime": subscription.terms.term.ends.map(seven_digits),
        "clientState": subscription.terms.verify_token,
        "tenantId": instance.organisation_id,
    })
}

fn message(notifications: &[Value]) -> Message {
    let headers = vec![(header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned())];
    Message { headers, body: json!({ "value": notifications }).to_string().into() }
}
