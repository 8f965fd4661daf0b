//! Changes of the stack's life: M20, M27.

use std::time::Duration;

use simulator::scenario::{Begins, Position};
use simulator::time::DAY;

use super::trial::changed;
use super::{Given, Trial};
use crate::scenario::{ProcessFault, ProcessFaultKind, Script};

/// How long nobody is there.
const AWAY: Duration = Duration::from_secs(600);

/// M20.
pub(super) fn restarted(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    let steps = given.steps()?;
    let last = steps.iter().map(|step| step.at + step.over).max().unwrap_or(steps[0].at);
    let half_way = steps[0].at + last.since(steps[0].at) / 2;
    let at_half_way = |kind| {
        let fault = ProcessFault {
            kind,
            route: None,
            begins: Begins::Time(half_way),
            after: None,
            restart_after: Some(AWAY),
            times: 1,
            at: Position { line: 1, column: 1 },
        };
        Script { process_faults: vec![fault], ..given.script.clone() }
    };
    Ok(vec![
        Trial::acting("stopped half-way and started again", &at_half_way(ProcessFaultKind::Stop)),
        Trial::acting("killed half-way and started again", &at_half_way(ProcessFaultKind::Kill)),
    ])
}

/// M27. What is read at the start, beyond what is declared, is the stack's own affair; what a scenario can change is how
/// much history it has when the story begins.
pub(super) fn earlier_start(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let scenario = &given.script.scenario;
    if scenario.history_start() + DAY > scenario.stack.starts {
        return Err("it has no day of history".to_owned());
    }
    let script = changed(given.script, |scenario| scenario.stack.starts = scenario.stack.starts - DAY);
    Ok(vec![Trial::new("the stack starts a day earlier", &script)])
}
