//! `usage/contacts-untold`.

use simulator::time::SimTime;

use crate::observe::Facts;
use crate::scenario::What;
use crate::verdict::Finding;

use super::report_trouble::{TROUBLE, first_bite};
use super::wanted::Wanted;
use super::{Check, Judged};

/// Trouble that nobody got a letter about.
pub(super) const CHECK: Check = Check {
    id: "usage/contacts-untold",
    title: "a synchronisation was in trouble and its contacts were not told",
    explanation: "\
A `must: tell_contacts` was not met: after the fault's first bite (or from the start, where nothing bit) the journal holds no \
mail through the directory to one of `declares.usage.contacts`; where the expectation says `within`, none before first bite + \
one session + `within`. A synchronisation that fails, does not finish within 24 hours or does not run when it is scheduled \
leaves last month's numbers standing, and nobody looks at a report that seems to be there.

Usual causes: the failure is logged alone; contacts are told by the very connection that fails; a failure half-way through is \
taken for success.

Source: https://oomnitza.zendesk.com/hc/en-us/articles/38634551342231 and Oomnitza's pages on sync sessions (contacts are \
told of failed, unfinished and missed syncs).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| what == What::TellContacts).iter().filter_map(|wanted| untold(facts, wanted)).collect()
}

fn untold(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let app = wanted.written.app.map(|app| facts.app_name(app));
    let since = first_bite(facts, app, &TROUBLE).unwrap_or(facts.recording.started);
    let within = wanted.written.within.filter(|_| facts.has_deadlines());
    let deadline = within.map(|within| since + facts.declares.usage.every + within);
    let is_contact = |target: &str| facts.declares.usage.contacts.iter().any(|to| to.eq_ignore_ascii_case(target));
    let letters = facts.recording.journal.iter().filter(|entry| {
        let effect = entry.notes.effect.as_ref();
        effect.is_some_and(|effect| effect.done && effect.action == "notify" && is_contact(&effect.target))
    });
    let first: Option<SimTime> = letters.map(|entry| entry.at).find(|at| *at >= since);
    let in_time = first.is_some_and(|first| deadline.is_none_or(|deadline| first <= deadline));
    (!in_time).then(|| {
        let told = first.map_or("none".to_owned(), |first| format!("the first at {}", facts.spell(first)));
        let observed = format!("{told}, looked for from {} on", facts.spell(since));
        let expected = format!("a mail to the contacts: {}", facts.written(wanted.written.at.line));
        CHECK.fail(expected, observed).line(wanted.written.at.line).done()
    })
}

#[cfg(test)]
mod tests {
    use simulator::journal::Effect;

    use super::CHECK;
    use crate::observe::example::Example;
    use crate::scenario::{Kind, What};

    fn failing(letter_to: &str) -> Example {
        let mut run = Example::synced();
        run.declares.usage.contacts = vec!["owners@contoso.example".to_owned()];
        run.expect(Kind::Must, What::TellContacts, |_| {});
        let letter = run.exchange("entra.send_mail", "day 1 10:00", 202);
        letter.notes.effect = Some(Effect {
            action: "notify".to_owned(),
            target: letter_to.to_owned(),
            object: None,
            policies: Vec::new(),
            done: true,
        });
        run
    }

    #[test]
    fn a_letter_to_a_contact_is_enough_and_is_nothing_done_to_anybody() {
        let run = failing("owners@contoso.example");
        run.passes(&CHECK);
        assert!(run.facts().deeds.is_empty());
    }

    #[test]
    fn a_letter_to_somebody_else_is_not() {
        let run = failing("alice");
        run.fails(&CHECK);
        assert_eq!(run.facts().deeds.len(), 1);
    }
}
