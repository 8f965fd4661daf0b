//! Security alerts, incidents, the secure score, and tokens for the product that raises the alerts.

use axum::http::Method;
use serde_json::json;

use super::*;
use crate::scenario::{AttackIndex, AttackSpec, From as Origin, Listed, MdaMode, NetworkSpec, NetworkTag, Position};
use crate::world::place;

const ALERTS: &str = "/v1.0/security/alerts_v2";
const DEFENDER: &str = "05a65629-4c1b-48c1-a78b-804c4abdd4af";

/// Somebody is ann in Miro, from a Tor exit.
pub(super) fn add_attack(scenario: &mut Scenario) {
    scenario.attacks.push(AttackSpec {
        name: "takeover".to_owned(),
        techniques: vec!["T1078.004".to_owned()],
        at: Position::default(),
    });
    scenario.networks.push(NetworkSpec {
        name: "exit".to_owned(),
        place: place("Frankfurt").expect("in the catalogue"),
        tags: vec![NetworkTag::Tor],
        known: false,
        accuracy_km: 0,
        listed: Listed::default(),
        is_ipv6: false,
        at: Position::default(),
    });
    let mut thief = step(at("09:30:00"), 0, Verb::SignIn, MIRO);
    (thief.attack, thief.from) = (Some(AttackIndex(0)), Some(Origin::Network(0)));
    scenario.script.push(thief);
}

fn attacked() -> Room {
    let mut scenario = office();
    add_attack(&mut scenario);
    Room::new(scenario, Vendor::Entra)
}

#[test]
fn what_defender_finds_is_told_here_and_triaged() {
    let mut room = attacked();
    let token = room.token();
    let page = room.get(ALERTS, &token).expect(200);
    let alert = &page["value"][0];
    assert_eq!(alert["title"], "Activity from a TOR IP address");
    assert_eq!((text(alert, "serviceSource"), text(alert, "status")), ("microsoftDefenderForCloudApps", "new"));
    let (id, own) = (text(alert, "id").to_owned(), text(alert, "providerAlertId").to_owned());
    assert_eq!(id, format!("ca{own}"));
    let kinds: Vec<&str> =
        alert["evidence"].as_array().expect("evidence").iter().map(|e| text(e, "@odata.type")).collect();
    assert!(
        kinds.contains(&"#microsoft.graph.security.userEvidence")
            && kinds.contains(&"#microsoft.graph.security.ipEvidence")
    );
    room.now = room.now + std::time::Duration::from_secs(10);
    let patch = json!({ "status": "resolved", "classification": "truePositive" }).to_string();
    let told = room.post_json(Method::PATCH, &format!("{ALERTS}/{id}"), &token, &patch).expect(200);
    assert_eq!((text(&told, "status"), text(&told, "resolvedDateTime")), ("resolved", "2026-03-02T12:00:10Z"));
    let open = room.get(&filtered(ALERTS, "status ne 'resolved'"), &token).expect(200);
    assert!(open["value"].as_array().expect("a list").iter().all(|other| other["id"] != *id));
    let wrong = room.post_json(Method::PATCH, &format!("{ALERTS}/{id}"), &token, r#"{"severity":"low"}"#);
    assert_eq!(wrong.status, 400);
    let incident = text(alert, "incidentId").to_owned();
    room.now = room.now + std::time::Duration::from_secs(10);
    let told = room.get(&format!("/v1.0/security/incidents/{incident}"), &token).expect(200);
    assert_eq!((text(&told, "severity"), text(&told, "status")), ("medium", "active"));
}

#[test]
fn the_score_of_a_day_counts_single_sign_on_for_workplace() {
    let mut room = attacked();
    let token = room.token();
    let profiles = room.get("/v1.0/security/secureScoreControlProfiles", &token).expect(200);
    let adopt = profiles["value"].as_array().expect("a list").iter();
    let adopt = adopt
        .clone()
        .find(|p| text(p, "title") == "Adopt SSO (Single sign on) in Workplace by Meta")
        .expect("it is there");
    let scores = room.get("/v1.0/security/secureScores?$top=1", &token).expect(200);
    let score = &scores["value"][0];
    let tenant = &room.sim.world.instances[ENTRA.0].organisation_id;
    assert_eq!(text(score, "id"), format!("{tenant}_2026-03-02"));
    let control = score["controlScores"].as_array().expect("controls").iter().find(|c| c["controlName"] == adopt["id"]);
    assert_eq!(control.expect("it counts")["score"], adopt["maxScore"], "people sign in through the directory");
}

#[test]
fn a_token_for_defender_opens_defender_and_nothing_of_graph() {
    let mut room = attacked();
    let client = room.sim.state().instances[ENTRA.0].tokens.client().clone();
    let tenant = room.sim.world.instances[ENTRA.0].organisation_id.clone();
    let scope = format!("{DEFENDER}/.default");
    let common = [("client_id", client.client_id.as_str()), ("client_secret", client.client_secret.as_str())];
    let app = [("grant_type", "client_credentials"), ("scope", &scope)];
    let token_url = format!("/{tenant}/oauth2/v2.0/token");
    let token = room.post_form(&token_url, &[&common[..], &app].concat()).expect(200);
    let token = text(&token, "access_token").to_owned();
    assert_eq!(room.get("/v1.0/users", &token).status, 401, "another audience");
    let mut defender = Room::new(office(), Vendor::Defender);
    defender.sim = std::sync::Arc::clone(&room.sim);
    let opens = |defender: &mut Room, token: &str, path: &str| {
        defender.send(Method::GET, path, &[("authorization", &format!("Bearer {token}"))], "").status
    };
    assert_eq!(opens(&mut defender, &token, "/api/v1/activities/"), 200);
    let graph = room.token();
    assert_eq!(opens(&mut defender, &graph, "/api/v1/activities/"), 401);
    let v1 = [("grant_type", "client_credentials"), ("resource", DEFENDER)];
    let v1 = room.post_form(&format!("/{tenant}/oauth2/token"), &[&common[..], &v1].concat()).expect(200);
    assert_eq!((text(&v1, "resource"), text(&v1, "expires_in")), (DEFENDER, "3599"));
    let (ann, scope) = (room.sim.world.people[1].email.clone(), format!("{DEFENDER}/Investigation.read"));
    let person = [("grant_type", "password"), ("username", &*ann), ("password", "any"), ("scope", &*scope)];
    let token = room.post_form(&token_url, &[&common[..], &person].concat()).expect(200);
    let token = text(&token, "access_token").to_owned();
    assert_eq!(opens(&mut defender, &token, "/api/v1/activities/"), 200);
    assert_eq!(opens(&mut defender, &token, "/api/discovery/streams/"), 403);
}

#[test]
fn of_two_directories_the_first_alone_is_watched() {
    let mut scenario = office();
    add_attack(&mut scenario);
    let mut second = scenario.apps[ENTRA.0].clone();
    second.name = "subsidiary".to_owned();
    scenario.apps.push(second);
    let mut room = Room::new(scenario, Vendor::Entra);
    let lists = [
        ALERTS,
        "/v1.0/security/incidents",
        "/v1.0/security/secureScores",
        "/v1.0/security/secureScoreControlProfiles",
    ];
    let lengths = |room: &mut Room| {
        let token = room.token();
        lists.map(|list| room.get(list, &token).expect(200)["value"].as_array().map(Vec::len))
    };
    assert!(lengths(&mut room).iter().all(|length| length.is_some_and(|length| length > 0)));
    room.app = crate::scenario::AppIndex(Vendor::ALL.len());
    assert_eq!(lengths(&mut room), [Some(0); 4]);
}

/// Somebody is ann in Miro, from New York.
fn travelled(mode: MdaMode) -> Room {
    let mut scenario = office();
    scenario.attacks.push(AttackSpec {
        name: "takeover".to_owned(),
        techniques: vec!["T1078.004".to_owned()],
        at: Position::default(),
    });
    let mut thief = step(at("09:30:00"), 0, Verb::SignIn, MIRO);
    (thief.attack, thief.from) = (Some(AttackIndex(0)), place("New York").map(Origin::Place));
    scenario.script.push(thief);
    for app in &mut scenario.apps {
        app.mda_mode = mode;
    }
    Room::new(scenario, Vendor::Entra)
}

#[test]
fn what_is_a_behavior_in_one_mode_and_an_alert_in_the_other_is_read_where_it_is() {
    for (mode, in_tables) in [(MdaMode::Behaviors, true), (MdaMode::LegacyAlerts, false)] {
        let mut room = travelled(mode);
        let token = room.token();
        let mut hunt = |query: &str| {
            let sent = json!({ "Query": query }).to_string();
            room.post_json(Method::POST, "/v1.0/security/runHuntingQuery", &token, &sent).expect(200)
        };
        let asked =
            "BehaviorInfo | where ActionType == \"ImpossibleTravelActivity\" | project BehaviorId, AccountUpn | take 1";
        let told = hunt(asked);
        let names: Vec<&str> = told["schema"].as_array().expect("a schema").iter().map(|c| text(c, "name")).collect();
        assert_eq!(names, ["BehaviorId", "AccountUpn"]);
        assert_eq!(told["results"].as_array().expect("rows").len(), usize::from(in_tables), "{mode:?}");
        if in_tables {
            let id = text(&told["results"][0], "BehaviorId").to_owned();
            let of_it = hunt(&format!("BehaviorEntities | where BehaviorId == '{id}' and EntityType == 'Ip'"));
            assert_eq!(of_it["results"].as_array().expect("rows").len(), 2, "from two places: {of_it}");
        }
        let alerts = room.get(ALERTS, &token).expect(200);
        let alerts = alerts["value"].as_array().expect("a list").iter();
        let journey = alerts.filter(|alert| alert["title"] == "Impossible travel activity").count();
        assert_eq!(journey, usize::from(!in_tables), "{mode:?}");
    }
}

#[test]
fn a_query_that_is_not_understood_is_refused_as_graph_refuses() {
    let mut room = attacked();
    let token = room.token();
    let sent = json!({ "Query": "DeviceInfo | take 1" }).to_string();
    let answer = room.post_json(Method::POST, "/v1.0/security/runHuntingQuery", &token, &sent);
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("DeviceInfo"), "{}", answer.text());
}
