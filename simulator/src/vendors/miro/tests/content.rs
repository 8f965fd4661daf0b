//! Boards, items, labels, the content log, exports and cases.

use axum::http::Method;
use serde_json::{Value, json};

use super::{check_error, events_now, text, with_boards};
use crate::protocol::form::encode;
use crate::scenario::Vendor;
use crate::vendors::testing::{Reply, Room};

fn room() -> Room {
    Room::new(with_boards(), Vendor::Miro)
}

fn call(room: &mut Room, method: Method, url: &str, body: &Value) -> Reply {
    let token = room.token();
    let url = url.replace("{org}", &format!("/v2/orgs/{}", room.sim.world.instances[0].organisation_id));
    let url = url.replace("{team}", &format!("teams/{}", room.sim.world.instances[0].team_id));
    room.post_json(method, &url, &token, &body.to_string())
}

fn get(room: &mut Room, url: &str) -> Reply {
    call(room, Method::GET, url, &Value::Null)
}

/// Ids of all boards, walked by `next`.
fn all_boards(room: &mut Room) -> Vec<String> {
    let (mut url, mut ids) = (Some("/v2/boards?limit=7".to_owned()), Vec::new());
    while let Some(asked) = url {
        let page = get(room, &asked).expect(200);
        ids.extend(page["data"].as_array().expect("boards").iter().map(|b| text(b, "id").to_owned()));
        assert_eq!(page["links"]["prev"].is_null(), page["offset"] == 0);
        url = page["links"]["next"].as_str().map(str::to_owned);
    }
    ids
}

#[test]
fn a_scan_walks_every_board_and_item_and_finds_what_was_planted() {
    let mut room = room();
    let boards = all_boards(&mut room);
    let total = get(&mut room, "/v2/boards").expect(200)["total"].clone();
    let distinct: std::collections::BTreeSet<&String> = boards.iter().collect();
    assert_eq!((json!(boards.len()), distinct.len()), (total, boards.len()));
    let mut found = 0;
    for board in &boards {
        let mut url = Some(format!("/v2/boards/{}/items?limit=10", encode(board)));
        while let Some(asked) = url {
            room.now = room.now + std::time::Duration::from_secs(1);
            let page = get(&mut room, &asked).expect(200);
            let content = page["data"].to_string();
            found += ["4111 1111 1111 1111", "AKIAIOSFODNN7EXAMPLE", "VPN password:"]
                .iter()
                .filter(|planted| content.contains(*planted))
                .count();
            url = page["links"]["next"].as_str().map(str::to_owned);
        }
    }
    assert!(found > 0, "{} boards", boards.len());
}

#[test]
fn lists_of_boards_and_items_keep_their_bounds() {
    let mut room = room();
    let board = encode(&all_boards(&mut room)[0]);
    for url in [
        "/v2/boards?limit=51",
        "/v2/boards?limit=0",
        "/v2/boards?offset=x",
        "/v2/boards?sort=size",
        &format!("/v2/boards?query={}", "x".repeat(501)),
        &format!("/v2/boards/{board}/items?limit=1"),
        &format!("/v2/boards/{board}/items?limit=51"),
        &format!("/v2/boards/{board}/items?type=picture"),
        &format!("/v2/boards/{board}/items?cursor=forged"),
    ] {
        check_error(&get(&mut room, url), 400, "invalidParameters");
    }
    check_error(&get(&mut room, "/v2/boards/nobodys="), 404, "notFound");
    check_error(&get(&mut room, &format!("/v2/boards/{board}/items/1")), 404, "notFound");
    let notes = get(&mut room, &format!("/v2/boards/{board}/items?type=sticky_note")).expect(200);
    assert!(notes["data"].as_array().expect("items").iter().all(|i| i["type"] == "sticky_note"));
}

#[test]
fn sharing_is_taken_back_and_the_audit_log_says_so() {
    let mut room = room();
    let all = all_boards(&mut room);
    let public = all.iter().find(|id| {
        let board = get(&mut room, &format!("/v2/boards/{}", encode(id))).expect(200);
        board["policy"]["sharingPolicy"]["access"] == "view"
    });
    let url = format!("/v2/boards/{}", encode(public.expect("one in ten is public")));
    let private = json!({ "policy": { "sharingPolicy": { "access": "private", "teamAccess": "edit" } } });
    let board = call(&mut room, Method::PATCH, &url, &private).expect(200);
    assert_eq!(board["policy"]["sharingPolicy"]["access"], json!("private"));
    assert_eq!(get(&mut room, &url).expect(200), board);
    assert_eq!(events_now(&mut room), ["board_public_link_disabled"]);
    let wrong = json!({ "policy": { "sharingPolicy": { "access": "everybody" } } });
    check_error(&call(&mut room, Method::PATCH, &url, &wrong), 400, "invalidParameters");
}

#[test]
fn board_members_come_and_go_but_the_owner_stays() {
    let mut room = room();
    let url = format!("/v2/boards/{}", encode(&all_boards(&mut room)[0]));
    let members = get(&mut room, &format!("{url}/members")).expect(200);
    let owner = format!("{url}/members/{}", text(&members["data"][0], "id"));
    check_error(&call(&mut room, Method::DELETE, &owner, &Value::Null), 400, "invalidParameters");
    let ann = room.sim.world.people[1].accounts[&super::MIRO].clone();
    let invitation = json!({ "emails": [ann.login, "x@y.example"], "role": "viewer" });
    let invited = call(&mut room, Method::POST, &format!("{url}/members"), &invitation).expect(201);
    assert_eq!(
        (invited["successful"][0].to_string(), text(&invited["failed"][0], "email")),
        (ann.user_id.clone(), "x@y.example")
    );
    assert_eq!(get(&mut room, &format!("{url}/members")).expect(200)["total"], json!(2));
    assert_eq!(call(&mut room, Method::DELETE, &format!("{url}/members/{}", ann.user_id), &Value::Null).status, 204);
    assert_eq!(get(&mut room, &format!("{url}/members")).expect(200)["total"], json!(1));
}

#[test]
fn boards_are_labelled_one_by_one_or_all_that_have_no_label() {
    let mut room = room();
    let boards = all_boards(&mut room);
    let settings = get(&mut room, "{org}/data-classification-settings").expect(200);
    let labels: Vec<&str> = settings["labels"].as_array().expect("labels").iter().map(|l| text(l, "id")).collect();
    let url = format!("{{org}}/{{team}}/boards/{}/data-classification", encode(&boards[0]));
    check_error(&get(&mut room, &url), 404, "notFound");
    call(&mut room, Method::POST, &url, &json!({ "labelId": labels[3] })).expect(200);
    assert_eq!(get(&mut room, &url).expect(200)["id"], json!(labels[3]));
    let all = json!({ "labelId": labels[0].parse::<u64>().expect("a number"), "notClassifiedOnly": true });
    let done = call(&mut room, Method::PATCH, "{org}/{team}/data-classification", &all).expect(200);
    assert_eq!(done["numberUpdatedBoards"], json!(boards.len() - 1));
    check_error(&call(&mut room, Method::POST, &url, &json!({ "labelId": "1" })), 400, "invalidParameters");
}

#[test]
fn the_content_log_goes_thirty_days_back_and_its_cursor_counts() {
    let mut room = room();
    let window = "{org}/content-logs/items?from=2025-01-01T00:00:00Z&to=2026-12-31T00:00:00Z";
    let whole = get(&mut room, window).expect(200);
    let times: Vec<&str> = whole["data"].as_array().expect("entries").iter().map(|e| text(e, "actionTime")).collect();
    assert!(!times.is_empty() && times.is_sorted() && times[0] >= "2026-01-31", "{times:?}");
    let (mut url, mut walked) = (format!("{window}&limit=3"), 0);
    loop {
        room.now = room.now + std::time::Duration::from_millis(10);
        let page = get(&mut room, &url).expect(200);
        walked += page["data"].as_array().map_or(0, Vec::len);
        let Some(cursor) = page["cursor"].as_str() else { break };
        url = format!("{window}&limit=3&cursor={}", encode(cursor));
        room.now = room.now + std::time::Duration::from_secs(2);
    }
    assert_eq!(walked, times.len());
    for wrong in ["&sorting=ASC", "&limit=1001", "&cursor=x", &format!("&emails={}", ["a"; 16].join(","))] {
        check_error(&get(&mut room, &format!("{window}{wrong}")), 400, "invalidParameters");
    }
    check_error(&get(&mut room, "{org}/content-logs/items?from=2025-01-01T00:00:00Z"), 400, "invalidParameters");
}

#[test]
fn an_export_takes_minutes_and_its_links_are_refused_until_then() {
    let mut room = room();
    let board = all_boards(&mut room)[0].clone();
    let jobs = "{org}/boards/export/jobs";
    let order = json!({ "boardIds": [board] });
    let create = format!("{jobs}?request_id=r1");
    let made = call(&mut room, Method::POST, &create, &order).expect(200);
    assert_eq!(call(&mut room, Method::POST, &create, &order).expect(200), made, "the same request id, the same job");
    let job = format!("{jobs}/{}", text(&made, "jobId"));
    assert_eq!(get(&mut room, &job).expect(200)["jobStatus"], json!("CREATED"));
    let tasks = get(&mut room, &format!("{job}/tasks")).expect(200);
    let link = format!("{job}/tasks/{}/export-link", text(&tasks["data"][0], "id"));
    check_error(&call(&mut room, Method::POST, &link, &Value::Null), 425, "tooEarly");
    room.now = room.now + std::time::Duration::from_secs(300);
    assert_eq!(get(&mut room, &job).expect(200)["jobStatus"], json!("FINISHED"));
    assert!(text(&call(&mut room, Method::POST, &link, &Value::Null).expect(200), "exportLink").ends_with(".zip"));
    assert_eq!(get(&mut room, &format!("{job}/results")).expect(200)["results"][0]["boardId"], json!(board));
    check_error(&call(&mut room, Method::POST, jobs, &order), 400, "invalidParameters");
    check_error(
        &call(&mut room, Method::PUT, &format!("{job}/status"), &json!({"status": "CANCELLED"})),
        400,
        "invalidParameters",
    );
}

#[test]
fn a_case_takes_its_holds_along() {
    let mut room = room();
    let case = call(&mut room, Method::POST, "{org}/cases", &json!({ "name": "Leak" })).expect(200);
    let case = format!("{{org}}/cases/{}", text(&case, "id"));
    let ann = room.sim.world.people[1].accounts[&super::MIRO].login.clone();
    let body = json!({ "name": "Ann", "scope": { "users": [{ "email": ann }] } });
    let hold = call(&mut room, Method::POST, &format!("{case}/legal-holds"), &body).expect(200);
    assert_eq!(text(&hold, "state"), "PROCESSING");
    let hold = format!("{case}/legal-holds/{}", text(&hold, "id"));
    room.now = room.now + std::time::Duration::from_secs(3_600);
    assert_eq!(text(&get(&mut room, &hold).expect(200), "state"), "ACTIVE");
    let nobody = json!({ "name": "x", "scope": { "users": [] } });
    check_error(&call(&mut room, Method::POST, &format!("{case}/legal-holds"), &nobody), 400, "invalidParameters");
    assert_eq!(call(&mut room, Method::DELETE, &case, &Value::Null).status, 204);
    check_error(&get(&mut room, &hold), 404, "notFound");
}
