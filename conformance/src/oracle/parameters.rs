//! What a policy of the scenario changes about a definition. The reader has checked words and types; what is not written
//! is the definition's default.

use std::time::Duration;

use serde_json::Value;
use simulator::scenario::{Policy, Scenario};
use simulator::time::{SimTime, parse_duration};

/// A number.
pub fn number(policy: &Policy, name: &str, default: f64) -> f64 {
    policy.parameters.get(name).and_then(Value::as_f64).unwrap_or(default)
}

/// A whole number of at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that the reader checked")]
pub fn count(policy: &Policy, name: &str, default: u32) -> usize {
    number(policy, name, f64::from(default)).max(1.0) as usize
}

/// A number of whole days.
pub fn days(policy: &Policy, name: &str, default: u32) -> Duration {
    Duration::from_secs_f64(number(policy, name, f64::from(default)).max(0.0) * 86_400.0)
}

/// A duration in the scenarios' spelling.
pub fn duration(policy: &Policy, name: &str, default: Duration) -> Duration {
    text(policy, name).and_then(|t| parse_duration(t).ok()).unwrap_or(default)
}

/// A word.
pub fn text<'a>(policy: &'a Policy, name: &str) -> Option<&'a str> {
    policy.parameters.get(name).and_then(Value::as_str)
}

/// Whether something is asked for.
pub fn flag(policy: &Policy, name: &str) -> bool {
    policy.parameters.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// A list of words; a single word is a list of one.
pub fn words<'a>(policy: &'a Policy, name: &str) -> Option<Vec<&'a str>> {
    match policy.parameters.get(name)? {
        Value::Array(words) => Some(words.iter().filter_map(Value::as_str).collect()),
        word => word.as_str().map(|w| vec![w]),
    }
}

/// Activities from before this moment do not count.
pub fn created(scenario: &Scenario, policy: &Policy) -> Option<SimTime> {
    let written = text(policy, "created")?;
    scenario.calendar().parse(written).ok().or_else(|| SimTime::parse_rfc3339(written))
}
