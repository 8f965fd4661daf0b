//! Subscriptions, and what is sent to them. That it arrives is tested over sockets.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{ANN, ENTRA, check_error, room, text};
use crate::protocol::webhooks::{Callback, Delivery, Proposal, Reception, Sources, Term};
use crate::simulation::State;
use crate::time::SimTime;
use crate::vendors::entra::notifications::WEBHOOKS;
use crate::vendors::testing::{NO_CONTENT, Reply, Room, at};

const URL: &str = "/v1.0/subscriptions";
const HOOK: &str = "http://127.0.0.1:9/hooks?tenant=1";
const NEWS: &str = "http://127.0.0.1:9/news";

fn subscribe(room: &mut Room, change: &Value) -> Reply {
    let mut body = json!({
        "changeType": "created,updated,deleted",
        "notificationUrl": HOOK,
        "lifecycleNotificationUrl": NEWS,
        "resource": "/users",
        "expirationDateTime": "2026-03-04T12:00:00.0000000Z",
        "clientState": "s3cret",
    });
    for (name, value) in change.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let token = room.token();
    room.post_json(Method::POST, URL, &token, &body.to_string())
}

/// What has to be sent until `until`, when, answered with `status`; what comes of it is sent too.
fn sent(room: &mut Room, until: SimTime, status: u16) -> Vec<(SimTime, Delivery)> {
    let mut sent = Vec::new();
    room.now = until;
    let mut state = room.sim.state();
    loop {
        let State { timeline, instances } = &mut *state;
        let outbox = &mut instances[ENTRA.0].outbox;
        let (world, seed) = (&*room.sim.world, room.sim.scenario.seed);
        let instance = &world.instances[ENTRA.0];
        let due = outbox.next_due(&Sources { rules: &WEBHOOKS, instance, world, seed, timeline });
        let Some(due) = due.filter(|due| *due <= until) else { return sent };
        timeline.advance(due);
        outbox.gather(&Sources { rules: &WEBHOOKS, instance, world, seed, timeline }, due);
        if let Some(delivery) = outbox.take(due) {
            outbox.settle(&WEBHOOKS, delivery.clone(), Reception::Answered(status), due);
            sent.push((due, delivery));
        }
    }
}

fn notifications(sent: &[(SimTime, Delivery)]) -> Vec<Value> {
    let bodies = sent.iter().map(|(_, d)| serde_json::from_slice::<Value>(&d.body).expect("JSON"));
    bodies.flat_map(|body| body["value"].as_array().expect("a list").clone()).collect()
}

fn user(room: &Room) -> String {
    room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone()
}

fn eve(room: &mut Room) -> String {
    let body = json!({
        "accountEnabled": true, "displayName": "Eve", "mailNickname": "eve", "passwordProfile": { "password": "x" },
        "userPrincipalName": format!("eve@{}", room.sim.world.domain),
    });
    let token = room.token();
    let made = room.post_json(Method::POST, "/v1.0/users", &token, &body.to_string()).expect(201);
    text(&made, "id").to_owned()
}

#[test]
fn a_subscription_is_made_read_renewed_and_deleted() {
    let mut room = room();
    let made = subscribe(&mut room, &json!({})).expect(201);
    assert_eq!((text(&made, "clientState"), text(&made, "changeType")), ("s3cret", "created,updated,deleted"));
    assert_eq!(text(&made, "expirationDateTime"), "2026-03-04T12:00:00.0000000Z");
    let token = room.token();
    let one = format!("{URL}/{}", text(&made, "id"));
    let read = room.get(&one, &token).expect(200);
    assert_eq!((text(&read, "notificationUrl"), text(&read, "lifecycleNotificationUrl")), (HOOK, NEWS));
    assert_eq!(read["clientState"], Value::Null, "it is shown once");
    let listed = room.get(URL, &token).expect(200);
    assert_eq!((listed["value"].as_array().map(Vec::len), &listed["value"][0]["id"]), (Some(1), &made["id"]));
    let later = r#"{"expirationDateTime":"2026-03-05T12:00:00Z"}"#;
    let renewed = room.post_json(Method::PATCH, &one, &token, later).expect(200);
    assert_eq!(text(&renewed, "expirationDateTime"), "2026-03-05T12:00:00.0000000Z");
    assert_eq!(room.post_json(Method::POST, &format!("{one}/reauthorize"), &token, "").status, NO_CONTENT);
    assert_eq!(room.post_json(Method::DELETE, &one, &token, "").status, NO_CONTENT);
    for refused in [
        room.get(&one, &token),
        room.post_json(Method::PATCH, &one, &token, later),
        room.post_json(Method::DELETE, &one, &token, ""),
        room.post_json(Method::POST, &format!("{one}/reauthorize"), &token, ""),
    ] {
        check_error(&refused, 404, "ResourceNotFound");
    }
}

#[test]
fn what_cannot_be_subscribed_to_is_refused() {
    let mut room = room();
    #[rustfmt::skip]
    let cases = [
        // what is asked for                                                    code
        (json!({ "changeType": "renamed" }),                                    "InvalidRequest"),
        (json!({ "changeType": null }),                                         "InvalidRequest"),
        (json!({ "notificationUrl": "https://hooks.contoso.example/x" }),       "InvalidRequest"),
        (json!({ "lifecycleNotificationUrl": "http://10.0.0.1/x" }),            "InvalidRequest"),
        (json!({ "expirationDateTime": "2026-03-02T12:00:00Z" }),               "InvalidRequest"),
        (json!({ "expirationDateTime": "2026-03-31T12:00:01Z" }),               "InvalidRequest"),
        (json!({ "expirationDateTime": "tomorrow" }),                           "InvalidRequest"),
        (json!({ "clientState": "x".repeat(129) }),                             "InvalidRequest"),
        (json!({ "resource": "security/alerts" }),                              "Request_UnsupportedQuery"),
        (json!({ "resource": "users/ann/messages" }),                           "Request_UnsupportedQuery"),
        (json!({ "includeResourceData": true }),                                "Request_UnsupportedQuery"),
    ];
    for (change, code) in cases {
        check_error(&subscribe(&mut room, &change), 400, code);
    }
    check_error(&subscribe(&mut room, &json!({ "resource": "users/nobody" })), 404, "Request_ResourceNotFound");
    subscribe(&mut room, &json!({ "expirationDateTime": "2026-03-31T12:00:00Z" })).expect(201);
    let mut reader = self::room();
    reader.token_with(&["GroupMember.Read.All"]);
    check_error(&subscribe(&mut reader, &json!({})), 403, "Authorization_RequestDenied");
    subscribe(&mut reader, &json!({ "resource": "groups" })).expect(201);
}

#[test]
fn an_application_has_a_hundred_subscriptions_and_no_more() {
    let mut room = room();
    for _ in 0..100 {
        subscribe(&mut room, &json!({})).expect(201);
    }
    check_error(&subscribe(&mut room, &json!({})), 403, "accessDenied");
    room.now = at("12:00:00") + Duration::from_secs(2 * 86_400);
    let later = json!({ "expirationDateTime": "2026-03-05T12:00:00Z" });
    subscribe(&mut room, &later).expect(201);
}

#[test]
fn a_batch_cannot_try_an_address() {
    let mut room = room();
    let body = json!({ "changeType": "updated", "notificationUrl": HOOK, "resource": "users",
        "expirationDateTime": "2026-03-04T12:00:00Z" });
    let item = json!({ "id": "1", "method": "POST", "url": "/subscriptions", "body": body });
    let token = room.token();
    let answers = room.post_json(Method::POST, "/v1.0/$batch", &token, &json!({ "requests": [item] }).to_string());
    assert_eq!(answers.expect(200)["responses"][0]["status"], json!(400));
    assert_eq!(room.get(URL, &token).expect(200)["value"], json!([]));
}

#[test]
fn changes_are_told_to_whom_they_concern_and_say_who_asks() {
    let mut room = room();
    let made = subscribe(&mut room, &json!({})).expect(201);
    let (token, ann) = (room.token(), user(&room));
    room.post_json(Method::PATCH, &format!("/v1.0/users/{ann}"), &token, r#"{"accountEnabled":false}"#);
    let sent = sent(&mut room, at("12:30:00"), 202);
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].0, sent[0].1.callback.as_str()), (at("12:03:01"), HOOK), "when the audit log shows it");
    let told = notifications(&sent);
    let resource = format!("Users/{ann}");
    let expected = json!({
        "subscriptionId": made["id"],
        "subscriptionExpirationDateTime": "2026-03-04T12:00:00.0000000Z",
        "clientState": "s3cret",
        "tenantId": room.sim.world.instances[ENTRA.0].organisation_id,
        "changeType": "updated",
        "resource": resource,
        "resourceData": { "@odata.type": "#Microsoft.Graph.User", "@odata.id": resource, "id": ann },
    });
    assert_eq!(told, [expected]);
}

/// The known issue: making and deleting are updates too, and only what is gone for good is `deleted`.
#[test]
fn making_and_deleting_a_user_are_told_as_updates() {
    let types = |told: &[Value]| told.iter().map(|n| text(n, "changeType").to_owned()).collect::<Vec<_>>();
    let mut room = room();
    subscribe(&mut room, &json!({})).expect(201);
    let eve = eve(&mut room);
    assert_eq!(types(&notifications(&sent(&mut room, at("13:00:00"), 202))), ["created", "updated"]);
    let token = room.token();
    room.post_json(Method::DELETE, &format!("/v1.0/users/{eve}"), &token, "");
    assert_eq!(types(&notifications(&sent(&mut room, at("14:00:00"), 202))), ["updated"]);
    room.post_json(Method::DELETE, &format!("/v1.0/directory/deletedItems/{eve}"), &token, "");
    assert_eq!(types(&notifications(&sent(&mut room, at("15:00:00"), 202))), ["deleted"]);
}

#[test]
fn a_subscription_hears_of_its_own_kind_object_and_changes_alone() {
    let mut room = room();
    let ann = user(&room);
    let others = [
        json!({ "resource": "users", "changeType": "created" }),
        json!({ "resource": format!("users/{ann}"), "changeType": "updated" }),
        json!({ "resource": "groups", "changeType": "updated" }),
    ];
    let ids: Vec<String> =
        others.iter().map(|other| text(&subscribe(&mut room, other).expect(201), "id").to_owned()).collect();
    let (token, bob) = (room.token(), room.sim.world.people[2].accounts[&ENTRA].user_id.clone());
    for id in [&ann, &bob] {
        room.post_json(Method::PATCH, &format!("/v1.0/users/{id}"), &token, r#"{"jobTitle":"designer"}"#);
    }
    let all = room.sim.world.groups.iter().find(|g| g.key == "all-employees").expect("there is one").id.clone();
    room.post_json(Method::DELETE, &format!("/v1.0/groups/{all}/members/{ann}/$ref"), &token, "");
    let told = notifications(&sent(&mut room, at("13:00:00"), 202));
    let told: Vec<(&str, &str)> = told.iter().map(|n| (text(n, "subscriptionId"), text(n, "resource"))).collect();
    let (user, group) = (format!("Users/{ann}"), format!("Groups/{all}"));
    assert_eq!(told, [(ids[1].as_str(), user.as_str()), (ids[2].as_str(), group.as_str())]);
}

#[test]
fn a_delivery_that_nobody_takes_is_tried_for_four_hours_and_then_told_as_missed() {
    let mut room = room();
    subscribe(&mut room, &json!({})).expect(201);
    let (token, ann) = (room.token(), user(&room));
    room.post_json(Method::PATCH, &format!("/v1.0/users/{ann}"), &token, r#"{"jobTitle":"designer"}"#);
    let sent = sent(&mut room, at("16:30:00"), 503);
    let (news, events): (Vec<_>, Vec<_>) = sent.into_iter().partition(|(_, d)| d.callback.as_str() == NEWS);
    assert_eq!(events.first().map(|(at, d)| (*at, d.attempt)), Some((at("12:03:01"), 1)));
    assert!(events.last().is_some_and(|(last, _)| *last > at("15:30:00") && *last <= at("16:03:01")), "{events:?}");
    assert_eq!(text(&notifications(&news)[0], "lifecycleEvent"), "missed");
}

#[test]
fn who_gave_an_address_for_it_is_asked_to_renew_and_hears_of_the_end() {
    let events = |sent: &[(SimTime, Delivery)]| {
        let told = notifications(sent);
        let news = sent.iter().zip(told).map(|((at, d), n)| {
            assert_eq!(d.callback.as_str(), NEWS);
            (*at, text(&n, "lifecycleEvent").to_owned())
        });
        news.collect::<Vec<_>>()
    };
    let asked = |clock: &str| (at(clock), "reauthorizationRequired".to_owned());
    let short = json!({ "expirationDateTime": "2026-03-02T14:00:00Z" });
    let mut room = room();
    let made = subscribe(&mut room, &short).expect(201);
    assert_eq!(events(&sent(&mut room, at("13:20:00"), 202)), [asked("13:00:00"), asked("13:15:00")]);
    let token = room.token();
    let one = format!("{URL}/{}", text(&made, "id"));
    room.post_json(Method::POST, &format!("{one}/reauthorize"), &token, "");
    let over = [(at("14:00:00"), "subscriptionRemoved".to_owned())];
    assert_eq!(events(&sent(&mut room, at("15:00:00"), 202)), over, "authorised again is not renewed");
    let token = room.token();
    check_error(&room.get(&one, &token), 404, "ResourceNotFound");

    let mut room = self::room();
    let made = subscribe(&mut room, &short).expect(201);
    assert_eq!(events(&sent(&mut room, at("13:05:00"), 202)), [asked("13:00:00")]);
    let token = room.token();
    let later = r#"{"expirationDateTime":"2026-03-02T18:00:00Z"}"#;
    room.post_json(Method::PATCH, &format!("{URL}/{}", text(&made, "id")), &token, later).expect(200);
    assert_eq!(events(&sent(&mut room, at("17:10:00"), 202)), [asked("17:00:00")]);
}

#[test]
fn an_ended_subscription_is_sent_nothing_more() {
    let mut room = room();
    let quiet = json!({ "expirationDateTime": "2026-03-02T12:02:00Z", "lifecycleNotificationUrl": null });
    subscribe(&mut room, &quiet).expect(201);
    let (token, ann) = (room.token(), user(&room));
    room.post_json(Method::PATCH, &format!("/v1.0/users/{ann}"), &token, r#"{"jobTitle":"designer"}"#);
    assert!(sent(&mut room, at("13:00:00"), 202).is_empty());
    assert!(room.sim.state().instances[ENTRA.0].outbox.is_idle());
}

#[test]
fn each_address_is_refused_under_its_own_name() {
    let mut room = room();
    for name in ["notificationUrl", "lifecycleNotificationUrl"] {
        let refused = subscribe(&mut room, &json!({ name: "http://hooks.example/" }));
        assert!(
            refused.status == 400 && refused.reasons.join(" ").contains(&format!("{name}:")),
            "{:?}",
            refused.reasons
        );
    }
}

#[test]
fn whoever_was_entered_by_hand_cannot_be_renewed() {
    let mut room = room();
    {
        let mut state = room.sim.state();
        let proposal = Proposal {
            topic: "users",
            fields: Vec::new(),
            callback: Callback::parse(HOOK).expect("an address"),
            verify_token: None,
            key: String::new(),
            content_type: "application/json",
            reference: None,
            shown: Value::Null,
            term: Term { ends: Some(at("18:00:00")), news_to: None },
        };
        state.instances[ENTRA.0].subscribe(&WEBHOOKS, proposal, at("12:00:00"));
    }
    let token = room.token();
    let body = json!({ "expirationDateTime": "2026-03-03T12:00:00Z" }).to_string();
    assert_eq!(room.post_json(Method::PATCH, &format!("{URL}/1"), &token, &body).status, 404);
    assert_eq!(room.post_json(Method::POST, &format!("{URL}/1/reauthorize"), &token, "").status, 404);
}
