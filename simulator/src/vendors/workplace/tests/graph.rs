//! Paging, projection, batches, limits: what all of Graph has in common.

use axum::http::Method;
use serde_json::{Value, json};

use super::*;

fn big_room() -> Room {
    let mut scenario = company();
    scenario.people = 30;
    Room::new(scenario, Vendor::Workplace)
}

#[test]
fn a_walk_by_next_gives_everybody_once_and_one_by_after_makes_a_call_more() {
    let mut room = big_room();
    let token = room.token();
    let (mut url, mut seen) = (Some("/community/organization_members?limit=10".to_owned()), Vec::new());
    let mut last = Value::Null;
    while let Some(asked) = url {
        let page = room.get(&asked, &token).expect(200);
        seen.extend(ids(&page));
        url = page["paging"]["next"].as_str().map(str::to_owned);
        last = page;
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((seen.len(), sorted), (34, seen.clone()), "thirty, three of the cast, and the administrator");
    let after = last["paging"]["cursors"]["after"].as_str().expect("the last page has cursors");
    let beyond = room.get(&format!("/community/organization_members?limit=10&after={after}"), &token).expect(200);
    assert_eq!(beyond, json!({ "data": [] }));
    let previous = last["paging"]["previous"].as_str().expect("and leads back").to_owned();
    let back = room.get(&previous, &token).expect(200);
    assert_eq!(ids(&back), seen[20..30]);
    let both = format!("/community/organization_members?after={after}&before={after}");
    check_error(&room.get(&both, &token), 400, 100);
}

#[test]
fn next_repeats_the_token_where_it_stood_in_the_query() {
    let mut room = big_room();
    let token = room.token();
    let url = format!("/v3.0/community/organization_members?limit=2&access_token={token}&fields=id%2Cemail");
    let page = room.send(Method::GET, &url, &[], "").expect(200);
    let next = page["paging"]["next"].as_str().expect("there is more");
    assert!(next.contains(&token) && next.contains("fields=id%2Cemail") && next.contains("/v3.0/"), "{next}");
    assert_eq!(room.send(Method::GET, next, &[], "").status, 200);
    let header = room.get("/community/organization_members?limit=2", &token).expect(200);
    assert!(!header["paging"]["next"].as_str().expect("there is more").contains(&token));
}

#[test]
fn a_limit_above_the_most_is_clamped_and_twenty_five_is_usual() {
    let mut room = big_room();
    let token = room.token();
    let count = |room: &mut Room, url: &str| room.get(url, &token).expect(200)["data"].as_array().map(Vec::len);
    assert_eq!(count(&mut room, "/community/organization_members"), Some(25));
    assert_eq!(count(&mut room, "/community/organization_members?limit=5000"), Some(34));
    check_error(&room.get("/community/organization_members?limit=0", &token), 400, 100);
}

#[test]
fn an_unknown_field_is_refused_with_the_type_it_is_missing_from() {
    let mut room = room();
    let token = room.token();
    let refused = check_error(&room.get("/community/organization_members?fields=id,colour", &token), 400, 100);
    let message = refused["error"]["message"].as_str().expect("words");
    assert_eq!(message, "(#100) Tried accessing nonexisting field (colour) on node type (WorkUser)");
    let group = ids(&room.get("/community/groups", &token).expect(200))[0].clone();
    let counted = room.get(&format!("/{group}?fields=name,members.limit(0).summary(total_count)"), &token).expect(200);
    assert!(counted["members"]["summary"]["total_count"].as_u64().is_some_and(|n| n > 0), "{counted}");
}

#[test]
fn several_ids_are_an_object_and_one_bad_one_fails_all() {
    let mut room = room();
    let token = room.token();
    let (ann, bob) = (id(&room, 1), id(&room, 2));
    let both = room.get(&format!("/?ids={ann},{bob}&fields=name"), &token).expect(200);
    assert_eq!(both[&ann]["id"], json!(ann));
    check_error(&room.get(&format!("/?ids={ann},123"), &token), 404, 803);
    let many = vec![ann.as_str(); 51].join(",");
    check_error(&room.get(&format!("/?ids={many}"), &token), 400, 100);
}

#[test]
fn a_write_may_carry_its_token_in_its_form() {
    let mut room = room();
    let token = room.token();
    let path = format!("/v3.1/{}", id(&room, 1));
    let form = |token: &str| format!("active=false&access_token={token}");
    check_error(&room.send(Method::POST, &path, &[], "active=false"), 400, 104);
    check_error(&room.send(Method::POST, &path, &[], &form("nobodys")), 400, 190);
    room.send(Method::POST, &path, &[], &form(&token)).expect(200);
}

#[test]
fn a_batch_is_answered_entry_by_entry_each_with_its_own_code_and_a_body_of_text() {
    let mut room = room();
    let token = room.token();
    let ann = id(&room, 1);
    let batch = json!([
        { "method": "GET", "relative_url": format!("{ann}?fields=name") },
        { "method": "GET", "relative_url": "123" },
        { "method": "POST", "relative_url": format!("{ann}"), "body": "active=false" },
        { "method": "GET", "relative_url": "no/such/thing" },
    ]);
    let url = format!("/?batch={}&include_headers=false&access_token={token}", encode(&batch.to_string()));
    let reply = room.send(Method::POST, &url, &[], "");
    let answer = reply.expect(200);
    let entries = answer.as_array().expect("a list");
    let codes: Vec<u64> = entries.iter().filter_map(|e| e["code"].as_u64()).collect();
    assert_eq!(codes, [200, 400, 200, 404]);
    let body: Value = serde_json::from_str(entries[0]["body"].as_str().expect("text")).expect("JSON in it");
    assert_eq!(body["id"], json!(ann));
    assert!(entries[0].get("headers").is_none());
    let journal = room.sim.journal.entries();
    let routes: Vec<&str> = journal.iter().map(|e| e.route.as_str()).collect();
    assert_eq!(routes, ["workplace.node", "workplace.node", "workplace.update_member", "workplace.?"]);
    let effect = journal[2].notes.effect.as_ref().expect("noted where it happened");
    assert_eq!((effect.action.as_str(), effect.target.as_str()), ("suspend", "ann"));
    let many = json!(vec![json!({ "method": "GET", "relative_url": "me" }); 51]).to_string();
    check_error(&room.send(Method::POST, &format!("/?batch={}", encode(&many)), &[], ""), 400, 100);
}

#[test]
fn usage_is_told_in_percent_once_it_is_much_and_refusals_come_as_400_or_403() {
    let mut room = room();
    let token = room.token();
    assert_eq!(room.get("/community", &token).header("x-app-usage"), None);
    let mut replies = (0..1_000).map(|_| room.get("/community", &token));
    let told = replies.find_map(|r| r.header("x-app-usage").map(str::to_owned)).expect("it is told");
    let usage: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(usage["call_count"], 10);
    let refused = (0..1_000).map(|_| room.get("/community", &token)).find(|r| r.status != 200).expect("it is used up");
    let body = refused.json();
    assert!([4, 17, 613].contains(&body["error"]["code"].as_u64().expect("a code")), "{body}");
    assert_eq!((&body["error"]["is_transient"], refused.header("retry-after")), (&json!(true), None));
    let usage: Value = serde_json::from_str(refused.header("x-app-usage").expect("told")).expect("JSON");
    assert_eq!(usage["call_count"], 100);
}

#[test]
fn a_data_scan_finds_posts_files_and_their_text() {
    let mut room = big_room();
    let token = room.token();
    let groups = ids(&room.get("/community/groups?limit=100", &token).expect(200));
    let mut files = Vec::new();
    for group in &groups {
        let feed =
            room.get(&format!("/{group}/feed?limit=100&fields=id,message,updated_time,from"), &token).expect(200);
        let times: Vec<&str> =
            feed["data"].as_array().expect("posts").iter().filter_map(|p| p["updated_time"].as_str()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");
        files.extend(
            room.get(&format!("/{group}/files?limit=100"), &token).expect(200)["data"]
                .as_array()
                .cloned()
                .expect("files"),
        );
    }
    assert!(!files.is_empty());
    let link = files[0]["download_link"].as_str().expect("a link").to_owned();
    let text = room.get(&link, &token);
    assert_eq!((text.status, text.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    check_error(&room.send(Method::GET, &link, &[], ""), 400, 104);
    let mut room = big_room();
    let narrow = room.token_with(&["read_work_profile"]);
    check_error(&room.get(&format!("/{}/feed", groups[0]), &narrow), 403, 10);
}

#[test]
fn feeds_are_windowed_by_the_time_of_the_last_change() {
    let mut room = big_room();
    let token = room.token();
    let group = ids(&room.get("/community/groups?limit=100", &token).expect(200));
    let (group, posts) = group
        .iter()
        .map(|g| (g.clone(), room.get(&format!("/{g}/feed?limit=100&fields=updated_time"), &token).expect(200)))
        .find(|(_, feed)| feed["data"].as_array().is_some_and(|p| p.len() > 2))
        .expect("somebody has written something");
    let middle = posts["data"][1]["updated_time"].as_str().expect("a time").replace("+0000", "Z");
    let second = crate::time::SimTime::parse_rfc3339(&middle).expect("a time").s();
    let newer = room.get(&format!("/{group}/feed?since={second}"), &token).expect(200);
    assert_eq!(ids(&newer), ids(&posts)[..2]);
    let oldest_first = room.get(&format!("/{group}/feed?order=chronological&limit=100"), &token).expect(200);
    let mut turned = ids(&oldest_first);
    turned.reverse();
    assert_eq!(turned, ids(&posts));
}
