//! Scenarios that are wrong, and what their authors are told; scenarios that are right, and what was understood.

mod bad_entries;
mod bad_faults;
mod bad_script;
mod bad_yaml;
mod good;

use super::{Foreign, Scenario, read_text};

/// What a caller that judges stacks calls its own.
const FOREIGN: Foreign = Foreign { keys: &["expect", "level", "twin_of"], faults: &["kill", "stop"] };

/// The beginning of a scenario that is fine; four lines.
const HEAD: &str = "title: Alice works\napps: { entra: {}, miro: { page_size: 10 } }\ncast: { alice: {}, bob: {}, others: { count: 5 } }\nattacks: { takeover: T1078.004 }\n";

/// What the author of a scenario is told.
#[track_caller]
fn told(text: &str) -> String {
    match read_text("s.yaml", text, &FOREIGN) {
        Ok(_) => panic!("was read without complaint:\n{text}"),
        Err(errors) => errors.to_string(),
    }
}

/// The same, after four lines that are fine.
#[track_caller]
fn told_after_head(rest: &str) -> String {
    told(&format!("{HEAD}{rest}"))
}

/// The same for one line of a script: it stands on line 6.
#[track_caller]
fn told_of_step(step: &str) -> String {
    told_after_head(&format!("script:\n  - {step}"))
}

/// The same for one fault: it stands on line 6.
#[track_caller]
fn told_of_fault(fault: &str) -> String {
    told_after_head(&format!("faults:\n  - {fault}"))
}

#[track_caller]
fn good(text: &str) -> Scenario {
    read_text("s.yaml", text, &FOREIGN).unwrap_or_else(|errors| panic!("{errors}"))
}
