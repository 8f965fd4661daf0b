//! SCIM, both versions.

use axum::http::Method;
use serde_json::{Value, json};

use super::*;
use crate::scenario::SignIn;

const STATUS: &str = "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User";
const AUTH: &str = "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User";

fn call(room: &mut Room, method: Method, url: &str, body: &str) -> Reply {
    let token = room.token();
    room.send(method, url, &[("authorization", &format!("Bearer {token}")), ("user-agent", "test")], body)
}

#[test]
fn a_request_without_user_agent_is_refused_as_graph_refuses() {
    let mut room = room();
    let token = room.token();
    room.agent = "";
    let refused = check_error(&room.get("/Users", &token), 400, 100);
    assert!(refused["error"]["message"].as_str().is_some_and(|m| m.contains("User-Agent")), "{refused}");
    let stranger = room.send(Method::GET, "/Users", &[("authorization", "Bearer x"), ("user-agent", "test")], "");
    check_error(&stranger, 401, 190);
}

#[test]
fn ten_users_are_a_page_unless_more_are_asked_for() {
    let mut scenario = company();
    scenario.people = 150;
    let mut room = Room::new(scenario, Vendor::Workplace);
    let page = call(&mut room, Method::GET, "/Users", "").expect(200);
    let sizes =
        |page: &Value| (page["totalResults"].as_u64(), page["itemsPerPage"].as_u64(), page["startIndex"].as_u64());
    assert_eq!(sizes(&page), (Some(154), Some(10), Some(1)));
    assert_eq!(
        sizes(&call(&mut room, Method::GET, "/Users?count=500&startIndex=101", "").expect(200)),
        (Some(154), Some(54), Some(101))
    );
    assert_eq!(
        sizes(&call(&mut room, Method::GET, "/Users?count=500", "").expect(200)),
        (Some(154), Some(100), Some(1))
    );
}

#[test]
fn filters_know_equality_of_two_attributes() {
    let mut room = room();
    let address = email(&room, 1);
    let url = |filter: &str| format!("/Users?filter={}", encode(filter));
    let found = call(&mut room, Method::GET, &url(&format!("userName eq \"{address}\"")), "").expect(200);
    assert_eq!(found["Resources"][0]["id"], json!(id(&room, 1)));
    assert_eq!(found["totalResults"], 1);
    for filter in [format!("userName sw \"{address}\""), "title eq \"x\"".to_owned(), "nonsense".to_owned()] {
        check_error(&call(&mut room, Method::GET, &url(&filter), ""), 400, 100);
    }
}

#[test]
fn a_put_merges() {
    let mut room = room();
    let url = format!("/Users/{}", id(&room, 1));
    let before = call(&mut room, Method::GET, &url, "").expect(200);
    let reply = call(&mut room, Method::PUT, &url, r#"{"active":false}"#);
    let after = reply.expect(200);
    assert_eq!(reply.notes.effect.map(|e| (e.action, e.target)), Some(("suspend".to_owned(), "ann".to_owned())));
    let mut expected = before.clone();
    expected["active"] = json!(false);
    assert_eq!(after, expected, "what the body leaves out stays");
    let taken = json!({ "userName": email(&room, 2) }).to_string();
    check_error(&call(&mut room, Method::PUT, &url, &taken), 409, 100);
    check_error(&call(&mut room, Method::PATCH, &url, "{}"), 405, 100);
    check_error(&call(&mut room, Method::GET, "/Users/1", ""), 404, 100);
}

#[test]
fn claims_can_be_taken_back_and_the_claimed_not_deleted() {
    let mut room = room();
    let url = format!("/Users/{}", id(&room, 2));
    check_error(&call(&mut room, Method::DELETE, &url, ""), 412, 100);
    let body = json!({ STATUS: { "claimed": false, "invited": true } }).to_string();
    let user = call(&mut room, Method::PUT, &url, &body).expect(200);
    assert_eq!(user[STATUS]["claimed"], json!(false));
    assert_eq!(call(&mut room, Method::DELETE, &url, "").status, 200);
    check_error(&call(&mut room, Method::GET, &url, ""), 404, 100);
}

#[test]
fn who_signs_in_through_the_directory_is_told() {
    for (sign_in, method) in [(SignIn::Sso, "sso"), (SignIn::Password, "password")] {
        let mut room = Room::new(story(sign_in, &["ann"]), Vendor::Workplace);
        let url = format!("/Users/{}", id(&room, 1));
        assert_eq!(call(&mut room, Method::GET, &url, "").expect(200)[AUTH]["authMethod"], method);
    }
}

#[test]
fn the_first_version_has_its_own_names() {
    let mut room = room();
    let list = call(&mut room, Method::GET, "/scim/v1/Users", "").expect(200);
    assert_eq!(list["schemas"], json!(["urn:scim:schemas:core:1.0"]));
    let schemas = list["Resources"][0]["schemas"].as_array().expect("names");
    assert!(schemas.contains(&json!("urn:scim:schemas:extension:facebook:starttermdates:1.0")), "{schemas:?}");
    let sets = call(&mut room, Method::GET, "/Groups", "").expect(200);
    assert!(sets["Resources"][0]["members"].is_array(), "{sets}");
    for url in ["/Schemas", "/Schemas/Users", "/ServiceProviderConfigs", "/scim/v1/ServiceProviderConfigs"] {
        assert_eq!(call(&mut room, Method::GET, url, "").status, 200, "{url}");
    }
}

#[test]
fn every_field_of_an_account_has_the_type_that_its_schema_says() {
    let mut room = room();
    let schemas = call(&mut room, Method::GET, "/Schemas", "").expect(200);
    let account = &call(&mut room, Method::GET, "/Users", "").expect(200)["Resources"][1];
    let mut checked = 0;
    for schema in schemas["Resources"].as_array().expect("schemas") {
        let Some(fields) = account.get(schema["id"].as_str().expect("an id")).and_then(Value::as_object) else {
            continue;
        };
        for (name, value) in fields {
            let attributes = schema["attributes"].as_array().expect("attributes");
            let attribute = attributes.iter().find(|a| a["name"] == json!(name));
            let holds = match attribute.map(|a| a["type"].as_str().unwrap_or_default()) {
                Some("string") => value.is_string(),
                Some("boolean") => value.is_boolean(),
                Some("integer") => value.is_i64(),
                other => panic!("{name} is of type {other:?}"),
            };
            assert!(holds, "{name}: {value}");
            checked += 1;
        }
    }
    assert!(checked >= 6, "{account:#}");
}
