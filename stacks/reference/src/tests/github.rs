//! GitHub: an organisation with three members, at one of whose accounts somebody guesses. `key.pem` was made for these
//! tests, is known to everybody and protects nothing.

use std::collections::BTreeMap;

use axum::http::Uri;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::world::{Facts, Fault, HEADERS, Reply, World};
use super::{End, calls, entra, events, minute, report, run_with, start};

const ANA: u64 = 1001;

impl Facts {
    /// For a signed token in three parts.
    pub(super) fn installation_token(&mut self, jwt: &str) -> Reply {
        if jwt.split('.').count() != 3 {
            return (401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let (token, end) = self.issue("g");
        (201, json!({"token": token, "expires_at": end.to_string()}))
    }

    pub(super) fn github(&mut self, route: &str, uri: &Uri, query: &BTreeMap<String, String>) -> Reply {
        if self.renamed && uri.path().starts_with("/orgs/") {
            let at = uri.to_string().replace("/orgs/contoso/", "/organizations/9/");
            return (301, json!({HEADERS: {"location": format!("{}{at}", self.base)}, "body": {}}));
        }
        let login = uri.path().rsplit('/').next().unwrap_or_default();
        let number = self.logins.iter().find(|(_, known)| *known == login).map(|(number, _)| *number);
        match (route, number) {
            ("audit_log", _) => self.entries_of_github(query),
            ("members", _) => self.github_members(query),
            ("outside_collaborators", _) => (200, json!([])),
            ("member", Some(_)) => (204, Value::Null),
            ("remove_member", Some(number)) => {
                self.logins.remove(&number);
                (204, Value::Null)
            }
            ("rate_limit", _) => (200, json!({})),
            _ => (404, json!({"message": "Not Found"})),
        }
    }

    fn github_members(&self, query: &BTreeMap<String, String>) -> Reply {
        let rows = self.logins.iter().filter(|(number, _)| (**number == ANA) == (query["role"] == "admin"));
        let rows: Vec<_> = rows.map(|(number, login)| json!({"id": number, "login": login})).collect();
        (200, json!({HEADERS: {}, "body": rows}))
    }

    /// Two a page, oldest first; the next page by time and id, under the organisation's number.
    fn entries_of_github(&self, query: &BTreeMap<String, String>) -> Reply {
        let (from, to) = query["phrase"].trim_start_matches("created:").split_once("..").unwrap();
        let [from, to] = [from, to].map(|text| text.parse::<Timestamp>().unwrap().as_millisecond());
        let at = |entry: &Value| entry["@timestamp"].as_i64().unwrap();
        let key = |entry: &Value| format!("{}|{}", at(entry), entry["_document_id"].as_str().unwrap());
        let readable = self.github.iter().filter(|(from, _)| *from <= self.now).map(|(_, entry)| entry);
        let mut found: Vec<&Value> = readable.filter(|entry| (from..to + 1000).contains(&at(entry))).collect();
        found.sort_by_key(|entry| key(entry));
        let start = query.get("after").map_or(0, |after| 1 + found.iter().position(|e| key(e) == *after).unwrap());
        let page: Vec<_> = found.iter().skip(start).take(2).collect();
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.iter().filter(|(name, _)| *name != "after"))
            .append_pair("after", &page.last().map(|entry| key(entry)).unwrap_or_default())
            .append_pair("before", "")
            .finish();
        let link = format!("<{}/organizations/9/audit-log?{query}>; rel=\"next\"", self.base);
        let link = (found.len() > start + 2).then_some(link);
        (200, json!({HEADERS: {"link": link}, "body": page}))
    }
}

fn connect(base: &str, _redirect: &str) -> Value {
    json!({
        "apps": {
            "entra": entra(base),
            "github": {"vendor": "github", "base_url": base, "organization": "contoso",
                "github_app": {"app_id": 7, "installation_id": 8, "private_key": include_str!("key.pem")}},
        },
        "policies": {"multiple_failed_logins": {"action": ["remove_member"]}},
    })
}

/// Eleven failed logins of Ana at GitHub itself, all in one second, and a few repositories of others.
fn world() -> World {
    let world = World::default();
    {
        let mut facts = world.facts();
        facts.now = start();
        facts.end = minute(125);
        facts.logins = [(ANA, "ana"), (1002, "bob"), (1003, "cleo")].map(|(n, login)| (n, login.to_owned())).into();
        for number in 0..11 {
            let at = minute(30) + SignedDuration::from_millis(90 * number);
            facts.github.push((at, entry(&format!("f-{number:02}"), at, "user.failed_login", ANA)));
        }
        for number in 0..5 {
            let at = minute(20 * number);
            facts.github.push((at, entry(&format!("r-{number}"), at, "repo.create", 1002)));
        }
    }
    world
}

fn entry(id: &str, at: Timestamp, action: &str, actor: u64) -> Value {
    json!({"@timestamp": at.as_millisecond(), "_document_id": id, "action": action, "actor_id": actor, "org": "contoso"})
}

/// Three members, eleven failures, five repositories; one alert, one removal.
#[track_caller]
fn all_is_told_and_done_once(world: &World, folder: &std::path::Path, what: &str) {
    let events = events(folder);
    assert_eq!(events.len(), 3 + 11 + 5, "{what}: {events:?}");
    assert!(events.values().all(|count| *count == 1), "{what}: {events:?}");
    let alerts = report(folder, "alert");
    assert_eq!(alerts.iter().filter(|alert| alert["activity_id"] == 1).count(), 1, "{what}");
    let actions = report(folder, "action");
    let told: Vec<_> = actions.iter().map(|a| (&a["unmapped"]["action"], &a["status_id"])).collect();
    assert_eq!(told, [(&json!("remove_member"), &json!(1))], "{what}");
    assert!(!world.facts().logins.contains_key(&ANA) && world.facts().logins.len() == 2, "{what}");
}

fn with(fault: Option<(&str, u32, Fault)>) -> (World, tempfile::TempDir) {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    if let Some((route, nth, fault)) = fault {
        world.facts().faults.insert((route.to_owned(), nth), fault);
    }
    assert_eq!(run_with(&world, folder.path(), connect), End::Stopped);
    (world, folder)
}

#[test]
fn eleven_failed_logins_at_github_take_the_member_out_once() {
    let (world, folder) = with(None);
    all_is_told_and_done_once(&world, folder.path(), "no fault");
    assert_eq!(calls(&world, "github.remove_member").len(), 1);
}

#[test]
fn a_stack_killed_at_any_request_to_github_loses_and_doubles_nothing() {
    let (whole, _folder) = with(None);
    let calls: Vec<String> = whole.facts().journal.iter().map(|(_, call)| call.clone()).collect();
    for (number, call) in (1..).zip(&calls).filter(|(_, call)| call.contains("github.")) {
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            let (world, folder) = (world(), tempfile::tempdir().unwrap());
            world.facts().faults.insert(("*".to_owned(), number), fault);
            let what = format!("{fault:?} at {call}");
            assert_eq!(run_with(&world, folder.path(), connect), End::Killed, "{what}");
            assert_eq!(run_with(&world, folder.path(), connect), End::Stopped, "{what}");
            all_is_told_and_done_once(&world, folder.path(), &what);
        }
    }
}

#[test]
fn a_removal_whose_answer_is_lost_is_read_back_and_not_repeated() {
    let (world, folder) = with(Some(("github.remove_member", 1, Fault::LostAnswer)));
    all_is_told_and_done_once(&world, folder.path(), "lost");
    assert_eq!((calls(&world, "github.remove_member").len(), calls(&world, "github.member").len()), (1, 1));
}

#[test]
fn a_secondary_limit_that_names_no_time_gets_a_minute() {
    const SECONDARY: &str = r#"{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}"#;
    for status in [403, 429] {
        let (world, folder) = with(Some(("github.audit_log", 2, Fault::Says(status, SECONDARY))));
        all_is_told_and_done_once(&world, folder.path(), "secondary");
        let asked = calls(&world, "github.audit_log");
        assert_eq!(asked[2].duration_since(asked[1]), SignedDuration::from_secs(60), "{status}");
    }
}

#[test]
fn a_403_that_names_a_time_is_waited_for_and_one_that_does_not_is_final() {
    let (world, folder) = with(Some(("github.audit_log", 2, Fault::Status(403, Some(90)))));
    all_is_told_and_done_once(&world, folder.path(), "primary");
    let asked = calls(&world, "github.audit_log");
    assert_eq!(asked[2].duration_since(asked[1]), SignedDuration::from_secs(90));
    let (world, _folder) = with(Some(("github.audit_log", 1, Fault::Status(403, None))));
    let asked = calls(&world, "github.audit_log");
    assert_eq!(asked[1].duration_since(asked[0]), SignedDuration::from_hours(1), "the next poll");
}

#[test]
fn an_organisation_with_another_name_is_read_and_governed_under_its_number() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().renamed = true;
    run_with(&world, folder.path(), connect);
    all_is_told_and_done_once(&world, folder.path(), "renamed");
}

#[test]
fn the_installations_token_is_made_anew_before_its_hour_is_over() {
    let (world, _folder) = with(None);
    let made = calls(&world, "github.installation_token");
    assert_eq!(made, [start(), minute(60), minute(120)]);
}

#[test]
fn the_private_key_is_in_no_report_and_no_address() {
    let (world, folder) = with(None);
    let told = std::fs::read_to_string(folder.path().join("report.ndjson")).unwrap();
    let asked: String = world.facts().journal.iter().map(|(_, call)| call.clone()).collect();
    for secret in [&include_str!("key.pem")[40..80], "g-access-"] {
        assert!(!told.contains(secret) && !asked.contains(secret));
    }
}
