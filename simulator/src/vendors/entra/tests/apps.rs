//! Service principals, delegated grants, app role assignments.

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};

use super::{ANN, ENTRA, MIRO, check_error, office, room, text};
use crate::protocol::signing;
use crate::scenario::{Outcome, Scenario, Using, Vendor, Verb};
use crate::vendors::testing::{NO_CONTENT, Room, at, step};

/// Ann lets an application in at ten, and it is at work at three in the afternoon.
fn with_an_app() -> Scenario {
    let mut scenario = office();
    let mut grant = step(at("10:00:00"), 0, Verb::GrantApp, ENTRA);
    grant.object = Some("Mail Merge".into());
    grant.details.insert("scopes".into(), "Mail.Read, Mail.Send".into());
    scenario.script.push(grant);
    scenario
}

fn app_room() -> Room {
    Room::new(with_an_app(), Vendor::Entra)
}

fn first(room: &mut Room, url: &str) -> Value {
    let token = room.token();
    room.get(url, &token).expect(200)["value"][0].clone()
}

#[test]
fn who_lets_an_application_in_has_a_grant_that_can_be_taken_away() {
    let mut room = app_room();
    let grant = first(&mut room, "/v1.0/oauth2PermissionGrants");
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    assert_eq!((text(&grant, "principalId"), text(&grant, "scope")), (ann.as_str(), " Mail.Read Mail.Send"));
    let token = room.token();
    let app = room.get(&format!("/v1.0/servicePrincipals/{}", text(&grant, "clientId")), &token).expect(200);
    assert_eq!(text(&app, "displayName"), "Mail Merge");
    for url in [
        format!("/v1.0/users/{ann}/oauth2PermissionGrants"),
        format!("/v1.0/servicePrincipals/{}/oauth2PermissionGrants", text(&grant, "clientId")),
    ] {
        assert_eq!(first(&mut room, &url)["id"], grant["id"], "{url}");
    }
    let url = format!("/v1.0/oauth2PermissionGrants/{}", text(&grant, "id"));
    let narrowed = room.post_json(Method::PATCH, &url, &token, r#"{"scope":"Mail.Read"}"#);
    assert_eq!(narrowed.status, NO_CONTENT);
    assert_eq!(text(&room.get(&url, &token).expect(200), "scope"), "Mail.Read");
    let gone = room.post_json(Method::DELETE, &url, &token, "");
    assert_eq!(gone.status, NO_CONTENT);
    assert_eq!(
        gone.notes.effect.map(|e| (e.action, e.target, e.done)),
        Some(("revoke_app".into(), "ann".into(), true))
    );
    check_error(&room.post_json(Method::DELETE, &url, &token, ""), 404, "Request_ResourceNotFound");
}

#[test]
fn taking_a_grant_away_stops_the_application() {
    let outcome = |delete: bool| {
        let mut scenario = with_an_app();
        let mut work = step(at("15:00:00"), 0, Verb::Download, ENTRA);
        work.using = Using::GrantedApp("Mail Merge".to_owned());
        scenario.script.push(work);
        let mut room = Room::new(scenario, Vendor::Entra);
        let token = room.token();
        let grant = first(&mut room, "/v1.0/oauth2PermissionGrants");
        if delete {
            room.post_json(Method::DELETE, &format!("/v1.0/oauth2PermissionGrants/{}", text(&grant, "id")), &token, "");
        }
        let mut state = room.sim.state();
        state.timeline.advance(at("16:00:00"));
        let outcomes = state.timeline.outcome();
        let last = outcomes.last().expect("the work was tried").activity().map(Arc::clone);
        last.is_some_and(|a| a.outcome == Outcome::Success)
    };
    assert_eq!((outcome(false), outcome(true)), (true, false));
}

#[test]
fn grants_can_be_given_for_everybody() {
    let mut room = app_room();
    let token = room.token();
    let principals = room.get("/v1.0/servicePrincipals?$top=999", &token).expect(200);
    let id = |name: &str| {
        let all = principals["value"].as_array().expect("a list");
        text(all.iter().find(|p| p["displayName"] == *name).expect(name), "id").to_owned()
    };
    let body = json!({
        "clientId": id("Mail Merge"),
        "consentType": "AllPrincipals",
        "resourceId": id("Microsoft Graph"),
        "scope": "User.Read",
    });
    let made = room.post_json(Method::POST, "/v1.0/oauth2PermissionGrants", &token, &body.to_string()).expect(201);
    assert_eq!(made["principalId"], Value::Null);
    let url = format!("/v1.0/oauth2PermissionGrants/{}", text(&made, "id"));
    assert_eq!(room.post_json(Method::DELETE, &url, &token, "").status, NO_CONTENT);
    check_error(&room.get(&url, &token), 404, "Request_ResourceNotFound");
}

fn roles_of_a_fresh_token(room: &Room) -> Vec<String> {
    let mut state = room.sim.state();
    let tokens = &mut state.instances[ENTRA.0].tokens;
    let order = crate::protocol::credentials::Order {
        token_kind: crate::protocol::credentials::OAUTH,
        user: None,
        scopes: tokens.client().scopes.clone(),
        life: std::time::Duration::from_secs(60),
        refresh_life: None,
    };
    let token = tokens.hand_out(order, room.now).access_token;
    let claims = signing::claims(&token).expect("a token");
    claims["roles"].as_array().expect("roles").iter().map(|r| r.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_role_that_is_taken_away_is_missing_in_the_next_token() {
    let mut room = room();
    let token = room.token();
    let principals =
        room.get("/v1.0/servicePrincipals?$filter=displayName%20eq%20'Microsoft%20Graph'", &token).expect(200);
    let graph = principals["value"][0].clone();
    let role =
        graph["appRoles"].as_array().expect("roles").iter().find(|r| r["value"] == "Mail.Send").expect("it is offered");
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", text(&graph, "id"));
    let held = room.get(&format!("{url}?$top=999"), &token).expect(200);
    let held = held["value"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|a| a["appRoleId"] == role["id"])
        .expect("it is held")
        .clone();
    assert!(roles_of_a_fresh_token(&room).contains(&"Mail.Send".to_owned()));
    let one = format!("{url}/{}", text(&held, "id"));
    assert_eq!(room.post_json(Method::DELETE, &one, &token, "").status, NO_CONTENT);
    assert!(!roles_of_a_fresh_token(&room).contains(&"Mail.Send".to_owned()));
    check_error(&room.post_json(Method::DELETE, &one, &token, ""), 404, "Request_ResourceNotFound");
    let body = json!({ "principalId": held["principalId"], "resourceId": held["resourceId"], "appRoleId": role["id"] });
    let given = room.post_json(Method::POST, &url, &token, &body.to_string()).expect(201);
    assert_eq!(given["id"], held["id"]);
    assert!(roles_of_a_fresh_token(&room).contains(&"Mail.Send".to_owned()));
}

#[test]
fn people_are_assigned_to_the_apps_that_trust_the_directory() {
    let mut room = room();
    let ann = room.sim.world.people[ANN.0].clone();
    assert!(ann.accounts.contains_key(&MIRO));
    let token = room.token();
    let url = format!("/v1.0/users/{}/appRoleAssignments", ann.accounts[&ENTRA].user_id);
    let assignments = room.get(&url, &token).expect(200);
    let mut assignments = assignments["value"].as_array().expect("a list").iter();
    let miro = assignments.find(|a| text(a, "resourceDisplayName") == "Miro").expect("one for each app");
    assert_eq!(text(miro, "appRoleId"), "00000000-0000-0000-0000-000000000000");
}

#[test]
fn a_banned_application_gets_no_more_tokens() {
    let mut room = room();
    let token = room.token();
    let applications = room.get("/v1.0/applications", &token).expect(200);
    let app_id = text(&applications["value"][0], "appId").to_owned();
    let stack = room.get(&format!("/v1.0/servicePrincipals(appId='{app_id}')"), &token).expect(200);
    let url = format!("/v1.0/servicePrincipals/{}", text(&stack, "id"));
    let banned = room.post_json(Method::PATCH, &url, &token, r#"{"accountEnabled":false}"#);
    assert_eq!((banned.status, banned.notes.effect.map(|e| e.action)), (NO_CONTENT, Some("ban_app".into())));
    assert!(room.sim.state().instances[ENTRA.0].tokens.client().disabled);
    assert_eq!(room.get("/v1.0/users", &token).status, 200, "what was issued lives on");
    room.post_json(Method::PATCH, &url, &token, r#"{"accountEnabled":true}"#);
    assert!(!room.sim.state().instances[ENTRA.0].tokens.client().disabled);
}

#[test]
fn a_deleted_application_is_unknown_until_it_is_restored() {
    let mut room = room();
    let token = room.token();
    let applications = room.get("/v1.0/applications", &token).expect(200);
    let (id, app_id) = (text(&applications["value"][0], "id").to_owned(), text(&applications["value"][0], "appId"));
    let principal = format!("/v1.0/servicePrincipals(appId='{app_id}')");
    let principal_id = text(&room.get(&principal, &token).expect(200), "id").to_owned();
    let ask = |room: &mut Room| {
        let client = room.sim.state().instances[ENTRA.0].tokens.client().clone();
        let url = format!("/{}/oauth2/v2.0/token", room.sim.world.instances[ENTRA.0].organisation_id);
        let scope = ("scope", "https://graph.microsoft.com/.default");
        let secret = ("client_secret", client.client_secret.as_str());
        let reply = room
            .post_form(&url, &[("grant_type", "client_credentials"), ("client_id", &client.client_id), secret, scope]);
        reply.json()["error_codes"].clone()
    };
    let gone = room.post_json(Method::DELETE, &format!("/v1.0/applications/{id}"), &token, "");
    assert_eq!((gone.status, ask(&mut room)), (NO_CONTENT, json!([700_016])));
    check_error(&room.get(&format!("/v1.0/applications/{id}"), &token), 404, "Request_ResourceNotFound");
    check_error(&room.get(&principal, &token), 404, "Request_ResourceNotFound");
    let restore = |id: &str| format!("/v1.0/directory/deletedItems/{id}/restore");
    room.post_json(Method::POST, &restore(&id), &token, "").expect(200);
    assert_eq!(ask(&mut room), json!([7_000_229]), "its service principal is still gone");
    room.post_json(Method::POST, &restore(&principal_id), &token, "").expect(200);
    assert_eq!(ask(&mut room), Value::Null);
}
