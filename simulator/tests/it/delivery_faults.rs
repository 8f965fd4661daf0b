//! Faults of webhook deliveries, over sockets: what the receiver sees, what the vendor makes of it, what is journalled.

use simulator::journal::Entry;

use crate::support::Served;
use crate::webhooks::{Receiver, Seen, clock, clock_times, deliveries, subscribe, wait_until};

/// Sign-ins at nine, ten and eleven, each a delivery of its own ten seconds later.
fn story(fault: &str) -> String {
    format!(
        "title: Ann signs in three times
apps: {{ workplace: {{ credentials: token }} }}
people: 0
cast: {{ ann: {{}} }}
script:
  - {{ at: day 1 09:00, actor: ann, does: sign_in }}
  - {{ at: day 1 09:30, actor: ann, does: sign_in }}
  - {{ at: day 1 11:00, actor: ann, does: sign_in }}
faults:
  - {{ route: workplace.webhook, {fault} }}
stack: {{ ends: day 5 00:00 }}
"
    )
}

/// The day as a receiver and the journal saw it.
async fn day(fault: &str) -> (Vec<Seen>, Vec<Entry>, u32) {
    let served = Served::new(&story(fault)).await;
    let receiver = Receiver::new(&[]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-02T20:00:00").await;
    let made = (receiver.seen(), deliveries(&served), served.sim.fault_bites()[0].2);
    served.running.shutdown().await;
    made
}

/// Hour and minute at which each delivery was made, its status, and the fault that it shows.
fn told(journal: &[Entry]) -> Vec<String> {
    let row = |(time, entry): (String, &Entry)| {
        let status = entry.status.map_or("-".to_owned(), |s| s.to_string());
        let fault = entry.fault.as_ref().map_or("", |f| &f.kind);
        format!("{} {status} {fault}", &time[3..8]).trim_end().to_owned()
    };
    clock_times(journal).into_iter().zip(journal).map(row).collect()
}

#[tokio::test]
async fn each_fault_makes_of_the_first_delivery_what_it_says() {
    #[rustfmt::skip]
    let cases: [(&str, &[&str]); 9] = [
        ("nth: 1, fault: slow, by: 20m",     &["09:20 200 slow", "09:30 200", "11:00 200"]),
        ("nth: 1, fault: reset",             &["09:00 - reset", "09:00 200", "09:30 200", "11:00 200"]),
        ("nth: 1, fault: lose_answer",       &["09:00 200 lose_answer", "09:00 200", "09:30 200", "11:00 200"]),
        ("nth: 1, fault: lose_delivery",     &["09:00 - lose_delivery", "09:30 200", "11:00 200"]),
        ("nth: 1, fault: duplicate",         &["09:00 200", "09:00 200 duplicate", "09:30 200", "11:00 200"]),
        ("nth: 1, fault: replay, after: 5h", &["09:00 200", "09:30 200", "11:00 200", "14:00 200 replay"]),
        ("nth: 1, fault: reorder",           &["09:30 200", "09:30 200 reorder", "11:00 200"]),
        ("nth: 1, fault: newest_signature",  &["09:00 200 newest_signature", "09:30 200", "11:00 200"]),
        ("nth: 2, fault: unsubscribe",       &["09:00 200", "09:30 - unsubscribe"]),
    ];
    for (fault, expected) in cases {
        let (_, journal, bites) = day(fault).await;
        assert_eq!(told(&journal), expected, "{fault}");
        assert_eq!(bites, 1, "{fault}");
    }
}

#[tokio::test]
async fn what_nothing_overtakes_within_an_hour_goes_as_it_is() {
    let (_, journal, _) = day("nth: 2, fault: reorder").await;
    assert_eq!(told(&journal), ["09:00 200", "10:30 200 reorder", "11:00 200"]);
}

#[tokio::test]
async fn copies_are_the_same_bytes_with_the_same_signature() {
    for fault in ["nth: 1, fault: duplicate", "nth: 1, fault: replay, after: 5h", "nth: 1, fault: lose_answer"] {
        let (seen, ..) = day(fault).await;
        assert_eq!(seen.iter().filter(|s| **s == seen[0]).count(), 2, "{fault}");
    }
}

/// Three sign-ins at once, and what this makes of the delivery that brings them: each event's moment of the vendor's, none for
/// one that is null; and how many events the delivery is noted to bring.
async fn gathered(fault: &str) -> (Vec<Option<i64>>, usize) {
    let text = story(fault).replace("does: sign_in", "does: sign_in, times: 3, over: 3s");
    let served = Served::new(&text).await;
    let receiver = Receiver::new(&[]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-02T09:10:00").await;
    let (seen, journal) = (receiver.seen(), deliveries(&served));
    assert_eq!(seen.len(), 1, "{fault}");
    let key = served.connection("workplace")["app_secret"].as_str().unwrap().to_owned();
    assert_eq!(seen[0].signature, signed(&key, &seen[0].body), "{fault}: the vendor signs what it sends");
    let body: serde_json::Value = serde_json::from_str(&seen[0].body).unwrap();
    let entries = body["entry"].as_array().unwrap().iter();
    let changes = entries.flat_map(|entry| entry["changes"].as_array().unwrap().iter());
    let moment = |change: &serde_json::Value| change["value"]["timestamp"].as_str()?.parse().ok();
    let moments = changes.map(moment).collect();
    served.running.shutdown().await;
    (moments, journal[0].notes.delivery.as_ref().unwrap().events.len())
}

fn signed(key: &str, body: &str) -> String {
    use ring::hmac;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256={digits}")
}

#[tokio::test]
async fn events_within_a_delivery_are_turned_round_repeated_or_spoilt() {
    let (plain, brought) = gathered("nth: 9, fault: reverse_events").await;
    assert!(plain.len() == 3 && brought == 3 && plain.iter().all(Option::is_some), "{plain:?}");
    let turned: Vec<_> = plain.iter().rev().copied().collect();
    let repeated: Vec<_> = [plain[0]].into_iter().chain(plain.iter().copied()).collect();
    let spoilt: Vec<_> = [None].into_iter().chain(plain[1..].iter().copied()).collect();
    for (fault, expected, brings) in
        [("reverse_events", turned, 3), ("repeat_event", repeated, 3), ("spoil_event", spoilt, 2)]
    {
        let (moments, brought) = gathered(&format!("nth: 1, fault: {fault}")).await;
        assert_eq!((moments, brought), (expected, brings), "{fault}");
    }
}

#[tokio::test]
async fn a_forged_delivery_says_something_else_and_no_signature_of_it_is_right() {
    for signature in ["none", "wrong", "other_body"] {
        let fault = format!("nth: 1, fault: forge, signature: {signature}");
        let served = Served::new(&story(&fault)).await;
        let receiver = Receiver::new(&[]).await;
        assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
        clock(&served).start();
        let _still = wait_until(&served, "2026-03-02T09:10:00").await;
        let (seen, journal) = (receiver.seen(), deliveries(&served));
        assert_eq!(told(&journal), ["09:00 200", "09:00 200 forge"], "{signature}");
        let key = served.connection("workplace")["app_secret"].as_str().unwrap().to_owned();
        let is_right = |seen: &Seen| seen.signature == signed(&key, &seen.body);
        assert_eq!((is_right(&seen[0]), is_right(&seen[1])), (true, false), "{signature}");
        assert_ne!(seen[0].body.trim(), seen[1].body.trim(), "{signature}");
        assert!(seen[1].body.contains("USER_LOGIN"), "{}", seen[1].body);
        let note = journal[1].notes.delivery.as_ref().unwrap();
        assert!(note.events.is_empty() && note.again.is_none(), "nothing true is in it: {note:?}");
        served.running.shutdown().await;
    }
}

#[tokio::test]
async fn the_other_tenants_key_is_the_other_tenants() {
    let text = story("nth: 1, fault: forge, signature: other_tenant")
        .replace("apps: { workplace:", "apps: { sister: { vendor: workplace, credentials: token }, workplace:")
        .replace("does: sign_in", "does: sign_in, app: workplace");
    let served = Served::new(&text).await;
    let receiver = Receiver::new(&[]).await;
    assert_eq!(subscribe(&served, &receiver.url(), "v3r1fy-me").await.status(), 200);
    clock(&served).start();
    let _still = wait_until(&served, "2026-03-02T09:10:00").await;
    let seen = receiver.seen();
    let key = served.connection("sister")["app_secret"].as_str().unwrap().to_owned();
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.as_bytes()), seen[1].body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(seen[1].signature, format!("sha256={digits}"));
    served.running.shutdown().await;
}

#[tokio::test]
async fn the_same_seed_makes_the_same_forgery() {
    let (first, ..) = day("nth: 2, fault: forge, signature: wrong").await;
    let (second, ..) = day("nth: 2, fault: forge, signature: wrong").await;
    assert_eq!(first, second);
}
