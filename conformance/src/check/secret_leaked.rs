//! `secret/leaked`.

use std::collections::{BTreeMap, BTreeSet};

use simulator::journal::Entry;
use simulator::server::ELSEWHERE;

use crate::observe::Facts;
use crate::observe::served::is_the_stacks;
use crate::observe::wording::few;
use crate::secrets::Search;
use crate::verdict::Finding;

use super::{Check, Judged};

/// Routes that vendors document with secrets in the query: Miro's token and revocation endpoints.
const IN_QUERY: [&str; 3] = [".token", ".revoke", ".authorize"];

/// A secret outside the state.
pub(super) const CHECK: Check = Check {
    id: "secret/leaked",
    title: "a secret left the stack's state",
    explanation: "\
Every token, code and client secret of the run is a canary, worth nothing elsewhere. One of them was found where people or \
other programs read: in standard output or error, in a file outside the state folder, in the name of a file, in a line of \
the report, in the URL of a request (servers and proxies log those), in a request to another instance than its own, or in \
one without encryption where the vendor is reached with TLS. It is searched for as it is, URL-encoded, in base64 (alone or \
as `id:secret`) and escaped as in JSON. The finding names the secret and the place and never prints it. Of requests to \
other hosts those are seen that a link of the scenario led to. Where a file cannot be read nobody knows what it holds: the \
scenario is inconclusive.

Usual causes: a request or its headers logged whole; an error that quotes the URL it was about; a token in a debug dump; a next \
link that is followed wherever it leads.

Source: docs/src/faults.md, sec-secrets-in-logs, sec-token-in-query, sec-next-link-host; seen in \
https://github.com/elastic/beats/pull/41920.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let recording = facts.recording;
    let search = Search::new(&recording.secrets);
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut found = |names: BTreeSet<&'_ str>, place: &dyn Fn() -> String| {
        for name in names {
            if let Some((name, _)) = recording.secrets.get_key_value(name) {
                places.entry(name).or_default().push(place());
            }
        }
    };
    for output in &recording.outputs {
        let names = output.secrets.iter().map(String::as_str).chain(search.in_text(&output.text)).collect();
        found(names, &|| output.name.clone());
        found(search.in_text(&output.name), &|| "the name of a file".to_owned());
    }
    for (index, line) in recording.report.iter().enumerate() {
        found(search.in_text(&line.text), &|| facts.report_line(index + 1));
    }
    // What a vendor delivers it has not from the stack.
    for entry in recording.journal.iter().filter(|e| is_the_stacks(e)) {
        let foreign = entry.notes.foreign_secrets.iter().map(String::as_str).collect();
        found(foreign, &|| format!("a request to {}: {}", entry.app, facts.exchange_row(entry)));
        found(in_url(facts, &search, entry), &|| format!("a URL: {}", facts.exchange_row(entry)));
    }
    let finding = |(name, places): (&str, Vec<String>)| {
        let observed = format!("{name} in {}, {} place(s) in all", places[0], places.len());
        CHECK.fail("secrets in the state folder and where they are due", observed).done()
    };
    let sent = sent_elsewhere(facts).into_iter().chain(sent_in_the_clear(facts));
    places.into_iter().map(finding).chain(sent).chain(not_searched(facts)).collect()
}

/// Outputs that could not be searched.
fn not_searched(facts: &Facts<'_>) -> Option<Finding> {
    let outputs = facts.recording.outputs.iter();
    let unread: Vec<String> =
        outputs.filter_map(|output| Some(format!("{}: {}", output.name, output.unread.as_ref()?))).collect();
    let observed = format!("{} output(s) could not be read", unread.len());
    let found = || CHECK.inconclusive("all that the stack writes outside its state can be searched", observed);
    (!unread.is_empty()).then(|| found().evidence(few(unread.iter().cloned())).done())
}

/// Secrets in the address of a request. In the query the journal has put their names.
fn in_url<'f>(facts: &'f Facts<'_>, search: &Search<'f>, entry: &'f Entry) -> BTreeSet<&'f str> {
    if IN_QUERY.iter().any(|route| entry.route.ends_with(route)) {
        return BTreeSet::new();
    }
    let marked = entry.target.contains('<');
    let named = facts.recording.secrets.keys().map(String::as_str).filter(|name| marked && entry.target.contains(name));
    named.chain(search.in_text(&entry.target)).collect()
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

/// What was brought to the vendor for everybody on the way to read.
fn sent_in_the_clear(facts: &Facts<'_>) -> Option<Finding> {
    let clear = |e: &&Entry| e.notes.in_the_clear && e.caller.is_some();
    let entries: Vec<&Entry> = facts.recording.journal.iter().filter(clear).collect();
    let first = entries.first()?;
    let observed = format!("a token was sent without encryption at {}", facts.spell(first.at));
    let rows = entries.iter().map(|e| facts.exchange_row(e));
    Some(CHECK.fail("secrets go over encrypted connections only", observed).evidence(few(rows)).done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;
    use crate::secrets::forms;

    #[test]
    fn a_run_that_keeps_its_secrets_passes() {
        Example::travel().passes(&CHECK);
    }

    const TOKEN: &str = "<token:miro/stack#1>";

    #[test]
    fn a_token_that_was_sent_without_encryption_is_found() {
        let mut run = Example::travel();
        run.exchange("miro.audit_log", "day 1 10:00", 401).notes.in_the_clear = true;
        run.recording.journal.last_mut().unwrap().caller = None;
        run.passes(&CHECK);
        run.recording.journal.last_mut().unwrap().caller = Some(TOKEN.to_owned());
        assert!(run.fails(&CHECK).observed.contains("without encryption"));
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
            assert!(finding.observed.starts_with(&format!("{TOKEN} in stderr")), "{finding:#?}");
            assert!(!finding.observed.contains("canary"), "{finding:#?}");
        }
    }

    #[test]
    fn a_token_that_was_met_behind_what_is_kept_of_a_file_is_found() {
        let mut run = Example::travel();
        run.output("debug.log", "the beginning");
        run.recording.outputs[0].secrets.push(TOKEN.to_owned());
        assert!(run.fails(&CHECK).observed.contains("in debug.log"));
    }

    #[test]
    fn an_output_that_cannot_be_read_leaves_it_undecided() {
        let mut run = Example::travel();
        run.output("debug.log", "");
        run.recording.outputs[0].unread = Some("permission denied".to_owned());
        let findings = run.check(&CHECK);
        assert_eq!(findings[0].verdict, crate::verdict::Verdict::Inconclusive);
        assert_eq!(findings[0].evidence, ["debug.log: permission denied"]);
    }

    #[test]
    fn a_token_sent_to_another_instance_is_found() {
        let mut run = Example::travel();
        run.exchange("entra.sign_ins", "day 1 10:00", 401).notes.foreign_secrets.push(TOKEN.to_owned());
        assert!(run.fails(&CHECK).observed.contains("in a request to entra"));
    }

    #[test]
    fn a_token_in_a_url_is_found_unless_the_vendor_wants_it_there() {
        let mut run = Example::travel();
        run.exchange("miro.revoke", "day 1 10:00", 204).target = format!("/v1/oauth/revoke?access_token={TOKEN}");
        run.passes(&CHECK);
        run.exchange("miro.audit_log", "day 1 10:00", 200).target = format!("/v2/audit/logs?access_token={TOKEN}");
        assert!(run.fails(&CHECK).observed.contains("in a URL"));
    }
}
