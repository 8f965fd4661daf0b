//! Fine-grained personal tokens: what the stack's own opens, until when, and while nobody has approved it.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::apps::installation_token;
use super::{Reply, Room, customer, github, login_of, office, room_of, send, text};
use crate::scenario::{Credentials, Scenario, SignIn, Step, Verb};
use crate::seed::Seed;
use crate::vendors::testing::{at, step};

/// An event of this name about the stack's own token.
fn decision(time: &str, word: &str) -> Step {
    let mut event = step(at(time), 0, Verb::Event, github());
    event.object = Some("stack".to_owned());
    event.details.insert("name".to_owned(), format!("personal_access_token.{word}"));
    event
}

/// The office, whose stack is given a fine-grained token with these permissions, or with all there are.
fn given(permissions: Option<&[&str]>, decisions: Vec<Step>) -> Room {
    let mut scenario = office(SignIn::Sso);
    scenario.apps[github().0].credentials = Credentials::FineGrained;
    scenario.apps[github().0].scopes = permissions.map(|all| all.iter().map(|p| (*p).to_owned()).collect());
    scenario.script.extend(decisions);
    scenario.script.sort_by_key(|step| step.at);
    room_of(scenario)
}

fn of_organisation(room: &mut Room, path: &str, token: &str) -> Reply {
    let target = format!("/orgs/{}{path}", customer(room).login);
    room.get(&target, token)
}

#[test]
fn it_carries_permissions_and_no_scopes_and_says_when_it_ends() {
    let mut room = given(None, Vec::new());
    let token = room.token();
    assert!(token.starts_with("github_pat_") && token.len() == 93, "{token}");
    let read = of_organisation(&mut room, "/members", &token);
    assert_eq!((read.status, read.header("x-oauth-scopes")), (200, None));
    assert_eq!(read.header("x-accepted-github-permissions"), Some("members=read"));
    assert!(read.header("github-authentication-token-expiration").is_some_and(|end| end.starts_with("2027-03-03")));
    assert_eq!(of_organisation(&mut room, "/audit-log", &token).status, 200);
}

#[test]
fn what_it_was_not_permitted_is_refused_by_name() {
    let mut room = given(Some(&["metadata:read", "organization_administration:read"]), Vec::new());
    let token = room.token();
    let refused = of_organisation(&mut room, "/members", &token);
    assert_eq!(text(&refused.expect(403), "message"), "Resource not accessible by personal access token");
    assert_eq!(refused.header("x-accepted-github-permissions"), Some("members=read"));
    assert_eq!(of_organisation(&mut room, "/audit-log", &token).status, 200);
    assert_eq!(of_organisation(&mut room, "/personal-access-tokens", &token).status, 403, "for apps alone");
    let login = login_of(&room, 1);
    let block = format!("/orgs/{}/blocks/{login}", customer(&room).login);
    assert_eq!(send(&mut room, Method::PUT, &block, &token, "").status, 403, "who may read may not write");
}

#[test]
fn it_ends_after_its_life() {
    let mut scenario = office(SignIn::Password);
    scenario.apps[github().0].credentials = Credentials::FineGrained;
    scenario.apps[github().0].token_life = Some(Duration::from_secs(3_600));
    let mut room = room_of(scenario);
    let token = room.token();
    assert_eq!(of_organisation(&mut room, "/members", &token).status, 200);
    room.now = room.now + Duration::from_secs(3_600);
    assert_eq!(text(&of_organisation(&mut room, "/members", &token).expect(401), "message"), "Bad credentials");
}

#[test]
fn until_an_owner_has_approved_it_the_organisation_is_not_there_for_it() {
    #[rustfmt::skip]
    let cases = [
        // the latest word                                             members
        (vec![],                                                       200),
        (vec![("11:00", "request_created")],                           404),
        (vec![("11:00", "request_created"), ("11:30", "access_granted")], 200),
        (vec![("11:00", "request_created"), ("11:30", "request_denied")], 404),
        (vec![("11:00", "access_revoked")],                            404),
    ];
    for (said, members) in cases {
        let steps = said.iter().map(|(time, word)| decision(&format!("{time}:00"), word)).collect();
        let mut room = given(None, steps);
        let token = room.token();
        assert_eq!(of_organisation(&mut room, "/members", &token).status, members, "{said:?}");
        assert_eq!(of_organisation(&mut room, "/audit-log", &token).status, members, "{said:?}");
        assert_eq!(of_organisation(&mut room, "", &token).status, 200, "what everybody sees");
        assert_eq!(room.get("/user", &token).status, 200, "who it belongs to");
    }
}

#[test]
fn an_app_approves_it_and_takes_it_back() {
    let mut room = given(None, vec![decision("11:00:00", "request_created")]);
    let (token, app) = (room.token(), installation_token(&mut room));
    let own =
        |list: Value| list.as_array().expect("a list").iter().find(|row| row["token_name"] == json!("stack")).cloned();
    let listed = of_organisation(&mut room, "/personal-access-token-requests", &app).expect(200);
    let asked = own(listed).expect("it asks");
    assert_eq!(asked["permissions"]["organization"]["members"], json!("write"));
    assert_eq!(asked["permissions"]["repository"]["contents"], json!("read"));
    let target = format!("/orgs/{}/personal-access-token-requests", customer(&room).login);
    let body = format!(r#"{{"action":"approve","pat_request_ids":[{}]}}"#, asked["id"]);
    assert_eq!(send(&mut room, Method::POST, &target, &app, &body).status, 202);
    assert_eq!(of_organisation(&mut room, "/members", &token).status, 200);
    assert_eq!(own(of_organisation(&mut room, "/personal-access-token-requests", &app).expect(200)), None);
    let granted = own(of_organisation(&mut room, "/personal-access-tokens", &app).expect(200)).expect("it is granted");
    let target = format!("/orgs/{}/personal-access-tokens/{}", customer(&room).login, granted["id"]);
    assert_eq!(send(&mut room, Method::POST, &target, &app, r#"{"action":"revoke"}"#).status, 204);
    assert_eq!(of_organisation(&mut room, "/members", &token).status, 404);
}

#[test]
fn a_request_that_is_approved_becomes_a_token() {
    // Who asks is drawn: the first office in which somebody does.
    let mut offices = (1..60).map(|seed| Scenario { seed: Seed(seed), ..office(SignIn::Password) });
    let asked = |scenario: Scenario| {
        let mut room = room_of(scenario);
        let app = installation_token(&mut room);
        let requests = of_organisation(&mut room, "/personal-access-token-requests", &app).expect(200);
        requests.get(0).cloned().map(|one| (room, app, one))
    };
    let (mut room, app, one) = offices.find_map(asked).expect("every eighth person asks");
    let target = format!("/orgs/{}/personal-access-token-requests", customer(&room).login);
    let body = format!(r#"{{"action":"approve","pat_request_ids":[{}]}}"#, one["id"]);
    assert_eq!(send(&mut room, Method::POST, &target, &app, &body).status, 202);
    let granted = of_organisation(&mut room, "/personal-access-tokens", &app).expect(200);
    let owners: Vec<&Value> = granted.as_array().expect("a list").iter().map(|row| &row["owner"]["login"]).collect();
    assert!(owners.contains(&&one["owner"]["login"]), "{owners:?}");
}
