//! Mistakes about records: what one says, and whether it was seen before.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp, tz};
use serde_json::{Value, json};

use super::{Bug, current};
use crate::normalize::{Event, EventKind};

/// How many were taken in so far.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// The event that `record` is taken for, if it is kept at all.
pub(crate) fn misread(mut event: Event, record: &Value, now: Timestamp) -> Option<Event> {
    let Some(bug) = current() else { return Some(event) };
    let is_pushed = record.get("community").is_some();
    match bug {
        Bug::DataNullActor if event.account.is_none() && event.email.is_none() => return None,
        Bug::DataUnknownEventType if !KNOWN.contains(&operation(&event)) => return None,
        Bug::DataHugeEvent if record.to_string().len() > 1_000_000 => return None,
        Bug::DataBadIp if event.ip.is_none() => return None,
        Bug::DataSchemaDrift if record["details"].is_string() || record["isInteractive"].is_string() => return None,
        Bug::TimeOffsetFormat if record["createdAt"].as_str().is_some_and(|at| !at.ends_with('Z')) => return None,
        Bug::TimePrecisionTruncated => {
            stamp(&mut event, |at| Timestamp::from_second(at.as_second() / 60 * 60).unwrap_or(at));
        }
        Bug::TimeEpochUnit => stamp(&mut event, |at| Timestamp::from_second(at.as_second() / 1000).unwrap_or(at)),
        Bug::TimeNaiveLocal => stamp(&mut event, as_if_local),
        Bug::TimeWrongTimeField => stamp_with(&mut event, now),
        Bug::DataDuplicateKeysIdCollision => event.uid = format!("{}|{}", event.at, operation(&event)),
        Bug::DataDedupeTooStrong => event.uid = format!("{}|{now}", event.uid),
        Bug::HookDuplicateDelivery if is_pushed => {
            event.uid = format!("{}|{}", event.uid, TAKEN.fetch_add(1, Ordering::Relaxed));
        }
        Bug::HookReplay if is_pushed && now.duration_since(event.at) > SignedDuration::from_hours(1) => {
            event.uid = format!("{}|{now}", event.uid);
        }
        Bug::DetFailedLoginShapes if event.ocsf["metadata"]["event_code"] == "TWO_FACTOR_CODE_FAILED" => {
            event.kind = EventKind::Other;
        }
        _ => {}
    }
    Some(event)
}

/// Whether this record is one that takes its neighbours with it.
pub(crate) fn has_poison(record: &Value) -> bool {
    current() == Some(Bug::DataOneBadEventKillsBatch) && record.get("createdBy").is_some_and(Value::is_null)
}

/// Operations that somebody once wrote down; sign-ins have none.
const KNOWN: [&str; 4] = ["", "board_opened", "board_created", "repo.create"];

fn operation(event: &Event) -> &str {
    event.ocsf["api"]["operation"].as_str().unwrap_or_default()
}

fn stamp(event: &mut Event, wrong: fn(Timestamp) -> Timestamp) {
    let at = wrong(event.at);
    stamp_with(event, at);
}

fn stamp_with(event: &mut Event, at: Timestamp) {
    event.at = at;
    event.ocsf["time"] = json!(at.as_millisecond());
}

/// What a reader makes of a time whose offset it does not read, in Berlin.
fn as_if_local(at: Timestamp) -> Timestamp {
    let berlin = tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("POSIX's rule for Central Europe");
    let shown = tz::TimeZone::UTC.to_datetime(at);
    berlin.to_timestamp(shown).unwrap_or(at)
}
