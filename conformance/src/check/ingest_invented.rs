//! Events that no vendor recorded.

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::ingestion::Home;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "ingest/invented-event",
    title: "an event is reported that no vendor recorded",
    explanation: "\
Every `event` of the report is a copy of something a vendor recorded, under the vendor's own id (`metadata.uid`). Here \
the report holds an id that no log of any instance ever had, nor any user list. Usual causes: an id made by the stack \
(a hash, a number, the id of a batch) in place of the vendor's; an id that was cut, re-encoded or lower-cased; an error \
page or an envelope taken for an entry. Alerts cite events by these ids, so an invented one makes evidence worthless. \
Rows of user lists are held against the people who exist; a connector's own errors (class 6008) are not looked at.

Source: docs/src/faults.md, data-empty-list-becomes-event, data-html-error-page; docs/src/contract.md (`metadata.uid` is the \
vendor's event id).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let invented = facts.taken.iter().filter(|t| !t.is_own_trouble() && facts.home(t) == Home::Nowhere);
    let rows: Vec<String> = invented
        .map(|t| {
            let log = t.event.log.as_deref().unwrap_or("?");
            format!("{}: event {} of {}.{log}", facts.report_line(t.number), t.event.uid, t.event.tenant)
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let observed = format!("{} event(s) with ids that no instance has", rows.len());
    vec![CHECK.fail("every event is a copy of a vendor's record, under its id", observed).evidence(few(rows)).done()]
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::contract::sample::user_row;
    use crate::observe::example::Example;

    #[test]
    fn copies_of_records_pass() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn an_id_that_nobody_has_fails() {
        let mut run = Example::travel();
        let mut body = run.body("e1");
        body["metadata"]["uid"] = "e1-copy".into();
        run.say("event", "day 1 11:00", &body);
        assert!(run.fails(&CHECK).evidence[0].contains("e1-copy"));
    }

    #[test]
    fn an_entry_that_was_served_is_not_invented_although_the_log_lost_it() {
        let mut run = Example::travel();
        let mut body = run.body("e1");
        body["metadata"]["uid"] = "e0".into();
        run.poll("day 1 10:30", &["e0"]).say("event", "day 1 11:00", &body);
        run.passes(&CHECK);
    }

    #[test]
    fn user_rows_are_no_records_but_their_people_must_exist() {
        let mut run = Example::quiet();
        let at = run.at("day 1 01:00");
        run.say("event", "day 1 01:00", &user_row("m-bob", "bob@contoso.example", "miro", at));
        run.passes(&CHECK);
        run.say("event", "day 1 01:00", &user_row("m-nobody", "nobody@contoso.example", "miro", at));
        run.fails(&CHECK);
    }

    #[test]
    fn what_a_stack_says_of_its_own_trouble_is_no_record() {
        let mut run = Example::travel();
        let mut body = run.body("e2");
        for (key, value) in [("class_uid", 6008), ("category_uid", 6), ("type_uid", 600_801)] {
            body[key] = value.into();
        }
        body["metadata"]["uid"] = "own-1".into();
        run.say("event", "day 1 11:00", &body);
        run.passes(&CHECK);
    }
}
