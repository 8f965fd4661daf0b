//! Workplace: a community that sends its events, again and again until it is answered.

use std::collections::BTreeMap;

use axum::http::Uri;
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde_json::{Value, json};

use super::world::{Facts, Fault, Reply, World};
use super::{ANA, End, LONDON, calls, entra, events, minute, reasons, report, run_with, start};

const SECRET: &str = "shh-workplace";
const AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// What waits to be sent, by when.
#[derive(Default)]
pub(crate) struct Hooks {
    waiting: BTreeMap<(Timestamp, usize), Hook>,
    /// Where to, once somebody has subscribed.
    callback: Option<String>,
    begun: u64,
    open: bool,
    /// What each delivery was answered.
    answers: Vec<u16>,
}

#[derive(Clone)]
struct Hook {
    body: String,
    signatures: Vec<(&'static str, String)>,
}

impl Hooks {
    fn put(&mut self, at: Timestamp, hook: Hook) {
        let number = self.waiting.len();
        self.waiting.insert((at, number), hook);
    }

    /// A new process has been sent nothing.
    pub(super) fn begin(&mut self) {
        (self.begun, self.open) = (0, false);
    }

    pub(super) fn are_dealt_with(&self, post: &Value) -> bool {
        !self.open && post["webhooks"].as_u64() == Some(self.begun)
    }

    /// When the next delivery is due, if that is before `until`; then it is under way.
    pub(super) fn next(&mut self, until: Timestamp) -> Option<Timestamp> {
        self.callback.as_ref()?;
        let at = self.waiting.keys().next().map(|(at, _)| *at).filter(|at| *at < until)?;
        (self.open, self.begun) = (true, self.begun + 1);
        Some(at)
    }
}

/// Sends what is due, and again later what is not answered with a success.
pub(super) async fn deliver(world: World) {
    let ((key, hook), callback, fault) = {
        let mut facts = world.facts();
        let fault = facts.fault("workplace.webhook");
        let (key, hook) = facts.hooks.waiting.first_key_value().map(|(key, hook)| (*key, hook.clone())).unwrap();
        let callback = facts.hooks.callback.clone().unwrap();
        ((key, hook), callback, fault)
    };
    if fault == Some(Fault::KillBefore) {
        world.killed.notify_one();
        std::future::pending::<()>().await;
    }
    let request = reqwest::Client::new().post(callback).body(hook.body.clone());
    let request = hook.signatures.iter().fold(request, |request, (name, value)| request.header(*name, value));
    let status = request.send().await.map_or(0, |answer| answer.status().as_u16());
    if fault == Some(Fault::KillAfter) {
        world.killed.notify_one();
        std::future::pending::<()>().await;
    }
    {
        let mut facts = world.facts();
        facts.hooks.open = false;
        facts.hooks.answers.push(status);
        facts.hooks.waiting.remove(&key);
        // A refused forgery is nobody's to repeat.
        if !(200..300).contains(&status) && hook.signatures == signed(SECRET, &hook.body) && status != 410 {
            let at = facts.now + AGAIN;
            facts.hooks.put(at, hook);
        }
    }
    world.release_if_quiet();
}

impl Facts {
    pub(super) fn workplace(&mut self, route: &str, uri: &Uri, token: &str, body: &str) -> Reply {
        let of_the_app = token == format!("7|{SECRET}");
        match route {
            "organization_members" if token == "community-token" => {
                let inactive = uri.query().is_some_and(|query| query.contains("inactive=1"));
                let rows = [("100", "ana@contoso.example", false), ("101", "gone@contoso.example", true)];
                let rows = rows.into_iter().filter(|row| row.2 == inactive);
                let rows: Vec<_> = rows.map(|(id, email, _)| json!({"id": id, "email": email})).collect();
                (200, json!({"data": rows, "paging": {"cursors": {"after": "x"}}}))
            }
            "subscriptions" if of_the_app => {
                let ours = |url: &String| json!({"object": "workplace_security", "callback_url": url, "active": true});
                (200, json!({"data": self.hooks.callback.iter().map(ours).collect::<Vec<_>>()}))
            }
            "subscribe" if of_the_app => {
                let form: Value = serde_json::from_str(body).unwrap();
                self.hooks.callback = form["callback_url"].as_str().map(str::to_owned);
                (200, json!({"success": true}))
            }
            _ => (400, json!({"error": {"code": 190, "error_subcode": 458, "message": "not installed"}})),
        }
    }
}

fn connect(base: &str, _redirect: &str) -> Value {
    json!({
        "apps": {
            "entra": entra(base),
            "workplace": {"vendor": "workplace", "base_url": base, "access_token": "community-token",
                "authorize_url": format!("{base}/dialog/oauth"), "organization_id": "900", "app_id": "7",
                "app_secret": SECRET},
        },
        "policies": {"multiple_failed_logins": {"action": ["suspend"]}},
    })
}

fn change(event: &str, at: Timestamp) -> Value {
    json!({"field": "sessions", "value": {"event": event, "timestamp": at.as_second().to_string(), "actor_id": "100",
        "actor_email": "ana@contoso.example", "ip": LONDON}})
}

/// A body with one entry a change.
fn body(community: &str, changes: &[(Timestamp, Value)]) -> String {
    let entry =
        |(at, change): &(Timestamp, Value)| json!({"id": community, "time": at.as_second(), "changes": [change]});
    json!({"object": "workplace_security", "entry": changes.iter().map(entry).collect::<Vec<_>>()}).to_string()
}

fn signed(secret: &str, body: &str) -> Vec<(&'static str, String)> {
    let tag = |algorithm| -> String {
        let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), body.as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    vec![
        ("x-hub-signature", format!("sha1={}", tag(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY))),
        ("x-hub-signature-256", format!("sha256={}", tag(hmac::HMAC_SHA256))),
    ]
}

fn send(world: &World, at: Timestamp, body: String, secret: &str) {
    let signatures = signed(secret, &body);
    world.facts().hooks.put(at, Hook { body, signatures });
}

/// Eleven failed logins of Ana in two bodies, the younger first.
fn world() -> World {
    let world = World::default();
    {
        let mut facts = world.facts();
        facts.now = start();
        facts.end = minute(125);
        let user = json!({"id": ANA, "mail": "ana@contoso.example", "userPrincipalName": "ana@contoso.example",
            "accountEnabled": true});
        facts.users.insert(ANA.to_owned(), user);
    }
    let failures: Vec<_> = (0..11)
        .map(|number| minute(70) + SignedDuration::from_secs(10 * number))
        .map(|at| (at, change("USER_LOGIN_FAILED", at)))
        .collect();
    send(&world, minute(73), body("900", &failures[6..]), SECRET);
    send(&world, minute(80), body("900", &failures[..6]), SECRET);
    world
}

/// One person, two members, eleven failures; one alert, one suspension.
#[track_caller]
fn all_is_told_and_done_once(world: &World, folder: &std::path::Path, what: &str) {
    let events = events(folder);
    assert_eq!(events.len(), 1 + 2 + 11, "{what}: {events:?}");
    assert!(events.values().all(|count| *count == 1), "{what}: {events:?}");
    let alerts = report(folder, "alert");
    assert_eq!(alerts.iter().filter(|alert| alert["activity_id"] == 1).count(), 1, "{what}");
    assert_eq!(report(folder, "action").len(), 1, "{what}");
    assert_eq!(world.facts().users[ANA]["accountEnabled"], false, "{what}");
}

fn run(world: &World) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_with(world, folder.path(), connect), End::Stopped);
    folder
}

#[test]
fn events_that_are_sent_are_weighed_like_those_that_are_asked_for() {
    let world = world();
    let folder = run(&world);
    all_is_told_and_done_once(&world, folder.path(), "no fault");
    assert_eq!(world.facts().hooks.answers, [200, 200]);
    // The answer to the second body closed the count, long before the next poll.
    assert_eq!(calls(&world, "entra.update_user"), [minute(80)]);
    assert_eq!(calls(&world, "workplace.subscribe"), [start()]);
}

#[test]
fn a_stack_killed_over_a_delivery_takes_it_in_once_when_it_comes_again() {
    for nth in [1, 2] {
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            let (world, folder) = (world(), tempfile::tempdir().unwrap());
            world.facts().faults.insert(("workplace.webhook".to_owned(), nth), fault);
            let what = format!("{fault:?} at {nth}");
            assert_eq!(run_with(&world, folder.path(), connect), End::Killed, "{what}");
            // The new process listens elsewhere; as far as the vendor knows nothing has changed.
            world.facts().hooks.callback = None;
            assert_eq!(run_with(&world, folder.path(), connect), End::Stopped, "{what}");
            all_is_told_and_done_once(&world, folder.path(), &what);
        }
    }
}

#[test]
fn what_comes_twice_counts_once() {
    let world = world();
    let again: Vec<Hook> = world.facts().hooks.waiting.values().cloned().collect();
    for hook in again {
        world.facts().hooks.put(minute(100), hook);
    }
    let folder = run(&world);
    all_is_told_and_done_once(&world, folder.path(), "twice");
    assert_eq!(world.facts().hooks.answers, [200; 4]);
}

#[test]
fn what_is_forged_is_refused_and_leaves_nothing() {
    let world = world();
    let at = minute(90);
    let forged = body("900", &[(at, change("USER_LOGIN", at))]);
    send(&world, at, forged.clone(), "another");
    let [sha1, sha256] = <[_; 2]>::try_from(signed(SECRET, &forged)).unwrap();
    for (minutes, signatures) in
        [(91, vec![]), (92, vec![sha1]), (93, vec![("x-hub-signature", "sha1=00".into()), sha256])]
    {
        world.facts().hooks.put(minute(minutes), Hook { body: forged.clone(), signatures });
    }
    let folder = run(&world);
    all_is_told_and_done_once(&world, folder.path(), "forged");
    assert_eq!(world.facts().hooks.answers, [200, 200, 403, 403, 403, 403]);
}

#[test]
fn a_recording_of_long_ago_is_refused_though_its_signature_fits() {
    let world = world();
    let old = start() - SignedDuration::from_hours(24 * 7);
    send(&world, minute(90), body("900", &[(old, change("USER_LOGIN", old))]), SECRET);
    let folder = run(&world);
    all_is_told_and_done_once(&world, folder.path(), "old");
    assert_eq!(world.facts().hooks.answers, [200, 200, 410]);
}

#[test]
fn another_communitys_events_are_not_ours() {
    let world = world();
    send(&world, minute(90), body("901", &[(minute(90), change("USER_LOGIN", minute(90)))]), SECRET);
    let folder = run(&world);
    all_is_told_and_done_once(&world, folder.path(), "elsewhere");
    // A refusal would only bring it again.
    assert_eq!(world.facts().hooks.answers, [200, 200, 200]);
}

#[test]
fn a_subscription_that_was_ended_is_made_anew_and_the_gap_is_told() {
    let world = world();
    world.facts().end = minute(65);
    let folder = run(&world);
    world.facts().hooks.callback = None;
    world.facts().end = minute(125);
    assert_eq!(run_with(&world, folder.path(), connect), End::Stopped);
    assert!(world.facts().hooks.callback.as_ref().is_some_and(|url| url.ends_with("/hooks/workplace")));
    assert_eq!(reasons(folder.path()), ["gap"]);
}

#[test]
fn somebody_elses_subscription_is_left_alone_and_the_gap_is_told_when_it_is_over() {
    const ELSEWHERE: &str = "http://127.0.0.1:9/somebody/else";
    let world = world();
    world.facts().end = minute(65);
    let folder = run(&world);
    world.facts().hooks.callback = Some(ELSEWHERE.to_owned());
    world.facts().end = minute(125);
    assert_eq!(run_with(&world, folder.path(), connect), End::Stopped);
    assert_eq!(world.facts().hooks.callback.as_deref(), Some(ELSEWHERE));
    assert!(
        reasons(folder.path()).iter().any(|reason| reason.contains("somebody else")),
        "{:?}",
        reasons(folder.path())
    );
    world.facts().hooks.callback = None;
    world.facts().end = minute(185);
    assert_eq!(run_with(&world, folder.path(), connect), End::Stopped);
    assert_eq!(reasons(folder.path()).last().map(String::as_str), Some("gap"));
}

/// Killed with the vendor's agreement already in force: what was lost before is told by the process that finds it so.
#[test]
fn a_gap_is_told_once_by_whichever_process_comes_to_it() {
    for (fault, subscribed) in [(Fault::KillBefore, 3), (Fault::KillAfter, 2)] {
        let world = world();
        world.facts().end = minute(65);
        let folder = run(&world);
        world.facts().hooks.callback = None;
        world.facts().end = minute(125);
        world.facts().faults.insert(("workplace.subscribe".to_owned(), 2), fault);
        assert_eq!(run_with(&world, folder.path(), connect), End::Killed, "{fault:?}");
        assert_eq!(reasons(folder.path()), [""; 0], "{fault:?}");
        assert_eq!(run_with(&world, folder.path(), connect), End::Stopped, "{fault:?}");
        assert_eq!(reasons(folder.path()), ["gap"], "{fault:?}");
        assert_eq!(calls(&world, "workplace.subscribe").len(), subscribed, "{fault:?}");
    }
}

#[test]
fn a_retired_community_is_told_of_at_every_poll() {
    const GONE: &str = r#"{"error": {"code": 190, "error_subcode": 458, "message": "not installed"}}"#;
    let world = world();
    for nth in 1..=9 {
        world.facts().faults.insert(("workplace.organization_members".to_owned(), nth), Fault::Says(400, GONE));
    }
    let folder = run(&world);
    let told = report(folder.path(), "status");
    let degraded = told.iter().filter(|status| status["phase"] == "degraded" && status["app"] == "workplace");
    // Three polls, and once between them: a delivery names somebody, and asks for the list.
    assert_eq!(degraded.count(), 4);
}

#[test]
fn a_budget_that_is_used_up_is_waited_for_though_it_is_a_400() {
    const LIMIT: &str = r##"{"error": {"code": 17, "message": "(#17) User request limit reached"}}"##;
    let world = world();
    world.facts().faults.insert(("workplace.organization_members".to_owned(), 2), Fault::Says(400, LIMIT));
    let folder = run(&world);
    all_is_told_and_done_once(&world, folder.path(), "budget");
    let asked = calls(&world, "workplace.organization_members");
    assert_eq!(asked[2].duration_since(asked[1]), SignedDuration::from_mins(5));
}
