//! The whole stack against a small world: what is told is told once, what is ordered is done once.

mod github;
mod workplace;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::watch;

use self::world::{Fault, World};
use crate::{Config, Idle};

const LONDON: &str = "2.125.160.217";
const ANA: &str = "oid-ana";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Stopped,
    Killed,
}

fn start() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

fn minute(minute: i64) -> Timestamp {
    start() + SignedDuration::from_mins(minute)
}

/// Ana and Bob; eleven wrong passwords for Ana in two minutes, from minute 70 on; a few boards opened in Miro; three entries of
/// the directory's audit log, more than a page, of which the first is shown last.
fn world() -> World {
    let world = World::default();
    {
        let mut facts = world.facts();
        facts.now = start();
        facts.end = minute(200);
        for (id, mail) in [(ANA, "ana@contoso.example"), ("oid-bob", "bob@contoso.example")] {
            let user = json!({"id": id, "mail": mail, "userPrincipalName": mail, "accountEnabled": true});
            facts.users.insert(id.to_owned(), user);
        }
        facts.members = vec![json!({"id": "345", "email": "Ana@contoso.example", "active": true})];
        for number in 0..11 {
            let at = minute(70) + SignedDuration::from_secs(10 * number);
            facts.sign_ins.push((at, failed_sign_in(&format!("s-{number}"), at)));
        }
        for number in 0..5 {
            let at = minute(-10) + SignedDuration::from_mins(30 * number);
            facts.entries.push((at, board_opened(number, at)));
        }
        for (number, (at, shown)) in [(20, 100), (70, 73), (71, 74)].into_iter().enumerate() {
            facts.directory_audits.push((minute(shown), role_granted(number, minute(at))));
        }
    }
    world
}

fn failed_sign_in(id: &str, at: Timestamp) -> Value {
    json!({"id": id, "createdDateTime": at.to_string(), "userId": ANA, "userPrincipalName": "ana@contoso.example",
        "ipAddress": LONDON, "isInteractive": true, "status": {"errorCode": 50126, "failureReason": "wrong password"}})
}

fn role_granted(number: usize, at: Timestamp) -> Value {
    json!({"id": format!("Directory_{number}"), "activityDateTime": at.to_string(), "result": "success",
        "activityDisplayName": "Add member to role", "operationType": "Assign",
        "initiatedBy": {"user": {"id": ANA, "userPrincipalName": "ana@contoso.example", "ipAddress": LONDON}},
        "targetResources": [{"id": "oid-bob", "type": "User", "displayName": "Bob"}]})
}

fn board_opened(number: i64, at: Timestamp) -> Value {
    json!({"id": format!("{at}#{number}-DDB"), "event": "board_opened",
        "createdAt": at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
        "createdBy": {"type": "user", "id": "345", "name": "Ana", "email": "ana@contoso.example"},
        "context": {"ip": LONDON}})
}

fn run(world: &World, folder: &Path) -> End {
    run_with(world, folder, miro_and_entra)
}

fn run_with(world: &World, folder: &Path, connect: Connect) -> End {
    let idle = Arc::new(Idle::default());
    let hook = Arc::clone(&idle);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(move || hook.nothing_left_to_do())
        .build()
        .unwrap();
    runtime.block_on(async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base = world.listen().await;
        let config = config(folder, &base, connect);
        world.facts().report = folder.join("report.ndjson");
        let (stop, stopping) = watch::channel(false);
        let stack = crate::run_until(config, idle, stopping);
        tokio::pin!(stack);
        tokio::select! {
            done = &mut stack => panic!("stopped by itself: {done:?}"),
            () = world.killed.notified() => return End::Killed,
            () = world.ended.notified() => {}
        }
        stop.send_replace(true);
        stack.await.unwrap();
        End::Stopped
    })
}

/// A port that nobody listens on and that no test of this process is given twice. Below those that the system gives to
/// outgoing connections: one of them could take it before the stack does.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(10_000 + number % 20_000).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The ports of a folder's stack: for the redirect and for webhooks. A process that is started again keeps them.
fn ports(folder: &Path) -> (u16, u16) {
    let kept = folder.join("ports");
    let text = std::fs::read_to_string(&kept).unwrap_or_else(|_| format!("{} {}", free_port(), free_port()));
    std::fs::write(&kept, &text).unwrap();
    let (redirect, hooks) = text.split_once(' ').unwrap();
    (redirect.parse().unwrap(), hooks.parse().unwrap())
}

/// The apps and policies that a test connects, by the root of all vendors and the redirect address.
type Connect = fn(&str, &str) -> Value;

fn config(folder: &Path, base: &str, connect: Connect) -> Config {
    let (port, hooks) = ports(folder);
    let mut connections = connect(base, &format!("http://127.0.0.1:{port}/oauth/callback"));
    connections["clock_url"] = json!(format!("{base}/_sim/clock"));
    std::fs::write(folder.join("connections.json"), connections.to_string()).unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    let text = format!(
        "connections: {}\nstate: {}\nreport: {}\nredirect: 127.0.0.1:{port}\n\
         webhooks: {{ listen: \"127.0.0.1:{hooks}\", url: \"http://127.0.0.1:{hooks}/hooks\" }}\n",
        path("connections.json"),
        path("state"),
        path("report.ndjson")
    );
    std::fs::write(folder.join("config.yaml"), text).unwrap();
    Config::read(&folder.join("config.yaml")).unwrap()
}

fn miro_and_entra(base: &str, redirect: &str) -> Value {
    json!({
        "version": 1,
        "apps": {
            "miro": {"vendor": "miro", "base_url": base, "authorize_url": format!("{base}/oauth/authorize"),
                "token_url": format!("{base}/v1/oauth/token"), "client_id": "c", "client_secret": "shh-miro",
                "redirect_uri": redirect,
                "scope": "auditlogs:read organizations:read", "organization_id": "org", "team_id": "1"},
            "entra": entra(base),
        },
        "policies": {
            "impossible_travel": {"speed": 900, "distance": 500, "action": "require_sign_in"},
            "multiple_failed_logins": {"at_least": 11, "within": "5m", "per": ["actor", "app"],
                "action": ["suspend", "require_sign_in", "notify", "ban_app"], "severity": "high"},
        },
    })
}

fn entra(base: &str) -> Value {
    json!({"vendor": "entra", "base_url": base, "token_url": format!("{base}/tid/oauth2/v2.0/token"),
        "client_id": "c", "client_secret": "shh-entra", "mail_from": "secops@contoso.example"})
}

fn report(folder: &Path, kind: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("report.ndjson")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<_> = lines.iter().map(|line| line["seq"].as_i64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "numbers rise: {numbers:?}");
    lines.into_iter().filter(|line| line["kind"] == kind).map(|line| line["body"].clone()).collect()
}

/// How often each event was reported: 3 rows of users and members, 5 entries, 11 sign-ins, 3 of the directory's audit log.
fn events(folder: &Path) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for event in report(folder, "event") {
        let metadata = &event["metadata"];
        *counts.entry(format!("{}/{}", metadata["log_name"], metadata["uid"])).or_default() += 1;
    }
    counts
}

#[track_caller]
fn all_is_told_and_done_once(world: &World, folder: &Path, what: &str) {
    let events = events(folder);
    assert_eq!(events.len(), 3 + 5 + 11 + 3, "{what}: {events:?}");
    assert!(events.values().all(|count| *count == 1), "{what}: {events:?}");
    let alerts = report(folder, "alert");
    let created: Vec<_> = alerts.iter().filter(|alert| alert["activity_id"] == 1).collect();
    assert_eq!(created.len(), 1, "{what}");
    assert_eq!(created[0]["unmapped"]["count"], 11, "{what}");
    assert_eq!(created[0]["observables"][0]["value"], ANA, "{what}");
    let actions: Vec<_> = report(folder, "action")
        .iter()
        .map(|action| (action["unmapped"]["action"].as_str().unwrap().to_owned(), action["status_id"].clone()))
        .collect();
    let expected = ["suspend", "require_sign_in", "notify"].map(|action| (action.to_owned(), json!(1)));
    assert_eq!(actions, expected, "{what}");
    assert_eq!(world.facts().users[ANA]["accountEnabled"], false, "{what}");
    assert!(world.facts().users["oid-bob"]["accountEnabled"] == true, "{what}");
}

fn calls(world: &World, route: &str) -> Vec<Timestamp> {
    let facts = world.facts();
    facts.journal.iter().filter(|(_, call)| call.split(' ').nth(1) == Some(route)).map(|(at, _)| *at).collect()
}

#[test]
fn eleven_wrong_passwords_raise_one_alert_and_each_action_once() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    assert_eq!(run(&world, folder.path()), End::Stopped);
    all_is_told_and_done_once(&world, folder.path(), "no fault");
    for route in ["entra.update_user", "entra.revoke_sign_in_sessions", "entra.send_mail"] {
        assert_eq!(calls(&world, route).len(), 1, "{route}");
    }
    let status = report(folder.path(), "status");
    for app in ["entra", "miro"] {
        let of_app = status.iter().filter(|s| s["app"] == app && s["phase"] != "consent_needed");
        let phases: Vec<_> = of_app.map(|s| s["phase"].as_str().unwrap()).collect();
        assert_eq!(phases, ["connecting", "connected"], "{app}");
    }
}

#[test]
fn polls_keep_to_the_beat_from_the_moment_of_connection() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    run(&world, folder.path());
    let beats: std::collections::BTreeSet<_> = calls(&world, "miro.audit_log").into_iter().collect();
    assert_eq!(beats.into_iter().collect::<Vec<_>>(), [0, 60, 120, 180].map(minute));
}

/// Killed at its n-th request, before or after the vendor did it, for every n there is.
#[test]
fn a_stack_killed_at_any_request_loses_and_doubles_nothing() {
    let whole = short_world();
    run(&whole, tempfile::tempdir().unwrap().path());
    let requests = u32::try_from(whole.facts().journal.len()).unwrap();
    let next = AtomicU32::new(1);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let number @ 1.. = next.fetch_add(1, Ordering::Relaxed) {
                    if number > requests {
                        break;
                    }
                    for fault in [Fault::KillBefore, Fault::KillAfter] {
                        survives(number, fault);
                    }
                }
            });
        }
    });
}

/// Ends when all has been read.
fn short_world() -> World {
    let world = world();
    world.facts().end = minute(125);
    world
}

fn survives(number: u32, fault: Fault) {
    let (world, folder) = (short_world(), tempfile::tempdir().unwrap());
    world.facts().faults.insert(("*".to_owned(), number), fault);
    let what = format!("{fault:?} at {number}");
    assert_eq!(run(&world, folder.path()), End::Killed, "{what}");
    assert_eq!(run(&world, folder.path()), End::Stopped, "{what}");
    let killed_at = world.facts().journal[number as usize - 1].1.clone();
    let done_unheard = |route: &str| fault == Fault::KillAfter && killed_at.contains(route);
    all_is_told_and_done_once(&world, folder.path(), &what);
    // A mail leaves no trace, so one of which nothing was heard is sent again.
    let mails = if done_unheard("entra.send_mail") { 2 } else { 1 };
    assert_eq!(world.facts().mails, mails, "{what}");
}

#[test]
fn a_lost_answer_is_read_back_and_not_repeated() {
    for route in ["entra.update_user", "entra.revoke_sign_in_sessions"] {
        let (world, folder) = (world(), tempfile::tempdir().unwrap());
        world.facts().faults.insert((route.to_owned(), 1), Fault::LostAnswer);
        run(&world, folder.path());
        all_is_told_and_done_once(&world, folder.path(), route);
        assert_eq!(calls(&world, route).len(), 1, "{route}");
        // The deed whose answer was lost, and the other, whose answer is no proof.
        assert_eq!(calls(&world, "entra.user").len(), 2, "{route}");
    }
}

#[test]
fn a_call_that_had_no_effect_is_repeated() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().faults.insert(("entra.update_user".to_owned(), 1), Fault::Status(503, None));
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "503");
    assert_eq!(calls(&world, "entra.update_user").len(), 2);
}

#[test]
fn a_vendor_that_asks_for_a_minute_gets_a_minute() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().faults.insert(("miro.audit_log".to_owned(), 2), Fault::Status(429, Some(60)));
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "429");
    let asked = calls(&world, "miro.audit_log");
    let (refused, next) = (asked[1], asked[2]);
    assert_eq!(next.duration_since(refused), SignedDuration::from_secs(60));
}

#[test]
fn a_token_that_dies_in_mid_walk_is_renewed_and_the_same_page_asked_again() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().faults.insert(("entra.sign_ins".to_owned(), 4), Fault::Status(401, None));
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "401");
    let facts = world.facts();
    let asked: Vec<_> = facts.journal.iter().filter(|(_, call)| call.contains("entra.sign_ins")).collect();
    assert_eq!(asked[3].1, asked[4].1);
}

#[test]
fn no_secret_leaves_the_state() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    run(&world, folder.path());
    let told = std::fs::read_to_string(folder.path().join("report.ndjson")).unwrap();
    let facts = world.facts();
    let asked: String = facts.journal.iter().map(|(_, call)| call.as_str()).collect();
    for secret in ["shh-miro", "shh-entra", "-access-", "-refresh-", "code-"] {
        assert!(!told.contains(secret) && !asked.contains(secret), "{secret}");
    }
}

#[test]
fn a_record_that_turns_up_hours_late_still_completes_the_count() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().sign_ins[3].0 = minute(175);
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "late");
}

#[test]
fn ten_wrong_passwords_are_no_alert() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().sign_ins.pop();
    run(&world, folder.path());
    assert_eq!(report(folder.path(), "alert"), [Value::Null; 0]);
    assert_eq!(calls(&world, "entra.update_user"), []);
}

#[test]
fn a_record_that_makes_no_sense_is_told_of_once_and_stops_no_other() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().sign_ins.push((start(), json!({"createdDateTime": "2026-03-02T08:30:00Z", "status": null})));
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "malformed");
    let status = report(folder.path(), "status");
    let told = status.iter().filter(|s| s["reason"] == "malformed record: `id` is missing or not as documented");
    assert_eq!(told.count(), 1);
}

#[test]
fn a_refused_log_is_reported_and_read_when_it_is_granted() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    for poll in [1, 2] {
        world.facts().faults.insert(("miro.audit_log".to_owned(), poll), Fault::Status(403, None));
    }
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "403");
    let status = report(folder.path(), "status");
    let degraded = status.iter().filter(|s| s["phase"] == "degraded" && s["app"] == "miro").count();
    let connected = status.iter().filter(|s| s["phase"] == "connected" && s["app"] == "miro").count();
    assert_eq!((degraded, connected), (2, 1));
}

#[test]
fn what_the_vendor_no_longer_serves_is_reported_as_a_gap() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    run(&world, folder.path());
    let forty_days = SignedDuration::from_hours(40 * 24);
    {
        let mut facts = world.facts();
        facts.now += forty_days;
        facts.end += forty_days;
    }
    run(&world, folder.path());
    let gaps: Vec<_> = report(folder.path(), "status").into_iter().filter(|s| s["reason"] == "gap").collect();
    assert_eq!(gaps.len(), 2, "Miro serves ninety days, Entra thirty of each of its two logs");
    for gap in gaps {
        assert_eq!((&gap["app"], &gap["from"]), (&json!("entra"), &json!(minute(180).to_string())));
    }
}

#[test]
fn a_withdrawn_consent_is_asked_for_again() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    world.facts().faults.insert(("miro.token".to_owned(), 2), Fault::Status(401, None));
    run(&world, folder.path());
    let status = report(folder.path(), "status");
    let asked = status.iter().filter(|s| s["phase"] == "consent_needed").count();
    assert_eq!(asked, 2);
    assert!(calls(&world, "miro.token").len() <= 5, "no hammering");
}

#[test]
fn a_next_page_on_another_host_is_not_asked_for() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let elsewhere = Fault::Next("http://127.0.0.2:9/v1.0/auditLogs/signIns");
    world.facts().faults.insert(("entra.sign_ins".to_owned(), 1), elsewhere);
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "foreign link");
    assert_eq!(reasons(folder.path()), ["the next page lies on another host"]);
}

#[test]
fn pages_that_go_in_a_circle_are_left_and_begun_again() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let entry = world.facts().entries[0].1["id"].as_str().unwrap().to_owned();
    let same_again = Fault::Next(Box::leak(entry.into_boxed_str()));
    for page in [2, 3, 4] {
        world.facts().faults.insert(("miro.audit_log".to_owned(), page), same_again);
    }
    run(&world, folder.path());
    all_is_told_and_done_once(&world, folder.path(), "circle");
    assert_eq!(reasons(folder.path())[0], "the pages go in a circle");
}

fn reasons(folder: &Path) -> Vec<String> {
    report(folder, "status").iter().filter_map(|status| Some(status["reason"].as_str()?.to_owned())).collect()
}
