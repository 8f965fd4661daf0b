//! `tls/not-verified`.

use simulator::journal::Entry;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The kind of fault by which vendors show certificates that must not be trusted.
const BAD_CERTIFICATE: &str = "bad_certificate";

/// Something was sent to somebody who had not shown who they are.
pub(super) const CHECK: Check = Check {
    id: "tls/not-verified",
    title: "a request was sent over a connection whose certificate must not be trusted",
    explanation: "\
The scenario's fault `bad_certificate` has the vendor show a certificate that its own authority never signed, that is over, \
or that is somebody else's. A client that looks at it ends the handshake, and nothing reaches the other side; a request that \
came all the same, with its token in it, went to whoever stands between. That the connector does not work meanwhile has to be \
said (`report/trouble-missing`), and it goes on by itself once the certificate is right.

Usual causes: verification switched off for a test environment and never on again; a client of its own for the token \
endpoint, set up otherwise; a host name that is not compared.

Source: docs/src/faults.md, http-tls-not-verified, http-tls-expiry-silent; RFC 9110, section 4.3.4 (verification of \
certificates).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let misled = |e: &&Entry| e.status.is_some() && e.fault.as_ref().is_some_and(|f| f.kind == BAD_CERTIFICATE);
    let entries: Vec<&Entry> = facts.recording.journal.iter().filter(misled).collect();
    let Some(first) = entries.first() else { return Vec::new() };
    let line = first.fault.as_ref().map(|fault| fault.line);
    let observed = format!("{} request(s), the first at {}", entries.len(), facts.spell(first.at));
    let found = CHECK.fail("nobody is sent anything who shows a certificate that must not be trusted", observed);
    let found = found.story(line.map(|line| facts.written(line)));
    vec![found.evidence(few(entries.iter().map(|e| facts.exchange_row(e)))).line(line).done()]
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn a_handshake_that_came_to_nothing_passes() {
        let mut run = Example::travel();
        let fault = run.fault("bad_certificate", 1);
        let entry = run.exchange("miro.handshake", "day 1 10:00", 200);
        (entry.status, entry.fault) = (None, Some(fault));
        run.passes(&CHECK);
    }

    #[test]
    fn a_request_behind_a_bad_certificate_fails() {
        let mut run = Example::travel();
        let fault = run.fault("bad_certificate", 1);
        run.exchange("miro.audit_log", "day 1 10:00", 200).fault = Some(fault);
        let found = run.fails(&CHECK);
        assert_eq!(found.line, Some(12));
        assert!(found.observed.contains("day 1 10:00"), "{found:#?}");
    }

    #[test]
    fn other_faults_are_others() {
        let mut run = Example::travel();
        let fault = run.fault("slow", 1);
        run.exchange("miro.audit_log", "day 1 10:00", 200).fault = Some(fault);
        run.passes(&CHECK);
    }
}
