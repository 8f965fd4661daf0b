//! Delta queries.

use std::time::Duration;

use axum::http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ANN, ENTRA, check_error, room, text};
use crate::scenario::{Vendor, Verb};
use crate::vendors::testing::Room;

const DELTA: &str = "/v1.0/users/delta";

/// A round: what it told, and where the next begins.
#[track_caller]
fn round(room: &mut Room, from: &str) -> (Vec<Value>, String) {
    let token = room.token();
    let (mut items, mut url) = (Vec::new(), from.to_owned());
    loop {
        let page = room.get(&url, &token).expect(200);
        items.extend(page["value"].as_array().expect("a list").iter().cloned());
        match (page["@odata.nextLink"].as_str(), page["@odata.deltaLink"].as_str()) {
            (Some(next), None) => url = next.to_owned(),
            (None, Some(delta)) => return (items, delta.to_owned()),
            other => panic!("either of the two: {other:?}"),
        }
    }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| text(item, "id")).collect()
}

fn later(room: &mut Room) {
    room.now = room.now + Duration::from_secs(60);
}

fn ann(room: &Room) -> String {
    room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone()
}

#[test]
fn a_first_round_tells_everything_and_the_next_what_changed() {
    let mut room = room();
    let (everybody, link) = round(&mut room, &format!("{DELTA}?$select=displayName,accountEnabled&$top=1"));
    assert_eq!(everybody.len(), 3);
    assert_eq!(everybody[0].as_object().map(|o| o.len()), Some(3), "id is always there: {}", everybody[0]);
    assert_eq!(round(&mut room, &link).0, Vec::<Value>::new());
    later(&mut room);
    let (token, ann) = (room.token(), ann(&room));
    room.post_json(Method::PATCH, &format!("/v1.0/users/{ann}"), &token, r#"{"accountEnabled":false}"#);
    later(&mut room);
    let (changed, link) = round(&mut room, &link);
    assert_eq!(ids(&changed), [ann.as_str()]);
    assert_eq!(changed[0]["accountEnabled"], json!(false), "and the selection is kept: {}", changed[0]);
    later(&mut room);
    assert_eq!(round(&mut room, &link).0, Vec::<Value>::new());
}

#[test]
fn who_is_removed_is_told_with_the_reason() {
    let mut room = room();
    let (_, link) = round(&mut room, &format!("{DELTA}?$deltatoken=latest"));
    later(&mut room);
    let (token, ann) = (room.token(), ann(&room));
    room.post_json(Method::DELETE, &format!("/v1.0/users/{ann}"), &token, "");
    later(&mut room);
    let (removed, link) = round(&mut room, &link);
    assert_eq!(removed, [json!({ "id": ann, "@removed": { "reason": "changed" } })]);
    later(&mut room);
    room.post_json(Method::DELETE, &format!("/v1.0/directory/deletedItems/{ann}"), &token, "");
    later(&mut room);
    assert_eq!(round(&mut room, &link).0, [json!({ "id": ann, "@removed": { "reason": "deleted" } })]);
}

#[test]
fn a_token_of_last_week_is_gone_and_says_where_to_begin_anew() {
    let mut room = room();
    let (_, link) = round(&mut room, DELTA);
    room.now = room.now + Duration::from_secs(7 * 86_400);
    let (_, link) = round(&mut room, &link);
    room.now = room.now + Duration::from_secs(7 * 86_400 + 1);
    let token = room.token();
    let gone = room.get(&link, &token);
    check_error(&gone, 410, "SyncStateNotFound");
    let fresh = gone.header("location").expect("it says where").to_owned();
    assert!(fresh.ends_with("/users/delta?$deltatoken="), "{fresh}");
    assert_eq!(round(&mut room, &fresh).0.len(), 3);
    check_error(&room.get(&format!("{DELTA}?$deltatoken=forged"), &token), 400, "Directory_ExpiredPageToken");
}

#[test]
fn properties_outside_the_directory_are_not_tracked() {
    let mut room = room();
    let token = room.token();
    check_error(&room.get(&format!("{DELTA}?$select=skills"), &token), 501, "NotImplemented");
    check_error(&room.get(&format!("{DELTA}?$select=shoeSize"), &token), 400, "Request_BadRequest");
    check_error(&room.get(&format!("{DELTA}?$filter=mail%20eq%20'x'"), &token), 400, "Request_UnsupportedQuery");
    let one = format!("{DELTA}?$filter=id%20eq%20'{}'", ann(&room));
    assert_eq!(round(&mut room, &one).0.len(), 1);
    let many = vec!["id%20eq%20'x'"; 51].join("%20or%20");
    check_error(&room.get(&format!("{DELTA}?$filter={many}"), &token), 400, "Request_BadRequest");
}

#[test]
fn sdks_write_the_function_in_three_ways() {
    let mut room = room();
    for url in ["/v1.0/users/delta()", "/v1.0/users/microsoft.graph.delta()", "/v1.0/users/microsoft.graph.delta"] {
        assert_eq!(round(&mut room, url).0.len(), 3, "{url}");
    }
}

#[test]
fn a_groups_members_come_with_it() {
    let mut room = room();
    let (groups, link) = round(&mut room, "/v1.0/groups/delta");
    assert_eq!(groups.len(), room.sim.world.groups.len());
    assert!(groups.iter().all(|group| group["members@delta"].is_array()));
    later(&mut room);
    let (token, ann) = (room.token(), ann(&room));
    let all = room.sim.world.groups.iter().find(|g| g.key == "all-employees").expect("there is one").id.clone();
    room.post_json(Method::DELETE, &format!("/v1.0/groups/{all}/members/{ann}/$ref"), &token, "");
    later(&mut room);
    let (changed, _) = round(&mut room, &link);
    assert_eq!(ids(&changed), [all.as_str()]);
    let members = changed[0]["members@delta"].as_array().expect("a list");
    assert!(members.iter().any(|m| m["id"] == json!(ann) && !m["@removed"].is_null()), "{members:?}");
}

#[test]
fn what_changes_while_a_round_is_read_comes_in_the_next() {
    let mut room = room();
    let (token, ann) = (room.token(), ann(&room));
    let first = room.get(&format!("{DELTA}?$top=1"), &token).expect(200);
    later(&mut room);
    room.post_json(Method::PATCH, &format!("/v1.0/users/{ann}"), &token, r#"{"accountEnabled":false}"#);
    let (_, link) = round(&mut room, text(&first, "@odata.nextLink"));
    later(&mut room);
    assert_eq!(ids(&round(&mut room, &link).0), [ann.as_str()]);
}

#[test]
fn delegated_grants_and_applications_have_rounds_too() {
    let mut scenario = super::office();
    let mut grant = crate::vendors::testing::step(crate::vendors::testing::at("12:30:00"), 0, Verb::GrantApp, ENTRA);
    grant.object = Some("Mail Merge".into());
    scenario.script.push(grant);
    let mut room = Room::new(scenario, Vendor::Entra);
    let (none, link) = round(&mut room, "/v1.0/oauth2PermissionGrants/delta()");
    assert_eq!(none, Vec::<Value>::new());
    room.now = room.now + Duration::from_secs(3_600);
    let (given, link) = round(&mut room, &link);
    assert_eq!((given.len(), text(&given[0], "consentType")), (1, "Principal"));
    let token = room.token();
    later(&mut room);
    let url = format!("/v1.0/oauth2PermissionGrants/{}", text(&given[0], "id"));
    room.post_json(Method::DELETE, &url, &token, "");
    later(&mut room);
    assert_eq!(round(&mut room, &link).0, [json!({ "id": given[0]["id"], "@removed": { "reason": "deleted" } })]);

    let (apps, link) = round(&mut room, "/v1.0/applications/delta");
    later(&mut room);
    let token = room.token();
    room.post_json(Method::DELETE, &format!("/v1.0/applications/{}", text(&apps[0], "id")), &token, "");
    later(&mut room);
    assert_eq!(round(&mut room, &link).0, [json!({ "id": apps[0]["id"], "@removed": { "reason": "changed" } })]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is done in between, who applies every round by id knows at the end what a first round tells.
    #[test]
    fn who_applies_every_round_is_up_to_date(deeds in proptest::collection::vec((0_usize..3, 0_u8..4), 1..8)) {
        let mut room = room();
        let (first, mut link) = round(&mut room, DELTA);
        let mut known: std::collections::BTreeMap<String, Value> =
            first.into_iter().map(|item| (text(&item, "id").to_owned(), item)).collect();
        for (person, deed) in deeds {
            later(&mut room);
            let token = room.token();
            let id = room.sim.world.people[person].accounts[&ENTRA].user_id.clone();
            let (user, item) = (format!("/v1.0/users/{id}"), format!("/v1.0/directory/deletedItems/{id}/restore"));
            match deed {
                0 => room.post_json(Method::PATCH, &user, &token, r#"{"accountEnabled":false}"#),
                1 => room.post_json(Method::PATCH, &user, &token, r#"{"accountEnabled":true,"jobTitle":"x"}"#),
                2 => room.post_json(Method::DELETE, &user, &token, ""),
                _ => room.post_json(Method::POST, &item, &token, ""),
            };
            if deed % 2 == 0 {
                later(&mut room);
                let (changed, next) = round(&mut room, &link);
                link = next;
                for item in changed {
                    let id = text(&item, "id").to_owned();
                    if item["@removed"].is_null() { known.insert(id, item) } else { known.remove(&id) };
                }
            }
        }
        later(&mut room);
        for item in round(&mut room, &link).0 {
            let id = text(&item, "id").to_owned();
            if item["@removed"].is_null() { known.insert(id, item) } else { known.remove(&id) };
        }
        let (all, _) = round(&mut room, DELTA);
        prop_assert_eq!(known.into_values().collect::<Vec<_>>(), all);
    }
}
