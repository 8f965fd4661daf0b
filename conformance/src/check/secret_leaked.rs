//! `secret/leaked`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use simulator::journal::Entry;
use simulator::server::ELSEWHERE;
use url::form_urlencoded::byte_serialize;

use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// Shorter values occur by chance.
const SHORTEST: usize = 8;

/// A secret outside the state.
pub(super) const CHECK: Check = Check {
    id: "secret/leaked",
    title: "a secret left the stack's state",
    explanation: "\
Every token, code and client secret of the run is a canary, worth nothing elsewhere. One of them was found where people \
or other programs read: in standard output or error, in a file outside the state folder, in the name of a file, or in a \
line of the report; or it was sent to another host than the vendor's. It is searched for as it is, URL-encoded, in base64 and escaped as in JSON. The finding names the \
secret and the place and never prints it.

Usual causes: a request or its headers logged whole; an error that quotes the URL it was about; a token in a debug dump; a next \
link that is followed wherever it leads.

Source: design.md 6 (secrets are searched), connector-faults.md O-SECRET.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let recording = facts.recording;
    let outputs =
        recording.outputs.iter().flat_map(|o| [(o.name.clone(), &o.text), ("the name of a file".into(), &o.name)]);
    let lines = recording.report.iter().enumerate().map(|(i, line)| (facts.report_line(i + 1), &line.text));
    let places: Vec<(String, &String)> = outputs.chain(lines).collect();
    let mut findings = Vec::new();
    for (name, value) in recording.secrets.iter().filter(|(_, value)| value.len() >= SHORTEST) {
        let forms = forms(value);
        let found = |text: &str| forms.iter().any(|form| text.contains(form));
        let at: Vec<&str> = places.iter().filter(|(_, text)| found(text)).map(|(place, _)| place.as_str()).collect();
        if let Some(first) = at.first() {
            let observed = format!("{name} in {first}, {} place(s) in all", at.len());
            findings.push(CHECK.fail("secrets in the state folder only", observed).done());
        }
    }
    findings.extend(sent_elsewhere(facts));
    findings
}

/// What was brought to a host that is not the vendor's: there, whoever came with a secret is named after it.
fn sent_elsewhere(facts: &Facts<'_>) -> Option<Finding> {
    let foreign = format!(".{ELSEWHERE}");
    let entries = facts.recording.journal.iter().filter(|e| e.route.ends_with(&foreign) && e.caller.is_some());
    let entries: Vec<&Entry> = entries.collect();
    let (first, secret) = entries.first().and_then(|e| Some((e, e.caller.as_ref()?)))?;
    let observed = format!("{secret} was sent to another host at {}", facts.spell(first.at));
    let rows = entries.iter().map(|e| facts.exchange_row(e));
    Some(CHECK.fail("secrets go to the vendor they are made for only", observed).evidence(few(rows)).done())
}

fn forms(value: &str) -> Vec<String> {
    let json = serde_json::to_string(value).unwrap_or_default();
    vec![
        value.to_owned(),
        byte_serialize(value.as_bytes()).collect(),
        STANDARD.encode(value),
        URL_SAFE_NO_PAD.encode(value),
        json.trim_matches('"').to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;

    #[test]
    fn a_run_that_keeps_its_secrets_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn a_token_that_was_sent_to_another_host_is_found() {
        let mut run = Example::travel();
        run.exchange("miro.elsewhere", "day 1 10:00", 200).caller = None;
        run.passes(&CHECK);
        run.exchange("miro.elsewhere", "day 1 10:01", 200).caller = Some("<token:miro/stack#1>".to_owned());
        let finding = run.fails(&CHECK);
        assert_eq!(finding.observed, "<token:miro/stack#1> was sent to another host at day 1 10:01:00");
    }

    #[test]
    fn a_token_in_a_log_is_named_and_not_printed() {
        for form in forms("canary+token/0123456789==") {
            let mut run = Example::travel();
            run.output("stderr", &format!("sent {form}"));
            let finding = run.fails(&CHECK);
            assert!(
                finding.observed.contains("<token:miro/stack#1> in stderr") && !finding.observed.contains("canary")
            );
        }
    }
}
