//! What was done to accounts, by the journal.

use crate::contract::StackClock;
use crate::observe::Facts;

/// Rows of (time, instance, action, target and thing); without the time under the machine's clock.
pub(super) fn render(facts: &Facts<'_>, clock: StackClock) -> String {
    let time = |at| (clock == StackClock::Virtual).then_some(at);
    let mut deeds: Vec<_> = facts.deeds.iter().map(|d| (time(d.at), &d.app, &d.action, d.upon(), !d.done)).collect();
    deeds.sort();
    let rows = deeds.into_iter().map(|(at, app, action, target, in_vain)| {
        let at = at.map(|at| format!("{}  ", facts.spell(at))).unwrap_or_default();
        let outcome = if in_vain { "no effect" } else { "done" };
        format!("{at}{app}  {action}  {target}  {outcome}")
    });
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() { "nothing was done".to_owned() } else { rows.join("\n") }
}
