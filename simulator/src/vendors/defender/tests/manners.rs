//! Redirects, limits, refusals.

use super::*;

#[test]
fn a_path_without_its_slash_is_redirected_and_the_body_is_lost() {
    let mut room = room_of(office(SignIn::Password));
    let body = json!({ "filters": { "service": { "eq": 90_002 } } });
    assert_eq!(each(&post(&mut room, ACTIVITIES, &body).expect(200), "/appName"), ["GitHub"]);
    let lost = post(&mut room, "/cas/api/v1/activities?x=1", &body);
    let location = lost.header("location").expect("a redirect").to_owned();
    assert_eq!((lost.status, location.as_str()), (301, "http://127.0.0.1:4101/cas/api/v1/activities/?x=1"));
    // As clients follow: with GET, and without a body.
    assert_eq!(get(&mut room, &location).expect(200)["total"], json!(4), "unfiltered, and no error");
    assert_eq!(get(&mut room, "/api/v1/activitys").status, 404, "what is served nowhere is not redirected");
}

#[test]
fn thirty_requests_a_minute_are_for_all_tokens_together() {
    let mut room = room_of(office(SignIn::Password));
    for _ in 0..30 {
        get(&mut room, ACTIVITIES).expect(200);
    }
    let other = room.token_with(&["Investigation.read"]);
    let refused = room.get(ACTIVITIES, &other);
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("throttled") && refused.text().contains("TOO MANY REQUESTS"));
    assert_eq!(refused.header("retry-after"), None);
    room.now = room.now + std::time::Duration::from_secs(60);
    get(&mut room, ACTIVITIES).expect(200);
}

#[test]
fn refusals_say_what_clients_look_for() {
    let mut room = room_of(office(SignIn::Password));
    assert!(room.get(ACTIVITIES, "nobodys").text().contains("Invalid token"));
    let stranger = room.token_with(&["Discovery.read"]);
    assert!(room.get(ACTIVITIES, &stranger).text().contains("Forbidden"));
    let mut room = room_of(office(SignIn::Password));
    let refused = post(&mut room, ACTIVITIES, &json!({ "filters": { "service": { "eq": "Miro" } } })).expect(400);
    assert_eq!(refused["filters"][0]["errorMessageParams"], json!({ "value": "Miro" }));
    for wrong in [json!({ "colour": { "eq": 1 } }), json!({ "service": { "resembles": 1 } }), json!({ "service": 1 })] {
        post(&mut room, ACTIVITIES, &json!({ "filters": wrong })).expect(400);
    }
    assert_eq!(get(&mut room, &format!("{ACTIVITIES}nobodys/")).status, 404);
}
