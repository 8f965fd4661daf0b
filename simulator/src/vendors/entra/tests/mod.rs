//! The room tests, and those that every vendor shares.

mod apps;
mod batch;
mod conforms;
mod delta;
mod groups;
mod oauth;
mod relations;
mod risk;
mod security;
mod subscriptions;
mod users;

use axum::http::Method;
use serde_json::{Value, json};

use crate::protocol::exchange::Effects;
use crate::protocol::form::{encode, encode_pairs};
use crate::scenario::{AppIndex, Outcome, Scenario, SignIn, Vendor, Verb, Who};
use crate::vendors::shared_tests::{Manner, Refusals};
use crate::vendors::testing::{NO_CONTENT, Reply, Room, at, check_schema, day_1, description, step, story};
use crate::world::PersonIndex;

const MIRO: AppIndex = AppIndex(0);
const ENTRA: AppIndex = AppIndex(1);
const SIGN_INS: &str = "/v1.0/auditLogs/signIns";
const AUDITS: &str = "/v1.0/auditLogs/directoryAudits";
const ANN: PersonIndex = PersonIndex(1);

fn next(_: &str, body: &Value) -> Option<String> {
    body["@odata.nextLink"].as_str().map(str::to_owned)
}

#[test]
fn entra_owes_a_client_what_every_vendor_does() {
    Manner {
        vendor: Vendor::Entra,
        verb: Verb::SignIn,
        log: "/v1.0/auditLogs/signIns?$top=3&$filter=createdDateTime%20ge%202026-03-02T00:00:00Z".to_owned(),
        entries: "/value",
        id: "id",
        next: |url, page| next(url, &page.json()),
        other_scope: ("User.Read.All", 403),
        other_method: 405,
        mistyped: ("/v1.0/auditLogs/signins", "/v1.0/auditLogs/signIns"),
        refusals: Refusals::USUAL,
        prepare: |_, _| {},
        elsewhere: None,
    }
    .run();
}

fn office() -> Scenario {
    let mut scenario = story(SignIn::Sso, &["ann", "bob"]);
    scenario.script.push(step(at("09:00:00.123456"), 0, Verb::SignIn, MIRO));
    let mut wrong = step(at("09:01:00"), 1, Verb::SignIn, ENTRA);
    wrong.result = Outcome::WrongPassword;
    scenario.script.push(wrong);
    let mut disable = step(at("09:02:00"), 0, Verb::Suspend, ENTRA);
    (disable.actor, disable.target) = (Who::Admin, Some(Who::Cast(1)));
    scenario.script.push(disable);
    scenario
}

fn room() -> Room {
    Room::new(office(), Vendor::Entra)
}

fn filtered(path: &str, filter: &str) -> String {
    format!("{path}?{}", encode_pairs([("$filter", filter)]))
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no text {name} in {body}"))
}

#[track_caller]
fn check_error(reply: &Reply, status: u16, code: &str) {
    let body = reply.expect(status);
    assert_eq!(text(&body["error"], "code"), code, "{body}");
    assert_eq!(Some(text(&body["error"]["innerError"], "request-id")), reply.header("request-id"));
}

#[test]
fn request_ids_come_back_on_every_answer() {
    let mut room = room();
    let bearer = format!("Bearer {}", room.token());
    let headers = [("authorization", bearer.as_str()), ("client-request-id", "11111111-2222-4333-8444-555555555555")];
    let reply = room.send(Method::GET, SIGN_INS, &headers, "");
    assert_eq!(reply.header("client-request-id"), Some("11111111-2222-4333-8444-555555555555"));
    assert!(reply.header("request-id").is_some());
    let refused = room.send(Method::GET, SIGN_INS, &[], "");
    check_error(&refused, 401, "InvalidAuthenticationToken");
    assert!(refused.header("www-authenticate").is_some_and(|v| v.starts_with("Bearer realm=\"\"")));
}

#[test]
fn users_are_paged_selected_and_found_by_id_or_name() {
    let mut room = room();
    let token = room.token();
    let mut url = Some("/v1.0//users?$top=2&$select=id,accountEnabled".to_owned());
    let mut ids = Vec::new();
    while let Some(asked) = url {
        let page = room.get(&asked, &token).expect(200);
        for user in page["value"].as_array().expect("users") {
            assert_eq!(user.as_object().map(|u| u.len()), Some(2), "{user}");
            ids.push(text(user, "id").to_owned());
        }
        url = next("", &page);
    }
    assert_eq!(ids.len(), 3);
    let ann = &room.sim.world.people[ANN.0].accounts[&ENTRA].clone();
    let by_id = room.get(&format!("/v1.0/users/{}", ann.user_id), &token).expect(200);
    let by_name = room.get(&format!("/v1.0/users/{}", encode(&ann.login)), &token).expect(200);
    assert_eq!(by_id, by_name);
    assert_eq!(by_id["accountEnabled"], Value::Null, "only when it is selected");
    let filter = format!("startswith(userPrincipalName,'{}') and accountEnabled eq true", &ann.login[..5]);
    let found = room.get(&filtered("/v1.0/users", &filter), &token).expect(200);
    assert!(found["value"].as_array().is_some_and(|u| u.iter().any(|u| u["id"] == json!(ann.user_id))));
}

#[test]
fn refusals_of_the_user_list_are_graphs_own() {
    let mut room = room();
    let token = room.token();
    let too_many = room.get("/v1.0/users?$top=1000", &token);
    check_error(&too_many, 400, "Request_BadRequest");
    let words = "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.";
    assert_eq!(text(&too_many.json()["error"], "message"), words);
    check_error(&room.get("/v1.0/users?$skiptoken=forged", &token), 400, "Directory_ExpiredPageToken");
    check_error(&room.get("/v1.0/users?$search=x", &token), 400, "Request_UnsupportedQuery");
    check_error(&room.get("/v1.0/users?$select=shoeSize", &token), 400, "Request_BadRequest");
    check_error(&room.get("/v1.0/users/nobody", &token), 404, "Request_ResourceNotFound");
    check_error(&room.get(&format!("{SIGN_INS}?$skiptoken=forged"), &token), 400, "BadRequest");
}

#[test]
fn counting_wants_the_lagging_index() {
    let mut room = room();
    let bearer = format!("Bearer {}", room.token());
    let plain = [("authorization", bearer.as_str())];
    let eventual = [("authorization", bearer.as_str()), ("consistencylevel", "eventual")];
    check_error(&room.send(Method::GET, "/v1.0/users/$count", &plain, ""), 400, "Request_BadRequest");
    assert_eq!(room.send(Method::GET, "/v1.0/users/%24count", &eventual, "").text(), "3");
    let counted = room.send(Method::GET, "/v1.0/users?$count=true&$top=1", &eventual, "").expect(200);
    assert_eq!(counted["@odata.count"], json!(3));
    let second = room.send(Method::GET, &next("", &counted).expect("there is more"), &eventual, "").expect(200);
    assert_eq!(second["@odata.count"], Value::Null, "on the first page only");
    let ignored = room.send(Method::GET, "/v1.0/users?$count=true", &plain, "").expect(200);
    assert_eq!(ignored["@odata.count"], Value::Null);
}

#[test]
fn single_sign_on_is_recorded_here_with_the_app_and_failures_with_their_number() {
    let mut room = room();
    let token = room.token();
    let page = room.get(SIGN_INS, &token).expect(200);
    let (failed, passed) = (&page["value"][0], &page["value"][1]);
    assert_eq!(page["value"].as_array().map(Vec::len), Some(2));
    assert_eq!((&failed["status"]["errorCode"], text(failed, "appDisplayName")), (&json!(50_126), "My Apps"));
    assert_eq!((&passed["status"]["errorCode"], text(passed, "appDisplayName")), (&json!(0), "Miro"));
    assert_eq!(text(passed, "createdDateTime"), "2026-03-02T09:00:00.1234560Z");
    assert_eq!(text(passed, "userId"), room.sim.world.people[ANN.0].accounts[&ENTRA].user_id);
    assert_eq!(text(&passed["location"], "countryOrRegion"), "GB");
    let single = room.get(&format!("{SIGN_INS}/{}", text(passed, "id")), &token).expect(200);
    assert_eq!(single["correlationId"], passed["correlationId"]);
    check_error(&room.get(&format!("{SIGN_INS}/nothing"), &token), 404, "Request_ResourceNotFound");
}

#[test]
fn logs_are_filtered_by_time_and_by_other_properties() {
    let mut room = room();
    let token = room.token();
    let mut count = |filter: &str| {
        room.now = room.now + std::time::Duration::from_secs(10);
        let page = room.get(&filtered(SIGN_INS, filter), &token).expect(200);
        page["value"].as_array().map(Vec::len)
    };
    assert_eq!(count("createdDateTime ge 2026-03-02T09:00:00Z and createdDateTime lt 2026-03-02T09:01:00Z"), Some(1));
    assert_eq!(count("createdDateTime gt 2026-03-02T09:01:00Z"), Some(0));
    assert_eq!(count("createdDateTime le 2026-03-02T09:01:00Z"), Some(2));
    assert_eq!(count("status/errorCode eq 50126"), Some(1));
    assert_eq!(count("appDisplayName eq 'miro' and createdDateTime ge 2026-03-02T00:00:00Z"), Some(1));
    let ordered = room.get(&format!("{SIGN_INS}?$orderby=createdDateTime%20asc"), &token).expect(200);
    assert_eq!(ordered["value"][0]["status"]["errorCode"], json!(0), "oldest first");
    check_error(&room.get(&format!("{SIGN_INS}?$orderby=userId"), &token), 400, "Request_UnsupportedQuery");
}

#[test]
fn nothing_older_than_thirty_days_is_served() {
    let mut room = room();
    let token = room.token();
    room.now = day_1() + std::time::Duration::from_secs(31 * 86_400);
    assert_eq!(room.get(SIGN_INS, &token).expect(200)["value"], json!([]));
}

#[test]
fn suspending_disables_the_account_and_leaves_an_entry_of_the_connectors_app() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].clone();
    let url = format!("/v1.0/users/{}", encode(&ann.login));
    let reply = room.post_json(Method::PATCH, &url, &token, r#"{"accountEnabled":false}"#);
    assert_eq!((reply.status, reply.body.len()), (NO_CONTENT, 0));
    let effect = reply.notes.effect.expect("it is noted");
    assert_eq!((effect.action.as_str(), effect.target.as_str(), effect.done), ("suspend", "ann", true));
    let as_sdks_do = r##"{"@odata.type":"#microsoft.graph.user","accountEnabled":false}"##;
    let again = room.post_json(Method::PATCH, &url, &token, as_sdks_do);
    assert_eq!(again.status, NO_CONTENT, "repeating it succeeds");
    let user = room.get(&format!("{url}?$select=accountEnabled"), &token).expect(200);
    assert_eq!(user["accountEnabled"], json!(false));

    room.now = room.now + std::time::Duration::from_secs(180);
    let filter = "activityDisplayName eq 'Disable account' and initiatedBy/app/displayName eq 'stack'";
    let page = room.get(&filtered(AUDITS, filter), &token).expect(200);
    assert_eq!(page["value"].as_array().map(Vec::len), Some(1), "and leaves no second entry: {page}");
    assert_eq!(page["value"][0]["targetResources"][0]["id"], json!(ann.user_id));
    let client_id = room.sim.state().instances[1].tokens.client().client_id.clone();
    assert_eq!(page["value"][0]["initiatedBy"]["app"]["appId"], json!(client_id));
    let scripted = room.get(&filtered(AUDITS, "initiatedBy/user/displayName ge 'A'"), &token).expect(200);
    assert_eq!(scripted["value"].as_array().map(Vec::len), Some(1), "a person's deed is a person's: {scripted}");
}

#[test]
fn ending_sessions_answers_200_and_true() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    let url = format!("/v1.0/users/{ann}/revokeSignInSessions");
    let reply = room.post_json(Method::POST, &url, &token, "");
    assert_eq!(reply.expect(200)["value"], json!(true));
    assert_eq!(reply.notes.effect.map(|e| e.action), Some("require_sign_in".to_owned()));
    let url = format!("/v1.0/users/{ann}?$select=signInSessionsValidFromDateTime");
    let user = room.get(&url, &token).expect(200);
    assert_eq!(text(&user, "signInSessionsValidFromDateTime"), "2026-03-02T12:00:00Z");
}

#[test]
fn a_pretended_effect_changes_nothing() {
    let mut room = room();
    let token = room.token();
    room.effects = Effects::Pretended;
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    let url = format!("/v1.0/users/{ann}");
    let reply = room.post_json(Method::PATCH, &url, &token, r#"{"accountEnabled":false}"#);
    assert_eq!((reply.status, reply.notes.effect.map(|e| e.done)), (NO_CONTENT, Some(false)));
    let user = room.get(&format!("{url}?$select=accountEnabled"), &token).expect(200);
    assert_eq!(user["accountEnabled"], json!(true));
}

#[test]
fn governance_refuses_what_it_cannot_do() {
    let mut room = room();
    let token = room.token();
    let nobody = room.post_json(Method::PATCH, "/v1.0/users/nobody", &token, r#"{"accountEnabled":false}"#);
    check_error(&nobody, 404, "Request_ResourceNotFound");
    assert_eq!(nobody.notes.effect.map(|e| (e.target, e.done)), Some(("nobody".to_owned(), false)));
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    for body in ["", "[]", r#"{"accountEnabled":"False"}"#, r#"{"id":"Eve"}"#] {
        let refused = room.post_json(Method::PATCH, &format!("/v1.0/users/{ann}"), &token, body);
        check_error(&refused, 400, "Request_BadRequest");
    }
    let reader = room.token_with(&["User.Read.All"]);
    let mut other = self::room();
    let reader_elsewhere = other.token_with(&["User.Read.All"]);
    let url = format!("/v1.0/users/{ann}/revokeSignInSessions");
    check_error(&other.post_json(Method::POST, &url, &reader_elsewhere, ""), 403, "Authorization_RequestDenied");
    assert_eq!(reader, token, "the ready token stays what it was");
}

#[test]
fn mail_is_kept_and_its_recipient_noted() {
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].email.clone();
    let from = format!("secops@{}", room.sim.world.domain);
    let body = json!({ "message": {
        "subject": "Was this you?",
        "body": { "contentType": "Text", "content": "A sign-in from Madrid." },
        "toRecipients": [{ "emailAddress": { "address": ann } }],
    }});
    let url = format!("/v1.0/users/{}/sendMail", encode(&from));
    let reply = room.post_json(Method::POST, &url, &token, &body.to_string());
    assert_eq!((reply.status, reply.body.len()), (202, 0));
    let effect = reply.notes.effect.expect("it is noted");
    assert_eq!((effect.action.as_str(), effect.target.as_str(), effect.done), ("notify", "ann", true));
    let letters: Vec<_> = room.sim.state().instances[1].mailbox.letters().cloned().collect();
    assert_eq!((letters.len(), letters[0].to.as_slice()), (1, [ann].as_slice()));
    let empty = room.post_json(Method::POST, &url, &token, r#"{"message":{"toRecipients":[]}}"#);
    check_error(&empty, 400, "Request_BadRequest");
}

#[test]
fn a_throttled_client_is_told_in_seconds_and_in_graphs_words() {
    let mut room = room();
    let token = room.token();
    let refused = (0..6).map(|_| room.get(SIGN_INS, &token)).last().expect("six answers");
    let body = refused.expect(429);
    assert_eq!(text(&body["error"], "code"), "TooManyRequests");
    assert_eq!(refused.header("retry-after"), Some("10"));
    assert_eq!(room.get("/v1.0/users", &token).header("x-ms-resource-unit"), Some("2"), "the directory has its own");
}

#[test]
fn answers_fit_the_published_description() {
    let Some(document) = description("graph.json") else { return };
    let mut room = room();
    let token = room.token();
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
    #[rustfmt::skip]
    let cases = [
        (SIGN_INS.to_owned(),               "microsoft.graph.signInCollectionResponse"),
        (AUDITS.to_owned(),                 "microsoft.graph.directoryAuditCollectionResponse"),
        ("/v1.0/users".to_owned(),          "microsoft.graph.userCollectionResponse"),
        (format!("/v1.0/users/{ann}"),      "microsoft.graph.user"),
    ];
    for (url, schema) in cases {
        check_schema(&document, schema, &room.get(&url, &token).expect(200));
    }
}
