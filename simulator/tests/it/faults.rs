//! Faults as a client meets them on the wire.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::timeline::Timeline;

use crate::support::{AUDIT_LOG, Served, walk};

const SIGN_INS: &str = "/v1.0/auditLogs/signIns";

async fn served(fault: &str) -> Served {
    let head = "title: An ordinary company\napps: { entra: { page_size: 20 }, miro: { page_size: 50 } }\n";
    Served::new(&format!("{head}faults:\n  - {{ {fault} }}\n")).await
}

async fn page(served: &Served, app: &str, path: &str) -> Value {
    served.get(app, path).await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_link_elsewhere_leads_to_a_host_that_knows_who_came_with_what() {
    let served = served("route: entra.sign_ins, page: 2, fault: foreign_next_link").await;
    let ours = served.url("entra", "");
    let first = page(&served, "entra", SIGN_INS).await;
    let second_path = first["@odata.nextLink"].as_str().unwrap().replace(&ours, "");
    let second = page(&served, "entra", &second_path).await;
    let link = second["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with("http://localhost:") && !link.starts_with(&ours), "{link}");

    let answer: Value = served.http.get(link).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["value"], json!([]), "whoever believes it thinks the walk is over");
    let entry = served.last();
    assert_eq!((entry.route.as_str(), entry.caller), ("entra.elsewhere", None));

    let token = served.token("entra");
    served.http.get(link).bearer_auth(&token).send().await.unwrap();
    let entry = served.last();
    assert_eq!(entry.caller.as_deref(), Some("<token:entra/stack#1>"));
    assert!(!serde_json::to_string(&entry).unwrap().contains(&token));
    served.http.get(format!("{link}&access_token={token}")).send().await.unwrap();
    let entry = served.last();
    assert_eq!(entry.caller.as_deref(), Some("<token:entra/stack#1>"));
    assert!(!serde_json::to_string(&entry).unwrap().contains(&token), "{}", entry.target);

    let again = page(&served, "entra", &second_path).await;
    assert!(again["@odata.nextLink"].as_str().unwrap().starts_with(&ours), "the next walk is led right");
}

#[tokio::test]
async fn a_last_page_says_something_empty_where_nothing_was() {
    const HOUR: &str = "/v2/audit/logs?createdAfter=2026-03-01T23:00:00.000Z&createdBefore=2026-03-02T00:00:00.000Z";
    let lasts = "at: day 1 00:00, for: 1h, fault: empty_cursor";
    let miro = served(&format!("route: miro.audit_log, {lasts}")).await;
    assert_eq!(page(&miro, "miro", HOUR).await["cursor"], "");
    let entra = served(&format!("route: entra.sign_ins, {lasts}")).await;
    let tonight = "?%24filter=createdDateTime%20ge%202026-03-01T23:00:00Z";
    assert_eq!(page(&entra, "entra", &format!("{SIGN_INS}{tonight}")).await["@odata.nextLink"], "");
    assert!(page(&entra, "entra", SIGN_INS).await["@odata.nextLink"].as_str().unwrap().starts_with("http"));
}

#[tokio::test]
async fn records_arrive_before_the_page_is_served_and_are_had_from_then_on() {
    let served = served("route: entra.sign_ins, page: 2, fault: new_records, count: 7").await;
    let first = page(&served, "entra", SIGN_INS).await;
    let link = first["@odata.nextLink"].as_str().unwrap().replace(&served.url("entra", ""), "");
    let second = page(&served, "entra", &link).await;
    assert_eq!(served.last().fault.unwrap().kind, "new_records");
    let ids = |page: &Value| -> Vec<String> {
        page["value"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)), "a cursor does not move with what arrives");
    let newest = page(&served, "entra", SIGN_INS).await;
    assert_eq!(ids(&newest)[7..], ids(&first)[..13]);
    let people: std::collections::BTreeSet<&str> =
        newest["value"].as_array().unwrap()[..7].iter().map(|e| e["userId"].as_str().unwrap()).collect();
    assert_eq!(people.len(), 7);
}

#[tokio::test]
async fn a_token_answer_says_odd_things_of_its_life_and_the_token_is_good() {
    let served = served("route: entra.token, nth: 1, fault: odd_expiry, form: text").await;
    let connection = served.connection("entra");
    let ask = async || -> Value {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", connection["client_id"].as_str().unwrap()),
            ("client_secret", connection["client_secret"].as_str().unwrap()),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let url = connection["token_url"].as_str().unwrap();
        served.http.post(url).form(&form).send().await.unwrap().json().await.unwrap()
    };
    let odd = ask().await;
    assert_eq!(odd["expires_in"], "3599");
    let answer = served.http.get(served.url("entra", SIGN_INS)).bearer_auth(odd["access_token"].as_str().unwrap());
    assert_eq!(answer.send().await.unwrap().status(), 200);
    assert_eq!(ask().await["expires_in"], 3599);
}

#[tokio::test]
async fn a_body_breaks_off_however_its_end_was_announced() {
    for (framing, announced) in [("content_length", true), ("chunked", false)] {
        for percent in [0, 60] {
            let fault =
                format!("route: miro.audit_log, nth: 1, fault: cut_body, percent: {percent}, framing: {framing}");
            let served = served(&fault).await;
            let answer = served.get("miro", AUDIT_LOG).await.unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers().contains_key("content-length"), announced, "{fault}");
            assert!(answer.bytes().await.is_err(), "{fault}");
            assert_eq!(served.last().fault.unwrap().kind, "cut_body");
            assert_eq!(walk(&served, 50).await.len(), walk(&served, 50).await.len());
        }
    }
}

/// A stack that has sent one request and waits for its answer. Told each time that time has moved, it says each time that it
/// waits.
fn waiting_party(served: &Served) -> tokio::task::JoinHandle<()> {
    let clock = served.sim.coordinator().unwrap();
    clock.declare_parties(1);
    clock.start();
    let url = format!("http://{}/_sim/clock", served.running.control_address());
    let report = json!({"party": "s", "timers": [], "sent": 1, "finished": 0, "webhooks": 0});
    let http = served.http.clone();
    tokio::spawn(async move { while http.post(&url).json(&report).send().await.is_ok() {} })
}

#[tokio::test]
async fn a_dripping_body_comes_whole_in_its_time() {
    let served = served("route: miro.audit_log, nth: 1, fault: drip, over: 9m").await;
    let begun = served.sim.clock.now();
    let party = waiting_party(&served);
    let whole = served.get_owned("miro", AUDIT_LOG);
    let whole = async { whole.await.unwrap().json::<Value>().await.unwrap() };
    let body = simulator::clock::wall_timeout(Duration::from_secs(20), whole).await.unwrap();
    assert_eq!(body["data"].as_array().unwrap().len(), 50);
    assert_eq!(served.sim.clock.now().since(begun), Duration::from_secs(9 * 60));
    let entry = served.last();
    assert_eq!((entry.at, entry.ended.since(begun)), (begun, Duration::from_secs(9 * 60)));
    party.abort();
}

#[tokio::test]
async fn a_wrong_clock_shifts_dates_records_and_tokens_and_nothing_else() {
    let right = served("fault: clock, app: entra, by: 5m").await;
    let wrong = served("fault: clock, app: miro, by: -5m").await;
    let date = async |served: &Served| {
        let answer = served.get("miro", AUDIT_LOG).await.unwrap();
        answer.headers()["date"].to_str().unwrap().to_owned()
    };
    assert_eq!(date(&right).await, "Mon, 02 Mar 2026 00:00:00 GMT");
    assert_eq!(date(&wrong).await, "Sun, 01 Mar 2026 23:55:00 GMT");

    let times = |page: &Value| -> Vec<jiff::Timestamp> {
        let entries = page["data"].as_array().unwrap().iter();
        entries.map(|e| e["createdAt"].as_str().unwrap().parse().unwrap()).collect()
    };
    let (truly, told) = (page(&right, "miro", AUDIT_LOG).await, page(&wrong, "miro", AUDIT_LOG).await);
    assert_eq!(times(&truly).len(), 50);
    let shifted: Vec<jiff::Timestamp> = times(&truly).iter().map(|t| *t - jiff::SignedDuration::from_mins(5)).collect();
    assert_eq!(times(&told), shifted);
    assert!(wrong.sim.fault_bites()[0].2 > 0);

    let issued_at = |served: &Served| {
        let token = served.token("entra");
        let claims = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, token.split('.').nth(1).unwrap());
        serde_json::from_slice::<Value>(&claims.unwrap()).unwrap()["iat"].as_i64().unwrap()
    };
    // The clock is looked at when something is asked.
    page(&right, "entra", SIGN_INS).await;
    let old = right.token("entra");
    right.sim.state().instances[0].tokens.revoke(&old).unwrap();
    assert_eq!(issued_at(&right), right.sim.clock.now().s() + 300);
}

#[tokio::test]
async fn records_are_altered_where_they_have_the_field() {
    let served = served("fault: alter_record, app: miro, field: createdBy.email, becomes: missing").await;
    let page = page(&served, "miro", AUDIT_LOG).await;
    let entries = page["data"].as_array().unwrap();
    assert!(entries.iter().all(|e| e["createdBy"].get("email").is_none() && e["createdBy"]["id"].is_string()));
    assert!(served.sim.fault_bites()[0].2 > 0);
    let idle = self::served("fault: alter_record, app: miro, field: createdBy.mail, becomes: missing").await;
    self::page(&idle, "miro", AUDIT_LOG).await;
    assert_eq!(idle.sim.fault_bites()[0].2, 0, "what no record has alters none");
}

#[tokio::test]
async fn a_redirection_leads_to_a_host_that_knows_who_came_with_what() {
    let served = served("route: miro.audit_log, nth: 1, fault: redirect").await;
    let answer = served.get("miro", AUDIT_LOG).await.unwrap();
    let there = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(answer.status(), 302);
    assert!(there.starts_with("http://localhost:") && there.ends_with(AUDIT_LOG), "{there}");
    served.http.get(&there).bearer_auth(served.token("miro")).send().await.unwrap();
    assert_eq!((served.last().route.as_str(), served.last().caller.is_some()), ("miro.elsewhere", true));
    assert_eq!(served.get("miro", AUDIT_LOG).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_redirection_to_itself_is_answered_there() {
    let served = served("route: miro.audit_log, nth: 1, fault: redirect, to: itself, status: 308").await;
    let answer = served.get("miro", AUDIT_LOG).await.unwrap();
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"], *served.url("miro", AUDIT_LOG));
    assert_eq!(served.get("miro", AUDIT_LOG).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_is_packed_for_whoever_says_that_he_unpacks() {
    let served = served("route: miro.audit_log, nth: 1, fault: gzip").await;
    let plain = served.get("miro", AUDIT_LOG).await.unwrap().bytes().await.unwrap();
    assert_eq!(served.last().fault, None);
    let asked = served.http.get(served.url("miro", AUDIT_LOG)).bearer_auth(served.token("miro"));
    let answer = asked.header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let packed = answer.bytes().await.unwrap();
    assert!(packed.starts_with(&[0x1f, 0x8b]) && packed.len() < plain.len());
    assert_eq!(served.last().fault.unwrap().kind, "gzip");
}

#[tokio::test]
async fn a_window_takes_the_longer_the_wider_it_is() {
    let served = served("route: miro.audit_log, nth: 1..9, fault: heavy_window, per_day: 20s").await;
    let begun = served.sim.clock.now();
    let three_days = "/v2/audit/logs?createdAfter=2026-02-26T00:00:00.000Z&createdBefore=2026-03-01T00:00:00.000Z";
    let party = waiting_party(&served);
    let asked = served.get_owned("miro", three_days);
    let answer = simulator::clock::wall_timeout(Duration::from_secs(20), asked).await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(served.sim.clock.now().since(begun).as_secs(), 60);
    party.abort();
}

#[tokio::test]
async fn two_instances_give_one_id_to_what_happens_at_one_moment() {
    let served = Served::new(
        "title: t
people: 0
apps: { miro: {}, labs: { vendor: miro } }
cast: { ann: {}, ben: {} }
script:
  - { id: a, at: day 1 09:00, actor: ann, does: open, app: miro }
  - { id: b, at: day 1 09:00, actor: ben, does: open, app: labs }
  - { at: day 1 10:00, actor: ben, does: open, app: labs }
faults:
  - { fault: same_ids, records: [a, b] }
",
    )
    .await;
    let story = Timeline::uncontained(&served.sim.scenario, &served.sim.world);
    let ids: Vec<String> = story.iter().flat_map(|(_, records)| records).map(|r| r.event_id.to_string()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
}

/// Of a community of thirty: what a list of so many is answered with.
async fn listed(served: &Served, limit: &str) -> (u16, Value) {
    let path = format!("/community/organization_members?fields=id{limit}");
    let answer = served.get("workplace", &path).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_page_that_is_too_large_is_refused_and_a_smaller_one_is_served() {
    let head = "title: An ordinary company\npeople: 30\napps: { workplace: {} }\n";
    let fault = "route: workplace.organization_members, nth: 1..9, fault: large_page, most: 25";
    let served = Served::new(&format!("{head}faults:\n  - {{ {fault} }}\n")).await;
    let (status, refusal) = listed(&served, "&limit=26").await;
    assert_eq!((status, &refusal["error"]["code"]), (500, &json!(1)));
    assert!(refusal["error"]["message"].as_str().unwrap().starts_with("Please reduce the amount of data"));
    assert_eq!(served.last().reasons, ["limit: a fault of the scenario: more than 25 records asked for at once"]);
    for limit in ["&limit=25", ""] {
        let (status, page) = listed(&served, limit).await;
        assert_eq!((status, page["data"].as_array().unwrap().len()), (200, 25), "{limit}");
        assert!(served.last().fault.is_none());
    }
}
