//! Who may ask, and behind which scheme.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::*;
use crate::vendors::defender::tokens::RESOURCE;

fn client(room: &Room) -> (String, String) {
    let client = room.sim.state().instances[room.app.0].tokens.client().clone();
    (client.client_id, client.client_secret)
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("JSON")
}

fn with(room: &mut Room, authorization: &str) -> u16 {
    room.send(Method::GET, ACTIVITIES, &[("authorization", authorization)], "").status
}

#[test]
fn a_token_made_by_hand_has_a_scheme_of_its_own() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    assert!(token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(with(&mut room, &format!("token {token} ")), 200, "in any case of letters, and with a blank behind it");
    assert_eq!(with(&mut room, &format!("Bearer {token}")), 401);
}

#[test]
fn an_application_gets_a_token_for_this_resource() {
    let mut room = room_of(office(SignIn::Password));
    let (id, secret) = client(&room);
    let scope = format!("{RESOURCE}/.default");
    let grant = ("grant_type", "client_credentials");
    let pairs = [grant, ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let v2 = room.post_form("/x/oauth2/v2.0/token", &[&pairs[..], &[("scope", scope.as_str())]].concat()).expect(200);
    let v1 = room.post_form("/x/oauth2/token", &[&pairs[..], &[("resource", RESOURCE)]].concat()).expect(200);
    assert_eq!((&v2["expires_in"], &v1["expires_in"]), (&json!(3599), &json!("3599")));
    for answer in [v2, v1] {
        let token = answer["access_token"].as_str().expect("a token");
        let said = claims(token);
        assert_eq!(said["aud"], RESOURCE);
        assert!(said["roles"].as_array().expect("roles").contains(&json!("Investigation.manage")));
        assert_eq!(with(&mut room, &format!("Bearer {token}")), 200);
        assert_eq!(with(&mut room, &format!("Token {token}")), 401);
    }
    let refused = room.post_form(
        "/x/oauth2/v2.0/token",
        &[&pairs[..], &[("scope", "https://graph.microsoft.com/.default")]].concat(),
    );
    assert_eq!(refused.expect(400)["error"], "invalid_scope");
}

#[test]
fn a_person_may_what_was_asked_for_in_their_name() {
    let mut room = room_of(office(SignIn::Password));
    let (id, secret) = client(&room);
    let ann = room.sim.world.people[1].email.clone();
    let scope = format!("{RESOURCE}/Investigation.Read");
    let pairs = [
        ("grant_type", "password"),
        ("client_id", &id),
        ("client_secret", &secret),
        ("username", &ann),
        ("password", "whatever"),
        ("scope", &scope),
    ];
    let answer = room.post_form("/x/oauth2/v2.0/token", &pairs).expect(200);
    let token = answer["access_token"].as_str().expect("a token");
    assert_eq!((&claims(token)["scp"], &claims(token)["upn"]), (&json!("Investigation.read"), &json!(ann)));
    assert_eq!(with(&mut room, &format!("Bearer {token}")), 200);
}

#[test]
fn a_token_dies_with_who_made_it() {
    let mut scenario = office(SignIn::Sso);
    let mut leave = step(at("11:00:00"), 0, Verb::Suspend, ENTRA);
    leave.actor = crate::scenario::Who::Admin;
    leave.target = Some(crate::scenario::Who::Admin);
    scenario.script.push(leave);
    let mut room = room_of(scenario);
    room.now = at("10:59:00");
    get(&mut room, ACTIVITIES).expect(200);
    room.now = at("11:01:00");
    let refused = get(&mut room, ACTIVITIES);
    assert_eq!(
        (refused.status, refused.reasons[0].as_str()),
        (403, "permission: whoever made the token is disabled or gone")
    );
}
