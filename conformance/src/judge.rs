//! A recording becomes a judgement: every check is asked, the worst answer is the verdict.
//!
//! A scenario with faults has a control run, the same story without them. A stack that fails there is not blamed for
//! the fault: the control run's findings count, and the fault is not judged.
//! `docs/src/verdicts.md` has the whole way from a scenario to a word.

use std::collections::{BTreeMap, BTreeSet};

use simulator::journal::Refusal;
use simulator::scenario::tables::CUSTOM_POLICY_KEY;
use simulator::scenario::{AppIndex, FaultKind, Verb};
use simulator::timeline::{LogId, Timeline};
use simulator::vendors;
use simulator::world::World;

use crate::check::{ALL, Check, Judged, wanted};
use crate::contract::CONSENTS;
use crate::observe::{Facts, posture, usage};
use crate::runner::outcome::HARNESS_ERROR;
use crate::scenario::{Kind, Script, What};
use crate::verdict::{Finding, Judgement, Verdict};

/// Id of the finding that says why a fault was not judged.
pub const CONTROL_FAILED: &str = "control/failed";

/// Its page.
pub const CONTROL_PAGE: &str = "\
A scenario with faults, or with records that are shown late, is run twice: once as written, once without `faults` and \
without `late`. Whatever goes wrong in that control run has nothing to do with the fault, so the fault is not judged and \
the findings of the control run are the ones shown. Mend those first.

Source: docs/src/verdicts.md (the control run).";

/// Judges a stack's passage through a scenario, and the control run where the scenario has one.
pub fn judge(main: &Facts<'_>, control: Option<&Facts<'_>>) -> Judgement {
    if let Some(facts) = control {
        let mut findings = examine(facts);
        if findings.iter().any(|f| f.verdict >= Verdict::Fail) {
            for finding in &mut findings {
                finding.observed = format!("in the control run: {}", finding.observed);
            }
            let at = findings.partition_point(|finding| finding.verdict >= Verdict::Inconclusive);
            findings.insert(at, control_failed(&findings));
            return judgement(facts, findings);
        }
    }
    judgement(main, examine(main))
}

/// The simulator's own mistakes: a request that it broke on. Whatever the stack did after that is not to be judged.
fn broken(facts: &Facts<'_>) -> Option<Finding> {
    let entry = facts.recording.journal.iter().find(|entry| entry.notes.refusal == Some(Refusal::Broken))?;
    Some(Finding {
        check: HARNESS_ERROR.to_owned(),
        verdict: Verdict::Error,
        expected: "the simulator to answer every request".to_owned(),
        observed: format!("{} {}: {}", entry.method, entry.target, entry.reasons.join(", ")),
        story: Vec::new(),
        evidence: vec![facts.exchange_row(entry)],
        line: None,
    })
}

/// Everything that the checks find in one run, worst first and then in the order of [`ALL`].
fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    if let Some(finding) = broken(facts) {
        return vec![finding];
    }
    let reached = facts.recording.end.is_reached();
    let judged = |check: &&&Check| reached || check.judged == Judged::Always;
    let mut findings: Vec<Finding> = ALL.iter().filter(judged).flat_map(|check| (check.run)(facts)).collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.verdict));
    findings
}

fn control_failed(findings: &[Finding]) -> Finding {
    let ids: BTreeSet<&str> =
        findings.iter().filter(|f| f.verdict >= Verdict::Fail).map(|f| f.check.as_str()).collect();
    Finding {
        check: CONTROL_FAILED.to_owned(),
        verdict: Verdict::Fail,
        expected: "the same story without its faults is passed".to_owned(),
        observed: format!("it is not ({}), so the fault is not judged", ids.into_iter().collect::<Vec<_>>().join(", ")),
        story: Vec::new(),
        evidence: Vec::new(),
        line: None,
    }
}

/// A scenario all of whose expectations are asked of other stacks was not passed: it is skipped, unless something else
/// was found.
fn judgement(facts: &Facts<'_>, findings: Vec<Finding>) -> Judgement {
    let verdict = findings.iter().map(|f| f.verdict).max().unwrap_or(Verdict::Pass);
    let skipped = facts.not_asked().filter(|_| findings.is_empty()).map(|why| format!("nothing is asked: {why}"));
    Judgement {
        id: facts.script.id.clone(),
        verdict,
        skipped,
        findings,
        known: Vec::new(),
        not_judged: facts.not_judged(),
    }
}

/// The capabilities without which a scenario says nothing about a stack: its policies, the actions they are to take, and
/// the feeds in which that is recorded which must be noticed.
pub fn needs(script: &Script) -> Vec<String> {
    let mut needs = BTreeSet::new();
    let musts = || script.expect.iter().filter(|e| e.kind == Kind::Must);
    for policy in &script.scenario.policies {
        let is_custom = policy.parameters.contains_key(CUSTOM_POLICY_KEY);
        needs.insert(format!("policy.{}", if is_custom { "custom" } else { &policy.name }));
        needs.extend(wanted::actions(policy).into_iter().map(|action| format!("governance.{action}")));
    }
    for must in musts() {
        match must.what {
            What::Action(action) => {
                needs.insert(format!("governance.{}", action.name()));
            }
            What::Usage | What::TellContacts => {
                needs.insert(usage::SYNC.to_owned());
            }
            What::Score => {
                needs.insert(posture::SECURE_SCORE.to_owned());
            }
            What::Ingest => {
                needs.extend(must.app.and_then(|app| first_log(script, app)).map(|log| log_name(script, log)));
            }
            _ => {}
        }
    }
    // A subscription can be taken only from who has one.
    let taken = script.scenario.faults.iter().filter(|fault| fault.kind == FaultKind::ForeignSubscription);
    for app in taken.filter_map(|fault| script.scenario.apps.get(fault.route.as_ref()?.app.0)) {
        needs.insert(format!("{}.webhooks", app.vendor.name()));
    }
    // A ready token that dies is the end of it: only who fetches its own can have another.
    let dying = script.scenario.faults.iter().filter(|fault| fault.kind == FaultKind::ExpireToken);
    for app in dying.filter_map(|fault| script.scenario.apps.get(fault.route.as_ref()?.app.0)) {
        needs.extend(app.credentials.capability().map(|way| format!("{}.{way}", app.vendor.name())));
    }
    let evidence: BTreeSet<&String> = musts().flat_map(|e| &e.evidence).collect();
    let attacks: BTreeSet<_> = musts().filter(|e| e.evidence.is_empty()).filter_map(|e| e.attack).collect();
    let logs = recorded_in(script);
    for (index, step) in script.scenario.script.iter().enumerate() {
        let noticed = step.id.as_ref().is_some_and(|id| evidence.contains(id))
            || step.attack.is_some_and(|attack| attacks.contains(&attack));
        if noticed {
            needs.extend(logs.get(&index).into_iter().flatten().cloned());
        }
    }
    needs.into_iter().collect()
}

/// The logs in which steps leave records, by the step's place in the script: those of its own app, or, where that records
/// nothing of it (a failed single sign-on), whoever does.
fn recorded_in(script: &Script) -> BTreeMap<usize, BTreeSet<String>> {
    let scenario = &script.scenario;
    let mut logs: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    let Ok(world) = World::build(scenario) else { return logs };
    for (activity, records) in Timeline::uncontained(scenario, &world) {
        let Some((index, app)) = activity.step.and_then(|step| Some((step, scenario.script.get(step)?.app?))) else {
            continue;
        };
        let at_home = records.iter().any(|record| record.log.app == app);
        let kept = records.iter().map(|record| record.log).filter(|log| log.app == app || !at_home);
        let is_consent = activity.verb == Verb::GrantApp && scenario.apps[app.0].vendor.is_directory();
        let name = |log| if is_consent { CONSENTS.to_owned() } else { log_name(script, log) };
        logs.entry(index).or_default().extend(kept.map(name));
    }
    logs
}

/// `miro.audit_log`.
fn log_name(script: &Script, log: LogId) -> String {
    format!("{}.{}", script.scenario.apps[log.app.0].vendor.name(), log.feed)
}

/// The log of an instance, or the first of several.
fn first_log(script: &Script, app: AppIndex) -> Option<LogId> {
    let feed = vendors::spec(script.scenario.apps[app.0].vendor).feeds.first()?.name;
    Some(LogId { app, feed })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::contract::DeclaredPolicy;
    use crate::observe::example::Example;
    use crate::recording::End;
    use crate::scenario::read_text;

    #[test]
    fn a_correct_run_passes() {
        let run = Example::travel();
        let judgement = judge(&run.facts(), None);
        let failed: Vec<_> = judgement.findings.iter().filter(|f| f.check != "capability/missing").collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }

    #[test]
    fn what_fails_in_the_control_run_is_not_blamed_on_the_fault() {
        let mut control = Example::travel();
        control.recording.control = true;
        control.recording.end = End::Crashed { code: Some(101) };
        let judgement = judge(&Example::travel().facts(), Some(&control.facts()));
        assert_eq!(judgement.verdict, Verdict::Fail);
        let ids: Vec<&str> = judgement.findings.iter().map(|f| f.check.as_str()).collect();
        assert!(ids.contains(&"live/crashed") && ids.contains(&CONTROL_FAILED), "{ids:?}");
    }

    #[test]
    fn what_the_simulator_breaks_on_is_an_error_of_ours_whatever_the_stack_did() {
        let mut run = Example::travel();
        run.recording.end = End::Stuck;
        let entry = run.exchange("miro.audit_log", "day 1 09:50", 500);
        entry.notes.refusal = Some(Refusal::Broken);
        entry.reasons = vec!["simulator: broke on this request: attempt to add with overflow".to_owned()];
        let judgement = judge(&run.facts(), None);
        let found: Vec<_> = judgement.findings.iter().map(|f| (&*f.check, f.verdict)).collect();
        assert_eq!(found, [(HARNESS_ERROR, Verdict::Error)]);
        assert!(judgement.findings[0].observed.contains("add with overflow"), "{}", judgement.findings[0].observed);
    }

    #[test]
    fn a_run_that_broke_off_is_not_blamed_for_what_is_missing() {
        let mut broken = Example::travel();
        broken.recording.end = End::Stuck;
        broken.recording.report.clear();
        let judgement = judge(&broken.facts(), None);
        assert!(judgement.findings.iter().all(|f| f.check != "alert/missing"), "{:#?}", judgement.findings);
    }

    /// The example, by a stack that fires at another speed and claims all that it is asked for.
    fn at_another_speed() -> Example {
        let mut run = Example::travel();
        let own = DeclaredPolicy { ids: Vec::new(), parameters: [("speed".to_owned(), json!(800))].into() };
        run.declares.policies.insert("impossible_travel".into(), own);
        // Nobody asks for tokens in it.
        run.declares.capabilities.retain(|claimed| !claimed.ends_with(".oauth") && claimed != "entra.sign_ins");
        run
    }

    #[test]
    fn a_scenario_of_which_nothing_is_asked_of_this_stack_is_skipped_with_the_reason() {
        let run = at_another_speed();
        let judgement = judge(&run.facts(), None);
        assert_eq!(judgement.findings, Vec::new());
        assert!(judgement.skipped.is_some_and(|why| why.contains("declares speed 800")));
    }

    #[test]
    fn what_else_is_found_in_it_counts() {
        let mut run = at_another_speed();
        run.recording.end = End::Stuck;
        let judgement = judge(&run.facts(), None);
        assert_eq!((judgement.verdict, judgement.skipped), (Verdict::Fail, None));
    }

    #[test]
    fn what_the_stack_prevented_is_passed_and_not_skipped() {
        let mut run = Example::travel();
        run.prevented("thief", "day 1 09:40");
        assert_eq!(judge(&run.facts(), None).skipped, None);
    }

    #[test]
    fn a_scenario_needs_its_policies_actions_and_feeds() {
        let text = "\
title: Alice in two cities
apps: { entra: {}, miro: {} }
cast: { alice: {} }
attacks: { takeover: T1078.004 }
policies: { impossible_travel: { action: suspend } }
script:
  - { id: desk, at: day 1 09:00, actor: alice, does: sign_in, app: miro }
  - { id: thief, at: day 1 09:40, actor: alice, does: sign_in, app: miro, from: Madrid, attack: takeover }
expect:
  - { must: alert, policy: impossible_travel, actor: alice, evidence: [desk, thief] }
  - { must: notify, target: alice }
";
        let script = read_text("travel/s", Path::new("s.yaml"), text).unwrap();
        let expected = ["governance.notify", "governance.suspend", "miro.audit_log", "policy.impossible_travel"];
        assert_eq!(needs(&script), expected);
    }

    #[test]
    fn a_subscription_that_is_taken_needs_a_stack_that_subscribes() {
        let text = "\
title: Somebody else subscribes
apps: { entra: {}, workplace: {} }
faults:
  - { route: workplace.subscriptions, nth: 1, fault: foreign_subscription }
expect:
  - { must: report_trouble, app: workplace }
";
        let script = read_text("hook/s", Path::new("s.yaml"), text).unwrap();
        assert_eq!(needs(&script), ["workplace.webhooks"]);
    }

    #[test]
    fn a_token_that_dies_needs_a_stack_that_can_fetch_another() {
        let text = "\
title: A token dies
apps: { entra: {}, miro: { page_size: 5 }, github: { credentials: installation, page_size: 5 } }
faults:
  - { route: miro.audit_log, page: 3, fault: expire_token }
  - { route: github.audit_log, page: 2, fault: expire_token }
expect:
  - { must_not: alert }
";
        let script = read_text("tokens/s", Path::new("s.yaml"), text).unwrap();
        assert_eq!(needs(&script), ["github.installation", "miro.oauth"]);
    }

    #[test]
    fn a_failed_single_sign_on_is_recorded_by_the_directory_alone() {
        let text = "\
title: Somebody guesses
apps: { entra: {}, miro: {} }
cast: { alice: {} }
attacks: { guess: T1110 }
policies: { multiple_failed_logins: {} }
script:
  - { at: day 1 09:00, actor: alice, does: sign_in, app: miro, result: wrong_password, from: Madrid, attack: guess, times: 11, over: 4m }
expect:
  - { must: alert, policy: multiple_failed_logins, actor: alice, attack: guess }
";
        let script = read_text("logins/s", Path::new("s.yaml"), text).unwrap();
        assert_eq!(needs(&script), ["entra.sign_ins", "policy.multiple_failed_logins"]);
    }
}
