//! Identity Protection.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{ANN, ENTRA, SIGN_INS, check_error, office, text};
use crate::scenario::{From, Listed, NetworkSpec, NetworkTag, Position, Scenario, Using, Vendor, Verb};
use crate::vendors::testing::{NO_CONTENT, Room, at, step};
use crate::world::place;

const DETECTIONS: &str = "/v1.0/identityProtection/riskDetections";
const RISKY: &str = "/v1.0/identityProtection/riskyUsers";

/// Ann signs in through Tor at ten; Bob from a device nobody knows, at home, at half past.
fn scenario() -> Scenario {
    let mut scenario = office();
    scenario.networks.push(NetworkSpec {
        name: "tor".to_owned(),
        place: place("Frankfurt").expect("in the catalogue"),
        tags: vec![NetworkTag::Tor],
        known: false,
        accuracy_km: 0,
        listed: Listed::default(),
        is_ipv6: false,
        at: Position::default(),
    });
    let mut tor = step(at("10:00:00"), 0, Verb::SignIn, ENTRA);
    tor.from = Some(From::Network(0));
    scenario.script.push(tor);
    let mut strange = step(at("10:30:00"), 0, Verb::SignIn, ENTRA);
    strange.using = Using::UnknownDevice;
    scenario.script.push(strange);
    scenario
}

/// Identity Protection answers once a second.
fn get(room: &mut Room, url: &str) -> Value {
    room.now = room.now + Duration::from_secs(1);
    let token = room.token();
    room.get(url, &token).expect(200)
}

fn events(page: &Value) -> Vec<String> {
    page["value"].as_array().expect("a list").iter().map(|d| text(d, "riskEventType").to_owned()).collect()
}

#[test]
fn sign_ins_from_bad_addresses_and_strange_devices_are_detected() {
    let mut room = Room::new(scenario(), Vendor::Entra);
    // London is too far from Frankfurt for half an hour, but that is worked out two hours later.
    assert_eq!(events(&get(&mut room, DETECTIONS)).len(), 2);
    room.now = at("13:00:00");
    let all = get(&mut room, DETECTIONS);
    let mut found = events(&all);
    found.sort();
    assert_eq!(found, ["anonymizedIPAddress", "unfamiliarFeatures", "unlikelyTravel"]);
    let of = |event: &str| {
        all["value"].as_array().expect("a list").iter().find(|d| d["riskEventType"] == *event).expect(event).clone()
    };
    let tor = of("anonymizedIPAddress");
    assert_eq!((text(&tor, "riskState"), text(&tor, "riskLevel")), ("atRisk", "medium"));
    let sign_in = get(&mut room, &format!("{SIGN_INS}/{}", text(&tor, "requestId")));
    assert_eq!(sign_in["riskEventTypes_v2"], json!(["anonymizedIPAddress"]));
    let low = of("unfamiliarFeatures");
    assert_eq!((text(&low, "riskState"), text(&low, "riskDetail")), ("dismissed", "aiConfirmedSigninSafe"));
    assert!(text(&low, "lastUpdatedDateTime") > text(&low, "detectedDateTime"), "a poller by detection time misses it");
    let one = get(&mut room, &format!("{DETECTIONS}/{}", text(&tor, "id")));
    assert_eq!(one["requestId"], tor["requestId"]);
}

#[test]
fn a_detection_is_shown_minutes_after_the_sign_in() {
    let mut room = Room::new(scenario(), Vendor::Entra);
    room.now = at("10:04:58");
    assert_eq!(events(&get(&mut room, DETECTIONS)), Vec::<String>::new());
    assert_eq!(events(&get(&mut room, DETECTIONS)), ["anonymizedIPAddress"]);
}

#[test]
fn an_administrators_word_decides() {
    let mut room = Room::new(scenario(), Vendor::Entra);
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    let user = get(&mut room, &format!("{RISKY}/{ann}"));
    assert_eq!((text(&user, "riskState"), text(&user, "riskLevel")), ("atRisk", "medium"));
    let body = json!({ "userIds": [ann] }).to_string();
    let say = |room: &mut Room, verb: &str| {
        room.now = room.now + Duration::from_secs(1);
        let token = room.token();
        room.post_json(Method::POST, &format!("{RISKY}/{verb}"), &token, &body)
    };
    let confirmed = say(&mut room, "confirmCompromised");
    assert_eq!(confirmed.status, NO_CONTENT);
    assert_eq!(
        confirmed.notes.effect.map(|e| (e.action, e.target)),
        Some(("confirm_compromised".into(), "ann".into()))
    );
    let user = get(&mut room, &format!("{RISKY}/{ann}"));
    assert_eq!((text(&user, "riskState"), text(&user, "riskLevel")), ("confirmedCompromised", "high"));
    assert_eq!(text(&user, "riskDetail"), "adminConfirmedUserCompromised");
    let history = get(&mut room, &format!("{RISKY}/{ann}/history"));
    assert!(history["value"].as_array().is_some_and(|items| items.len() >= 2), "{history:#}");
    assert_eq!(say(&mut room, "dismiss").status, NO_CONTENT);
    assert_eq!(text(&get(&mut room, &format!("{RISKY}/{ann}")), "riskState"), "dismissed");
    say(&mut room, "confirmSafe");
    assert_eq!(text(&get(&mut room, &format!("{RISKY}/{ann}")), "riskDetail"), "unknownFutureValue");
    let bearer = format!("Bearer {}", room.token());
    let modern = [("authorization", bearer.as_str()), ("prefer", "include-unknown-enum-members")];
    room.now = room.now + Duration::from_secs(1);
    let user = room.send(Method::GET, &format!("{RISKY}/{ann}"), &modern, "").expect(200);
    assert_eq!(text(&user, "riskDetail"), "adminConfirmedAccountSafe");
    assert_eq!(get(&mut room, &format!("{RISKY}/$count")).to_string(), "1");
}

#[test]
fn nobody_is_said_to_be_anything_by_a_wrong_id() {
    let mut room = Room::new(scenario(), Vendor::Entra);
    let token = room.token();
    let url = format!("{RISKY}/confirmCompromised");
    let refused = room.post_json(Method::POST, &url, &token, r#"{"userIds":["nobody"]}"#);
    check_error(&refused, 404, "Request_ResourceNotFound");
    assert_eq!(refused.notes.effect.map(|e| e.done), Some(false));
    room.now = room.now + Duration::from_secs(1);
    check_error(&room.post_json(Method::POST, &url, &token, "{}"), 400, "Request_BadRequest");
    let throttled = room.post_json(Method::POST, &url, &token, "{}");
    assert_eq!(throttled.status, 429);
    assert_eq!(throttled.header("retry-after"), None, "Identity Protection does not say when to come back");
}

#[test]
fn ordinary_days_are_no_risk() {
    let mut room = Room::new(office(), Vendor::Entra);
    assert_eq!(events(&get(&mut room, DETECTIONS)), Vec::<String>::new());
    assert_eq!(get(&mut room, RISKY)["value"], json!([]));
}

#[test]
fn what_is_said_of_a_sign_in_decides_what_was_detected_at_it() {
    let mut room = Room::new(scenario(), Vendor::Entra);
    let tor = get(&mut room, &format!("{DETECTIONS}?$filter=riskEventType%20eq%20'anonymizedIPAddress'"));
    let tor = tor["value"][0].clone();
    let body = json!({ "requestIds": [text(&tor, "requestId")] }).to_string();
    let say = |room: &mut Room, verb: &str, body: &str| {
        room.now = room.now + Duration::from_secs(1);
        let token = room.token();
        room.post_json(Method::POST, &format!("{SIGN_INS}/{verb}"), &token, body)
    };
    assert_eq!(say(&mut room, "confirmCompromised", &body).status, NO_CONTENT);
    let one = format!("{DETECTIONS}/{}", text(&tor, "id"));
    let decided = get(&mut room, &one);
    assert_eq!(
        (text(&decided, "riskState"), text(&decided, "riskDetail")),
        ("confirmedCompromised", "adminConfirmedSigninCompromised")
    );
    say(&mut room, "dismiss", &body);
    let dismissed = get(&mut room, &one);
    assert_eq!((text(&dismissed, "riskState"), text(&dismissed, "riskDetail")), ("dismissed", "unknownFutureValue"));
    let nobody = say(&mut room, "confirmSafe", r#"{"requestIds":["nobody"]}"#);
    check_error(&nobody, 404, "Request_ResourceNotFound");
}

/// Sporadic in licensed tenants too: a scenario's `error` fault with this status says the same.
#[test]
fn the_sign_in_log_refuses_for_a_missing_licence_in_one_way() {
    let code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    let mut room = Room::new(office(), Vendor::Entra);
    let token = room.token_with(&["AuditLog.Read.All"]);
    check_error(&room.get(SIGN_INS, &token), 403, code);
    room.get(super::AUDITS, &token).expect(200);
    let context = crate::protocol::dialect::RenderContext {
        now: room.now,
        request_id: "r".to_owned(),
        client_request_id: None,
        accept: None,
        origin: String::new(),
        path: SIGN_INS.to_owned(),
        query: None,
    };
    let injected = crate::protocol::dialect::Failure::Upstream(axum::http::StatusCode::FORBIDDEN);
    let answer = (crate::vendors::entra::SPEC.dialect.render)(&injected, &context);
    assert_eq!(answer.json_body()["error"]["code"], json!(code));
}
