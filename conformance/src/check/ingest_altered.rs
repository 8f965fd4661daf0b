//! Events that say something else than the record they are copies of.

use std::net::IpAddr;
use std::time::Duration;

use simulator::time::SimTime;

use super::{Check, Judged};
use crate::contract::Profile;
use crate::contract::event::AUTHENTICATION;
use crate::observe::Facts;
use crate::observe::ingestion::Taken;
use crate::observe::wording::few;
use crate::recording::TruthRecord;
use crate::verdict::Finding;

/// The largest whole number from which on not every one is a floating point number (IEEE 754, binary64).
const LARGEST_SAFE: u64 = 1 << 53;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "ingest/altered-event",
    title: "an event says something else than the record it is a copy of",
    explanation: "\
An event is held against the record with its id: the time (within the second, since vendors print different precisions), \
whose account it was, the address, whether it succeeded, and, under the strict profile, the log it stood in and that a \
sign-in is class 3002. Detections rest on exactly these. Usual causes: the time of reading in place of the time of the \
event, seconds taken for milliseconds, a local time taken for UTC, the person acted upon in place of the one who acted, \
the address of a proxy, a failed sign-in counted as a success, a number rounded to a floating point's. Where a fault of \
the scenario made a field say something else, that is as right as what it would have said. What the vendor's record may \
leave open is not judged: a person may be named by id or address, a failed sign-in may name nobody, entries of what a \
program did name no person.

Source: docs/src/faults.md, time-wrong-time-field, time-epoch-unit, time-naive-local, data-big-integer; docs/src/contract.md \
(what an event says).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut rows = Vec::new();
    let mut story = Vec::new();
    let mut line = None;
    for taken in facts.entries() {
        let Some(record) = taken.record.map(|r| &facts.recording.truth[r]) else { continue };
        let differences = differences(facts, taken, record);
        if !differences.is_empty() {
            let what = differences.join("; ");
            rows.push(format!("{}: event {}: {what}", facts.report_line(taken.number), taken.event.uid));
            story.push(facts.record_row(record));
            line = line.or(record.line);
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let observed = format!("{} event(s) differ from their records; first {}", rows.len(), rows[0]);
    let found = CHECK.fail("every event says what the vendor recorded", observed);
    vec![found.story(few(story)).evidence(few(rows)).line(line).done()]
}

fn differences(facts: &Facts<'_>, taken: &Taken, record: &TruthRecord) -> Vec<String> {
    let strict = facts.declares.profile == Profile::Strict;
    let all = [
        time(facts, taken, record),
        actor(facts, taken, record),
        rounded(taken, record),
        address(taken, record),
        outcome(taken, record),
        class(taken, record).filter(|_| strict),
        log(taken, record).filter(|_| strict),
    ];
    all.into_iter().flatten().collect()
}

fn time(facts: &Facts<'_>, taken: &Taken, record: &TruthRecord) -> Option<String> {
    let near = |t: SimTime| {
        let told = taken.event.time;
        t.since(told).max(told.since(t)) < Duration::from_secs(1)
    };
    let served = record.made_say.iter().filter_map(|text| moment(text)).any(near);
    let right = near(record.occurred) || near(record.persisted) || served;
    (!right).then(|| format!("time {}, recorded {}", facts.spell(taken.event.time), facts.spell(record.occurred)))
}

/// A time as vendors write it: RFC 3339, or seconds or milliseconds since 1970.
fn moment(text: &str) -> Option<SimTime> {
    const MS_FROM: i64 = 100_000_000_000;
    let number = || {
        let n = text.parse::<i64>().ok()?;
        SimTime::told_in_ms(if n < MS_FROM { n.saturating_mul(1_000) } else { n })
    };
    SimTime::parse_rfc3339(text).or_else(number)
}

/// An id that is nearly the whole number that was served.
#[expect(clippy::cast_precision_loss, reason = "whether digits were lost is what is asked")]
fn rounded(taken: &Taken, record: &TruthRecord) -> Option<String> {
    let whole = |text: &str| text.parse::<i64>().ok();
    let near = |told: f64, served: i64| (told - served as f64).abs() <= 1_024.0;
    let numbers = record.made_say.iter().filter(|said| whole(said).is_some_and(|n| n.unsigned_abs() > LARGEST_SAFE));
    let mut pairs = numbers.flat_map(|said| taken.event.actor.uids.iter().map(move |told| (said, told)));
    let (said, told) = pairs.find(|(said, told)| {
        let nearly = || whole(said).zip(told.parse().ok()).is_some_and(|(served, told)| near(told, served));
        said != told && nearly()
    })?;
    Some(format!("user id {told}, served as {said}"))
}

fn actor(facts: &Facts<'_>, taken: &Taken, record: &TruthRecord) -> Option<String> {
    // What the stack's own calls leave is recorded in the name of its application; what a fault altered may name nobody.
    if record.by_the_stack || record.altered {
        return None;
    }
    let named = &taken.event.actor;
    let who = facts.people.find(named, Some(&taken.event.tenant));
    if who.contains(&record.actor) {
        return None;
    }
    let names: Vec<&str> = named.uids.iter().chain(&named.emails).map(String::as_str).collect();
    if !who.is_empty() {
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        return Some(format!("user {} ({}), recorded {}", who.join(", "), names.join(", "), record.actor));
    }
    // An address may have changed since; an id that nobody has, or no name at all, is no way to name who signed in.
    let by_id = named.uids.iter().any(|uid| !uid.contains('@'));
    let owed = record.is_sign_in() && record.succeeded() && (names.is_empty() || by_id);
    owed.then(|| match names.is_empty() {
        true => format!("no user, recorded {}", record.actor),
        false => format!("user {}, whom nobody knows, recorded {}", names.join(", "), record.actor),
    })
}

fn address(taken: &Taken, record: &TruthRecord) -> Option<String> {
    let recorded = record.address?.to_canonical();
    let served = |told: IpAddr| {
        record.made_say.iter().any(|text| text.parse().is_ok_and(|ip: IpAddr| ip.to_canonical() == told))
    };
    match taken.event.address {
        Some(told) if told != recorded && !served(told) => Some(format!("address {told}, recorded {recorded}")),
        None if record.is_sign_in() && !record.altered => Some(format!("no address, recorded {recorded}")),
        _ => None,
    }
}

fn outcome(taken: &Taken, record: &TruthRecord) -> Option<String> {
    let opposite = if record.succeeded() { 2 } else { 1 };
    let wrong = taken.event.status_id == Some(opposite);
    wrong.then(|| format!("status_id {opposite}, recorded {}", record.outcome))
}

fn class(taken: &Taken, record: &TruthRecord) -> Option<String> {
    let class = taken.event.class?;
    let wrong = record.is_sign_in() && class != AUTHENTICATION;
    wrong.then(|| format!("class {class}, a sign-in is {AUTHENTICATION}"))
}

fn log(taken: &Taken, record: &TruthRecord) -> Option<String> {
    let log = taken.event.log.as_ref()?;
    (*log != record.log).then(|| format!("log {log}, recorded in {}", record.log))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::contract::Profile;
    use crate::observe::example::Example;

    /// One sign-in of Alice's, reported with `bend` applied.
    fn reported(bend: impl FnOnce(&mut Value)) -> Example {
        let mut run = Example::quiet();
        run.record("e1", "day 1 09:00:00.250", "alice");
        let mut body = run.body("e1");
        bend(&mut body);
        run.say("event", "day 1 10:00", &body);
        run
    }

    #[test]
    fn a_faithful_copy_passes() {
        reported(|_| {}).passes(&CHECK);
    }

    #[test]
    fn a_time_cut_to_the_second_passes() {
        reported(|body| body["time"] = (body["time"].as_i64().unwrap() - 250).into()).passes(&CHECK);
    }

    #[test]
    fn every_altered_part_is_found() {
        #[rustfmt::skip]
        type Spoil = fn(&mut Value);
        let cases: [(&str, Spoil, &str); 7] = [
            ("the hour", |b| b["time"] = (b["time"].as_i64().unwrap() + 3_600_000).into(), "time day 1 10:00:00"),
            ("somebody else", |b| b["user"] = json!({"uid": "m-bob"}), "user bob (m-bob)"),
            ("nobody", |b| b["user"] = json!({"name": "?"}), "no user"),
            ("an unknown id", |b| b["user"] = json!({"uid": "42"}), "whom nobody knows"),
            ("the address", |b| b["src_endpoint"] = json!({"ip": "203.0.113.9"}), "address 203.0.113.9"),
            ("the outcome", |b| b["status_id"] = 2.into(), "status_id 2"),
            ("the log", |b| b["metadata"]["log_name"] = "content_log".into(), "log content_log"),
        ];
        for (name, bend, expected) in cases {
            let found = reported(bend).fails(&CHECK);
            assert!(found.evidence[0].contains(expected), "{name}: {found:#?}");
        }
    }

    #[test]
    fn what_a_fault_made_the_record_say_is_as_right_as_what_happened() {
        #[rustfmt::skip]
        type Spoil = fn(&mut Value);
        let cases: [(&str, Spoil, &str, bool); 6] = [
            (
                "the time served",
                |b| b["time"] = (b["time"].as_i64().unwrap() + 259_200_000).into(),
                "2026-03-05T09:00:00.250Z",
                true,
            ),
            (
                "another time",
                |b| b["time"] = (b["time"].as_i64().unwrap() + 3_600_000).into(),
                "2026-03-05T09:00:00.250Z",
                false,
            ),
            ("the address served", |b| b["src_endpoint"] = json!({"ip": "203.0.113.9"}), "::ffff:203.0.113.9", true),
            ("another address", |b| b["src_endpoint"] = json!({"ip": "203.0.113.9"}), "203.0.113.10", false),
            ("the number served", |b| b["user"] = json!({"uid": "9007199254740993"}), "9007199254740993", true),
            ("a rounded number", |b| b["user"] = json!({"uid": "9007199254740992"}), "9007199254740993", false),
        ];
        for (name, bend, said, passes) in cases {
            let mut run = reported(bend);
            (run.recording.truth[0].altered, run.recording.truth[0].made_say) = (true, vec![said.to_owned()]);
            if passes {
                run.passes(&CHECK);
            } else {
                assert!(run.fails(&CHECK).evidence[0].contains("e1"), "{name}");
            }
        }
    }

    #[test]
    fn a_person_may_be_named_by_address_alone() {
        reported(|body| body["user"] = json!({"name": "Alice", "email_addr": "Alice@contoso.example"})).passes(&CHECK);
    }

    #[test]
    fn what_the_stacks_own_call_left_names_no_person() {
        let mut run = reported(|body| body["user"] = json!({"uid": "app-77"}));
        run.recording.truth[0].by_the_stack = true;
        run.passes(&CHECK);
    }

    #[test]
    fn the_lenient_profile_does_not_ask_for_the_log() {
        let mut run = reported(|body| body["metadata"]["log_name"] = "content_log".into());
        run.declares.profile = Profile::Lenient;
        run.passes(&CHECK);
    }
}
