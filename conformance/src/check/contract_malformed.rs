//! Lines of the report that cannot be used.

use super::{Check, Judged};
use crate::contract::Profile;
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "contract/malformed-line",
    title: "a line of the report does not fit the contract",
    explanation: "\
The report is newline-delimited JSON: `{\"v\":1,\"kind\":…,\"seq\":…,\"emitted_at\":…,\"body\":…}` with an OCSF 1.8.0 body \
for events, alerts and actions. The schema stands in `conformance/contract.schema.json`; beyond it class, category and \
type have to agree, required attributes of the class have to be there, and `seq` grows over the life of the state \
directory, restarts included. Under the lenient profile ids, user, policy and times suffice. A last line that a kill cut \
off is tolerated. What is too much (a line, a report, what a map takes) is malformed too, and says which bound it \
broke. A line that cannot be used is not judged any further, so what it was meant to say may be missed.

Source: docs/src/contract.md (the report); OCSF 1.8.0.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut rows = Vec::new();
    let mut last_seq = None;
    for heard in facts.heard.iter().filter(|h| !h.cut) {
        match &heard.line {
            Err(reason) => rows.push(format!("{}: {reason}", facts.report_line(heard.number))),
            Ok(line) if facts.declares.profile == Profile::Strict => {
                if let Some(last) = last_seq.filter(|last| line.seq <= *last) {
                    let row = format!("{}: seq {} after {last}", facts.report_line(heard.number), line.seq);
                    rows.push(row);
                }
                last_seq = last_seq.max(Some(line.seq));
            }
            Ok(_) => {}
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let observed = format!("{} line(s) do not; first {}", rows.len(), rows[0]);
    vec![CHECK.fail("every line of the report fits the contract", observed).evidence(few(rows)).done()]
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::contract::Profile;
    use crate::observe::example::Example;

    #[test]
    fn well_formed_lines_pass() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn a_line_that_is_no_json_fails() {
        let mut run = Example::travel();
        run.recording.report[1].text = "INFO took in e2".to_owned();
        assert!(run.fails(&CHECK).observed.contains("report line 2: not JSON"));
    }

    #[test]
    fn a_body_without_what_its_class_requires_fails() {
        let mut run = Example::travel();
        let mut body = run.body("e1");
        body.as_object_mut().unwrap().remove("user");
        run.say("event", "day 1 11:00", &body);
        assert!(run.fails(&CHECK).observed.contains("requires user"));
    }

    #[test]
    fn a_line_that_a_kill_cut_passes() {
        let mut run = Example::travel();
        let line = run.recording.report.last_mut().unwrap();
        line.text.truncate(40);
        line.cut = true;
        run.passes(&CHECK);
    }

    #[test]
    fn a_number_that_does_not_grow_fails_unless_read_leniently() {
        let mut run = Example::travel();
        let again = run.recording.report[0].clone();
        run.recording.report.push(again);
        assert!(run.fails(&CHECK).observed.contains("seq 1 after"));
        run.declares.profile = Profile::Lenient;
        run.passes(&CHECK);
    }
}
