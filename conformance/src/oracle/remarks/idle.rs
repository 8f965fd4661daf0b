//! What a scenario writes and nobody can ever notice: steps and faults after its end, silence about somebody who does nothing.

use std::collections::BTreeSet;

use simulator::scenario::tables::RECORD_FAULTS;
use simulator::scenario::{Begins, Position, Who};
use simulator::time::SimTime;

use crate::scenario::lint::{Gravity, Remark};
use crate::scenario::{Kind, Script};

/// All of it, for a story that ends at `ends`.
pub(super) fn remarks(script: &Script, ends: SimTime) -> Vec<Remark> {
    let mut remarks = after_the_end(script, ends);
    remarks.extend(silence_of_nobody(script));
    remarks
}

/// Steps that happen when the run may be over, and faults that begin when no fault is carried out any more.
fn after_the_end(script: &Script, ends: SimTime) -> Vec<Remark> {
    let scenario = &script.scenario;
    let end = scenario.calendar().spell(ends);
    let steps = scenario.script.iter().filter(|step| step.at > ends).map(|step| {
        let message =
            format!("the story ends before this (`stack.ends`, {end}), so a stack need not see it: end it later");
        warning(step.position, message)
    });
    // Those that bend records say themselves that they find none.
    let on_the_wire = scenario.faults.iter().filter(|fault| !RECORD_FAULTS.contains(&fault.kind.name()));
    let on_the_wire = on_the_wire.map(|fault| (fault.begins, fault.at));
    let of_the_process = script.process_faults.iter().map(|fault| (fault.begins, fault.at));
    let too_late = |begins: Begins| matches!(begins, Begins::Time(from) if from >= ends);
    let faults = on_the_wire.chain(of_the_process).filter(|(begins, _)| too_late(*begins)).map(|(_, at)| {
        let message = format!(
            "the story has ended by then ({end}), and faults with it: write an earlier time, or `stack: {{ ends: … }}`"
        );
        Remark::error(at, message)
    });
    steps.chain(faults).collect()
}

/// `must_not` about somebody whom the script never mentions holds whatever a stack does.
fn silence_of_nobody(script: &Script) -> Vec<Remark> {
    let steps = &script.scenario.script;
    let acting: BTreeSet<usize> =
        steps.iter().flat_map(|step| [Some(step.actor), step.target]).filter_map(|who| cast(who?)).collect();
    let silent = script.expect.iter().filter(|wanted| wanted.kind == Kind::MustNot);
    let of_nobody = silent.filter_map(|wanted| Some((wanted, cast(wanted.actor?)?)));
    of_nobody
        .filter(|(_, who)| !acting.contains(who))
        .map(|(wanted, who)| {
            let key = &script.scenario.cast[who].key;
            let message = format!(
                "{key} does nothing in the script, so this holds of every stack: write what {key} does, or leave it out"
            );
            warning(wanted.at, message)
        })
        .collect()
}

fn cast(who: Who) -> Option<usize> {
    if let Who::Cast(member) = who { Some(member) } else { None }
}

fn warning(at: Position, message: String) -> Remark {
    Remark { gravity: Gravity::Warning, ..Remark::error(at, message) }
}
