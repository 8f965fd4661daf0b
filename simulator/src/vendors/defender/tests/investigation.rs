//! Entities, files, ranges, discovery.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::scenario::{Listed, NetworkSpec, Position, Who};
use crate::world::{discovery, place};

const ENTITIES: &str = "/api/v1/entities/";
const SUBNETS: &str = "/api/v1/subnet/";

fn total(room: &mut Room, target: &str, filters: &Value) -> Value {
    room.now = room.now + std::time::Duration::from_secs(10);
    post(room, target, &json!({ "filters": filters })).expect(200)["total"].clone()
}

#[test]
fn a_person_is_an_entity_and_so_is_every_account() {
    let mut scenario = office(SignIn::Sso);
    let mut suspend = step(at("10:00:00"), 0, Verb::Suspend, MIRO);
    (suspend.actor, suspend.target) = (Who::Admin, Some(Who::Cast(0)));
    scenario.script.push(suspend);
    let mut room = room_of(scenario);
    // it_admin, ann and bob; four apps are connected.
    assert_eq!(total(&mut room, ENTITIES, &json!({})), json!(3 * 5));
    assert_eq!(total(&mut room, ENTITIES, &json!({ "type": { "eq": 2 } })), json!(3));
    assert_eq!(total(&mut room, ENTITIES, &json!({ "app": { "eq": 90_001 }, "type": { "eq": "1" } })), json!(3));
    assert_eq!(total(&mut room, ENTITIES, &json!({ "status": { "eq": [3] } })), json!(1));
    assert_eq!(total(&mut room, ENTITIES, &json!({ "isAdmin": { "eq": true }, "type": { "eq": 2 } })), json!(1));
    let ann = room.sim.world.people[1].directory_id.clone();
    let key = json!({ "id": ann, "saas": 11_161, "inst": 0 });
    let named = json!({ "filters": { "entity": { "eq": [key] }, "type": { "eq": "2" } } });
    let page = post(&mut room, ENTITIES, &named).expect(200);
    let user = &page["data"][0];
    assert_eq!(user["username"], json!(format!("{{'id': '{ann}', 'saas': 11161, 'inst': 0}}")));
    assert_eq!(user["lastSeen"], json!("2026-03-02T09:20:00Z"));
    let path = BASE64_STANDARD.encode(key.to_string());
    assert_eq!(&get(&mut room, &format!("{ENTITIES}{path}/")).expect(200), user);
    let tree = get(&mut room, &format!("{ENTITIES}{path}/retrieve_tree/")).expect(200);
    assert_eq!((&tree["user"], tree["accounts"].as_array().expect("accounts").len()), (user, 4));
    assert_eq!(get(&mut room, &format!("{ENTITIES}bm9ib2R5/")).status, 404);
}

#[test]
fn files_are_governed_and_the_log_tells() {
    let mut scenario = office(SignIn::Sso);
    scenario.people = 60;
    let mut room = room_of(scenario);
    let public = json!({ "filters": { "sharing": { "eq": [3] } } });
    let page = post(&mut room, "/api/v1/files/", &public).expect(200);
    let file = page["data"][0].clone();
    assert_eq!(file["fileAccessLevel"], json!([3, "PUBLIC"]));
    let id = file["_id"].as_str().expect("an id");
    let task = format!(
        r#"{{"task_name":"RemoveSharedLinkFileTask","entities":[{{"id":"{id}","appId":15600}}],"params":null}}"#
    );
    let token = room.token();
    let done = room.post_json(Method::POST, "/cas/api/v1/files/bulk_governance/", &token, &task);
    assert_eq!((done.status, done.notes.effect.expect("it is noted").action.as_str()), (200, "make_private"));
    assert_eq!(get(&mut room, &format!("/api/v1/files/{id}/")).expect(200)["fileAccessLevel"], json!([0, "PRIVATE"]));
    let log = post(&mut room, "/api/v1/governance/", &json!({ "filters": { "status": { "eq": true } } })).expect(200);
    assert_eq!(each(&log, "/taskName"), ["RemoveSharedLinkFileTask"]);
    let narrower = task.replace("RemoveSharedLinkFileTask", "RemovePublicFileTask");
    assert_eq!(room.post_json(Method::POST, "/api/v1/files/bulk_governance/", &token, &narrower).status, 200);
    let private = json!([0, "PRIVATE"]);
    assert_eq!(
        get(&mut room, &format!("/api/v1/files/{id}/")).expect(200)["fileAccessLevel"],
        private,
        "none is opened"
    );
    let log = post(&mut room, "/api/v1/governance/", &json!({ "filters": { "status": { "eq": true } } })).expect(200);
    let task_id = log["data"][0]["_id"].as_str().expect("an id").to_owned();
    assert_eq!(get(&mut room, &format!("/api/v1/governance/{task_id}/")).expect(200), log["data"][0]);
    let other_order = format!(r#"{{"entities":[{{"id":"{id}","appId":15600}}],"task_name":"QuarantineTask"}}"#);
    assert_eq!(room.post_json(Method::POST, "/api/v1/files/bulk_governance/", &token, &other_order).status, 400);
    let matched = json!({ "policy": { "isset": true } });
    let (some, all) = (total(&mut room, "/api/v1/files/", &matched), total(&mut room, "/api/v1/files/", &json!({})));
    assert!(some.as_u64() > Some(0) && some.as_u64() < all.as_u64(), "{some} of {all}");
}

#[test]
fn ranges_are_kept_as_version_6_and_do_not_overlap() {
    let mut scenario = office(SignIn::Password);
    scenario.networks.push(NetworkSpec {
        name: "office".to_owned(),
        place: place("London").expect("in the catalogue"),
        tags: vec![crate::scenario::NetworkTag::Corporate],
        known: true,
        accuracy_km: 0,
        listed: Listed::default(),
        is_ipv6: false,
        at: Position::default(),
    });
    let mut room = room_of(scenario);
    assert_eq!(total(&mut room, SUBNETS, &json!({ "category": { "eq": 1 }, "builtIn": { "eq": false } })), json!(1));
    let rule = |name: &str, block: &str| json!({ "name": name, "category": 5, "subnets": [block], "tags": ["lab"] });
    let made = post(&mut room, "/api/subnet/create_rule/", &rule("lab", "203.0.113.64/26")).expect(200);
    let id = made.as_str().expect("the id alone").to_owned();
    let told = get(&mut room, &format!("{SUBNETS}{id}/")).expect(200);
    assert_eq!(
        told["subnets"],
        json!([{ "mask": 122, "address": "0000:0000:0000:0000:0000:ffff:cb00:7140", "originalString": "203.0.113.64/26" }])
    );
    for (name, block) in [("lab", "192.0.2.0/24"), ("other", "203.0.113.0/24"), ("other", "here")] {
        assert_eq!(post(&mut room, "/api/v1/subnet/create_rule/", &rule(name, block)).status, 400, "{name} {block}");
    }
    let bare = json!({ "name": "lab", "category": 2, "subnets": ["203.0.113.64/26"] });
    assert_eq!(post(&mut room, &format!("{SUBNETS}{id}/update_rule/"), &bare).status, 200);
    let told = get(&mut room, &format!("{SUBNETS}{id}/")).expect(200);
    assert_eq!((&told["category"], &told["tags"]), (&json!(2), &json!([])), "what is not sent is empty");
    let token = room.token();
    assert_eq!(room.post_json(Method::DELETE, &format!("{SUBNETS}{id}/"), &token, "").status, 200);
    assert_eq!(get(&mut room, &format!("{SUBNETS}{id}/")).status, 404);
}

#[test]
fn discovery_shows_ninety_days_and_apps_by_person() {
    let mut scenario = office(SignIn::Password);
    scenario.people = 30;
    let mut room = room_of(scenario);
    let streams = get(&mut room, "/api/discovery/streams/").expect(200);
    let stream = streams["streams"][0]["_id"].clone();
    let apps = |room: &mut Room, more: Value| {
        room.now = room.now + std::time::Duration::from_secs(10);
        let mut body =
            json!({ "streamId": stream, "timeframe": "90", "sortField": "usersCount", "sortDirection": "desc" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        post(room, "/cas/api/v1/discovery/discovered_apps/", &body)
    };
    let all = apps(&mut room, json!({})).expect(200);
    let users = each(&all, "/usersCount");
    assert!(users.len() > 5 && users.is_sorted_by(|a, b| a.as_u64() >= b.as_u64()), "{users:?}");
    let sim = std::sync::Arc::clone(&room.sim);
    let usage = discovery::used_since(&sim.world, &sim.scenario, 90, room.now);
    for app in all["data"].as_array().expect("apps") {
        let used = usage.iter().filter(|used| used.app.name == app["name"]);
        let people = used.clone().count();
        let bytes: u64 = used.map(|used| used.uploaded + used.downloaded).sum();
        assert_eq!((&app["usersCount"], &app["trafficTotalBytes"]), (&json!(people), &json!(bytes)), "{app}");
    }
    let low = apps(&mut room, json!({ "filters": { "score": { "eq": [0, 3] } } })).expect(200);
    assert!(each(&low, "/score").iter().all(|score| score.as_u64() <= Some(3)));
    let week = apps(&mut room, json!({ "timeframe": 7, "filters": { "users": { "gt": 0 } } })).expect(200);
    assert!(week["data"][0]["usersCount"].as_u64() <= all["data"][0]["usersCount"].as_u64());
    let person = room.sim.world.people[5].email.clone();
    let theirs = apps(&mut room, json!({ "filters": { "user.entity": { "eq": [person] } } })).expect(200);
    assert!(theirs["total"].as_u64() < all["total"].as_u64());
    assert_eq!(apps(&mut room, json!({ "timeframe": 60 })).status, 400);
    let categories = post(&mut room, "/api/v1/discovery/discovered_apps/categories/", &json!({ "streamId": stream }));
    assert!(categories.expect(200)[0]["id"].as_str().expect("an id").starts_with("SAASDB_CATEGORY_"));
    let app = all["data"][0]["appId"].as_u64().expect("a number");
    assert_eq!(get(&mut room, &format!("/api/v1/saasdb/{app}/")).expect(200)["name"], all["data"][0]["name"]);
}

#[test]
fn a_log_is_uploaded_in_three_steps_and_a_script_blocks() {
    let mut room = room_of(office(SignIn::Password));
    let offered = get(&mut room, "/api/v1/discovery/upload_url/?filename=a.log&source=PALO_ALTO").expect(200);
    let url = offered["url"].as_str().expect("an address").to_owned();
    let done = json!({ "uploadUrl": url, "inputStreamName": "office", "uploadAsSnapshot": true });
    assert_eq!(post(&mut room, "/api/v1/discovery/done_upload/", &done).status, 400, "nothing is there yet");
    assert_eq!(room.send(Method::PUT, &url, &[], "a line").status, 400);
    assert_eq!(room.send(Method::PUT, &url, &[("x-ms-blob-type", "BlockBlob")], "a line").status, 201);
    post(&mut room, "/api/v1/discovery/done_upload/", &done).expect(200);
    let streams = get(&mut room, "/api/discovery/streams/").expect(200);
    assert_eq!(streams["streams"][1]["displayName"], "office");
    let script = get(&mut room, "/api/discovery_block_scripts/?format=120&type=banned");
    assert_eq!((script.status, script.text().as_str()), (200, ".dropkick.example\n.keyring.example\n"));
    assert_eq!(get(&mut room, "/api/discovery_block_scripts/?format=1&type=banned").status, 400);
}
