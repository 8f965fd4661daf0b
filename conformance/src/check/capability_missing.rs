//! What a stack claims to do and never even tried.

use simulator::journal::Entry;
use simulator::scenario::App;

use super::hook_subscription_taken::FOREIGN_SUBSCRIPTION;
use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::{is_the_stacks, succeeded};
use crate::observe::wording::last_words;
use crate::verdict::Finding;

/// Capabilities that show in the journal whatever the scenario: the routes of which one has to be asked.
const SHOWN_BY: [(&str, &[&str]); 5] = [
    ("audit_log", &["audit_log"]),
    ("sign_ins", &["sign_ins"]),
    ("directory_audits", &["directory_audits"]),
    ("oauth", &TOKENS),
    ("installation", &["installation_token"]),
];

/// Where OAuth's tokens are had: Meta Admin Center has an address of its own.
const TOKENS: [&str; 2] = ["token", "work_token"];

/// The check.
pub(super) const CHECK: Check = Check {
    id: "capability/missing",
    title: "a claimed capability was never put to use",
    explanation: "\
`capabilities` in a manifest decides what is judged: what is not claimed is skipped, what is claimed and missing is a \
failure. Here the stack claims a feed (`miro.audit_log`, `entra.sign_ins`, …) or the OAuth of an app that is connected in \
this scenario, and in the whole run it did not once ask for it: the journal holds no request to that route, nor, for a log that \
comes by a webhook alone (`workplace.security`), any delivery. So every \
other verdict about it is empty, and a stack that does nothing must not look like one that did nothing wrong. An app \
whose tokens were refused from beginning to end could not be asked and is not counted, nor a log whose subscription the scenario \
has given to somebody else, nor is OAuth where the scenario \
hands out a ready token, or of an app of which the stack claims nothing else: who only acts there needs no token until there is \
something to do. Policies and governance are judged by what scenarios expect of them.

Source: docs/src/contract.md (claimed and missing is a failure).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = unsubscribed(facts).collect();
    for app in facts.script.scenario.apps.iter().filter(|app| !facts.is_refused_instance(&app.name)) {
        for (name, routes) in SHOWN_BY {
            let capability = format!("{}.{name}", app.vendor.name());
            if facts.declares.claims(&capability) && is_owed(facts, app, name) && !was_asked(facts, app, routes) {
                let asked = facts.recording.journal.iter().filter(|e| e.app == app.name && is_the_stacks(e)).count();
                let expected = format!("`{capability}` is claimed, so {}.{} is asked", app.name, routes[0]);
                let observed = format!("it never was, in {asked} request(s) to {}", app.name);
                let words = if asked == 0 { last_words(facts) } else { Vec::new() };
                findings.push(CHECK.fail(expected, observed).evidence(words).done());
            }
        }
    }
    findings
}

/// Logs that nobody can ask for: their deliveries have to be subscribed to.
fn unsubscribed<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = Finding> + 'f {
    let claimed = facts.by_webhook.logs().filter(|(app, log)| facts.claims_feed(app, log));
    let deliveries = |app: &str| facts.recording.journal.iter().any(|e| e.app == app && e.notes.delivery.is_some());
    let idle = claimed.filter(move |(app, _)| !deliveries(app) && !is_somebody_elses(facts, app));
    idle.map(|(app, log)| {
        let expected = format!("{app}.{log} is claimed and comes by a webhook alone, so it is subscribed to");
        CHECK.fail(expected, "nothing was ever delivered, nor an address tried").done()
    })
}

/// Whether the scenario has given the topic to somebody else, from whom it is not to be taken.
fn is_somebody_elses(facts: &Facts<'_>, app: &str) -> bool {
    let given = |e: &Entry| e.fault.as_ref().is_some_and(|fault| fault.kind == FOREIGN_SUBSCRIPTION);
    facts.asked(app).any(given)
}

fn was_asked(facts: &Facts<'_>, app: &App, routes: &[&str]) -> bool {
    facts.recording.journal.iter().any(|e| is_of(e, app, routes))
}

fn is_of(entry: &Entry, app: &App, routes: &[&str]) -> bool {
    entry.route.strip_prefix(&app.name).and_then(|rest| rest.strip_prefix('.')).is_some_and(|r| routes.contains(&r))
}

/// Whether the stack claims anything that is read of an app.
fn reads(facts: &Facts<'_>, app: &App) -> bool {
    let vendor = format!("{}.", app.vendor.name());
    let mut claimed = facts.declares.capabilities.iter().filter_map(|capability| capability.strip_prefix(&vendor));
    claimed.any(|what| !matches!(what, "oauth" | "installation"))
}

fn is_owed(facts: &Facts<'_>, app: &App, name: &str) -> bool {
    if matches!(name, "oauth" | "installation") {
        return reads(facts, app) && app.credentials.capability() == Some(name);
    }
    let tokens = |e: &&Entry| is_of(e, app, &TOKENS) || is_of(e, app, &["installation_token"]);
    let mut asked_for_tokens = facts.recording.journal.iter().filter(tokens).peekable();
    asked_for_tokens.peek().is_none() || asked_for_tokens.any(|e| succeeded(e, facts.declares))
}

#[cfg(test)]
mod tests {
    use simulator::scenario::Credentials;

    use super::CHECK;
    use crate::observe::example::Example;
    use crate::recording::Output;

    /// Everything claimed was asked for.
    fn busy() -> Example {
        let mut run = Example::travel();
        run.exchange("miro.token", "day 1 00:00", 200);
        run.exchange("entra.sign_ins", "day 1 01:00", 200);
        run
    }

    #[test]
    fn a_stack_that_asked_for_all_it_claims_passes() {
        busy().passes(&CHECK);
    }

    #[test]
    fn an_idle_stack_fails_for_each_feed_it_claims() {
        let found = Example::quiet().check(&CHECK);
        let expected: Vec<&str> = found.iter().map(|f| f.expected.split('`').nth(1).unwrap()).collect();
        assert_eq!(expected, ["miro.audit_log", "miro.oauth", "entra.sign_ins"]);
    }

    #[test]
    fn where_nobody_was_asked_the_last_complaints_are_shown() {
        let mut run = Example::quiet();
        let text = "starting\n\nno module named yaml\n".to_owned();
        run.recording.outputs.push(Output { text, ..Output::empty("collector.stderr".to_owned()) });
        let evidence = ["collector.stderr: starting", "collector.stderr: no module named yaml"];
        assert_eq!(run.check(&CHECK)[0].evidence, evidence);
    }

    #[test]
    fn what_is_not_claimed_is_not_missed() {
        let mut run = Example::quiet();
        run.declares.capabilities.clear();
        run.passes(&CHECK);
    }

    #[test]
    fn an_app_that_never_gave_a_token_could_not_be_asked() {
        let mut run = busy();
        run.recording.journal.retain(|e| e.route != "entra.sign_ins");
        run.exchange("entra.token", "day 1 01:00", 401);
        run.passes(&CHECK);
    }

    #[test]
    fn a_log_that_is_sent_to_somebody_else_is_not_missed() {
        let mut run = Example::hooked();
        run.recording.journal.clear();
        let missed = |run: &Example| run.check(&CHECK).iter().any(|found| found.expected.contains("by a webhook"));
        assert!(missed(&run));
        let fault = run.fault("foreign_subscription", 1);
        run.exchange("workplace.subscriptions", "day 1 01:00", 200).fault = Some(fault);
        assert!(!missed(&run));
    }

    #[test]
    fn a_ready_token_needs_no_oauth() {
        let mut run = busy();
        run.recording.journal.retain(|e| e.route != "miro.token");
        run.fails(&CHECK);
        run.scenario().apps[0].credentials = Credentials::Token;
        run.passes(&CHECK);
    }

    #[test]
    fn who_only_acts_at_an_app_needs_no_token_until_then() {
        let mut run = busy();
        run.recording.journal.retain(|e| e.route != "miro.token");
        run.fails(&CHECK);
        run.declares.capabilities.retain(|capability| !capability.starts_with("miro.") || capability == "miro.oauth");
        run.passes(&CHECK);
    }
}
