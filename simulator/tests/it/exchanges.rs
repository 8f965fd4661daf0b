//! What a client sees, and what the journal keeps of it.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{AUDIT_LOG, Served, walk};

const QUIET: &str = "title: An ordinary company\napps: { entra: {}, miro: { page_size: 50 } }\n";

fn with_fault(fault: &str) -> String {
    format!("{QUIET}faults:\n  - {{ {fault} }}\n")
}

#[tokio::test]
async fn walking_the_pages_gives_every_record_once_in_order_whatever_their_size() {
    let served = Served::new(QUIET).await;
    let ids = walk(&served, 50).await;
    assert!(ids.len() > 200, "{}", ids.len());
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(ids, sorted, "Miro's ids begin with their time");
    assert_eq!(walk(&served, 7).await, ids);
}

#[tokio::test]
async fn the_journal_says_what_was_served_and_keeps_no_secret() {
    let served = Served::new(QUIET).await;
    served.get("miro", &format!("{AUDIT_LOG}&limit=10")).await.unwrap();
    let entry = served.last();
    assert_eq!(entry.route, "miro.audit_log");
    assert_eq!(entry.status, Some(200));
    assert_eq!(entry.notes.page.as_ref().unwrap().served.len(), 10);
    let token = served.token("miro");
    assert!(entry.caller.as_ref().unwrap().starts_with("<token:miro/"), "{:?}", entry.caller);

    let url = format!("{AUDIT_LOG}&access_token={token}");
    served.http.get(served.url("miro", &url)).send().await.unwrap();
    let kept = serde_json::to_string(&served.sim.journal.entries()).unwrap();
    assert!(!kept.contains(&token), "{kept}");
    assert!(served.last().target.contains("access_token=<token:miro/"), "{}", served.last().target);
}

#[tokio::test]
async fn a_secret_that_reaches_another_instance_is_noted_by_its_name() {
    let served = Served::new(QUIET).await;
    let token = served.token("miro");
    let at = || served.http.get(served.url("entra", "/v1.0/users"));
    let requests = [
        at().bearer_auth(&token),
        at().basic_auth("stack", Some(&token)),
        at().query(&[("q", &token)]),
        at().json(&serde_json::json!({ "nested": [{ "token": token }] })),
    ];
    for request in requests {
        request.send().await.unwrap();
        assert_eq!(served.last().notes.foreign_secrets, ["<token:miro/stack#1>"], "{:?}", served.last());
    }
    served.http.get(served.url("miro", AUDIT_LOG)).bearer_auth(&token).send().await.unwrap();
    assert_eq!(served.last().notes.foreign_secrets, Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_names_its_chain_of_reasons_in_the_journal_and_the_vendors_error_on_the_wire() {
    let served = Served::new(QUIET).await;
    let answer = served.http.get(served.url("miro", AUDIT_LOG)).bearer_auth("nobody").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["type"], "error");
    assert!(!served.last().reasons.is_empty());
}

#[tokio::test]
async fn a_path_that_nobody_serves_is_told_with_the_nearest_that_is() {
    let served = Served::new(QUIET).await;
    let answer = served.get("miro", "/v2/audit/log").await.unwrap();
    assert_eq!(answer.status(), 404);
    let entry = served.last();
    assert_eq!(entry.route, "miro.?");
    assert!(entry.reasons.join(" ").contains("/v2/audit/logs"), "{:?}", entry.reasons);
}

#[tokio::test]
async fn a_throttled_client_is_told_to_wait_in_headers_that_agree() {
    let served = Served::new(&with_fault("route: miro.audit_log, nth: 1, fault: throttle, retry_after: 60s")).await;
    let answer = served.get("miro", AUDIT_LOG).await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "60");
    assert_eq!(answer.headers()["x-ratelimit-remaining"], "0");
    let now = served.sim.clock.now().s();
    assert_eq!(answer.headers()["x-ratelimit-reset"], (now + 60).to_string());
    let entry = served.last();
    assert_eq!(entry.fault.unwrap().kind, "throttle");
    assert_eq!(entry.retry_after_s, Some(60.0));
    assert_eq!(served.get("miro", AUDIT_LOG).await.unwrap().status(), 200);
    assert_eq!(served.sim.fault_bites(), [("throttle", 4, 1)]);
}

#[tokio::test]
async fn an_injected_error_has_the_vendors_shape_unless_said() {
    for (form, content_type) in [("", "application/json"), (", body: html", "text/html")] {
        let fault = format!("route: miro.audit_log, nth: 1, fault: error, status: 503{form}");
        let served = Served::new(&with_fault(&fault)).await;
        let answer = served.get("miro", AUDIT_LOG).await.unwrap();
        assert_eq!(answer.status(), 503);
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(content_type), "{form}");
    }
}

#[tokio::test]
async fn a_reset_gives_no_byte_and_has_no_effect_and_a_lost_answer_has_one() {
    let served = Served::new(
        "title: Two kinds of silence\napps: { entra: {} }\ncast: { ada: {} }\nfaults:\n  \
         - { route: entra.update_user, nth: 1, fault: reset }\n  \
         - { route: entra.update_user, nth: 2, fault: lose_answer }\n",
    )
    .await;
    let ada = served.sim.world.people.iter().find(|p| p.key == "ada").unwrap().directory_id.clone();
    let suspend = async || {
        let request = served.http.patch(served.url("entra", &format!("/v1.0/users/{ada}")));
        request.bearer_auth(served.token("entra")).json(&serde_json::json!({"accountEnabled": false})).send().await
    };
    let enabled = async || {
        let path = format!("/v1.0/users/{ada}?%24select=accountEnabled");
        served.get("entra", &path).await.unwrap().json::<Value>().await.unwrap()["accountEnabled"].clone()
    };
    assert!(suspend().await.is_err());
    assert_eq!(enabled().await, true);
    assert!(suspend().await.is_err());
    assert_eq!(enabled().await, false);
    let entries = served.sim.journal.entries();
    let lost = entries.iter().find(|e| e.fault.as_ref().is_some_and(|f| f.kind == "lose_answer")).unwrap();
    assert_eq!(lost.status, None);
    assert!(lost.notes.effect.as_ref().unwrap().done);
}

#[tokio::test]
async fn every_address_given_out_begins_as_the_client_addressed_the_server() {
    let served = Served::new(QUIET).await;
    let port = served.running.app_address("entra").unwrap().port();
    let request = served.http.get(format!("http://localhost:{port}/v1.0/users?%24top=5"));
    let page: Value = request.bearer_auth(served.token("entra")).send().await.unwrap().json().await.unwrap();
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("http://localhost:{port}/v1.0/users?")), "{next}");
    let second = served.http.get(next).bearer_auth(served.token("entra")).send().await.unwrap();
    assert_eq!(second.status(), 200);
}

#[tokio::test]
async fn the_date_is_the_simulated_one() {
    let served = Served::new(QUIET).await;
    let answer = served.get("miro", AUDIT_LOG).await.unwrap();
    assert_eq!(answer.headers()["date"], "Mon, 02 Mar 2026 00:00:00 GMT");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_leaves_an_entry_that_says_so() {
    let served = Served::new(QUIET).await;
    let head = "POST /v1/oauth/token HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nno number\r\n";
    assert_eq!(bytes_for(&served, head).await, "");
    served.get("miro", AUDIT_LOG).await.unwrap();
    let entries = served.sim.journal.entries();
    let seqs: Vec<u64> = entries.iter().map(|e| e.seq).collect();
    assert_eq!(seqs, (seqs[0]..seqs[0] + 2).collect::<Vec<_>>(), "there is no hole");
    let first = &entries[0];
    assert_eq!((first.target.as_str(), first.status), ("/v1/oauth/token", None));
    assert!(first.reasons[0].starts_with("body: "), "{:?}", first.reasons);
}

#[tokio::test]
async fn a_body_that_says_it_is_too_long_is_refused_before_it_comes() {
    let served = Served::new(QUIET).await;
    let head = "POST /v2/orgs HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\n\r\n";
    let answer = bytes_for(&served, head).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(served.last().reasons[0].contains("longer than"), "{:?}", served.last().reasons);
}

/// What Miro sends in answer to some bytes until it closes the connection.
async fn bytes_for(served: &Served, request: &str) -> String {
    let address = served.url("miro", "").replace("http://", "");
    let mut stream = TcpStream::connect(address.trim_end_matches('/')).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_id_of_a_request_hangs_on_its_own_route_alone() {
    let mut ids = Vec::new();
    for others in [0, 3] {
        let served = Served::new(QUIET).await;
        for _ in 0..others {
            served.get("miro", AUDIT_LOG).await.unwrap();
            served.get("entra", "/v1.0/groups").await.unwrap();
        }
        let answer = served.get("entra", "/v1.0/users").await.unwrap();
        ids.push(answer.headers()["request-id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
}

/// Any one of these once ended the process, or kept everybody waiting for minutes.
#[tokio::test]
async fn what_a_hostile_client_sends_is_refused_and_nobody_else_notices() {
    let served = Served::new(QUIET).await;
    let long_chain = format!("appId eq 1{}", " and appId eq 1".repeat(4_000));
    let deep = "(".repeat(20_000);
    let behaviors =
        |span: &str| serde_json::json!({ "Query": format!("BehaviorInfo | where Timestamp > ago({span})") });
    let scim = "/api/v1/scim/Users";
    let token = served.connection("miro")["scim"]["token"].as_str().unwrap().to_owned();
    let directory = served.token("entra");
    let (miro, entra) = (|path: &str| served.url("miro", path), |path: &str| served.url("entra", path));
    let batch = serde_json::json!({ "requests": [{ "id": "1", "method": "GET", "url": format!("/{}", "z".repeat(5_000_000)) }] });
    #[rustfmt::skip]
    let requests = [
        ("brackets in SCIM",    served.http.get(miro(scim)).bearer_auth(&token).query(&[("filter", &deep)]),                        400),
        ("a chain in OData",    served.http.get(entra("/v1.0/auditLogs/signIns")).bearer_auth(&directory).query(&[("$filter", &long_chain)]), 400),
        ("a span of ages",      served.http.post(entra("/v1.0/security/runHuntingQuery")).bearer_auth(&directory).json(&behaviors("9999999d")), 200),
        ("a unit of two bytes", served.http.post(entra("/v1.0/security/runHuntingQuery")).bearer_auth(&directory).json(&behaviors("7д")),       400),
        ("a path of megabytes", served.http.post(entra("/v1.0/$batch")).bearer_auth(&directory).json(&batch),                        200),
    ];
    for (what, request, status) in requests {
        let answer = request.send().await.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(answer.status(), status, "{what}");
        let entry = served.last();
        let kept = entry.target.len() + entry.request_body.as_ref().map_or(0, String::capacity);
        assert!(kept < 12_000, "{what} keeps {kept} bytes");
        assert_eq!(served.get("miro", AUDIT_LOG).await.unwrap().status(), 200, "after {what}");
    }
}
