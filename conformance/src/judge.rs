//! A recording becomes a judgement: every check is asked, the worst answer is the verdict.
//!
//! A scenario with faults has a control run, the same story without them. A stack that fails there is not blamed for
//! the fault: the control run's findings count, and the fault is not judged.
//!
//! # Sources
//! design.md 7; scenario-language.md 1, "The control run".

use std::collections::BTreeSet;

use simulator::scenario::{AppIndex, Outcome, SignIn, Step, Vendor, Verb};

use crate::check::{ALL, Check, Judged, wanted};
use crate::contract::Declares;
use crate::observe::Facts;
use crate::recording::{End, Recording};
use crate::scenario::{Kind, Script, What, control_of};
use crate::verdict::{Finding, Judgement, Verdict};

/// Id of the finding that says why a fault was not judged.
pub const CONTROL_FAILED: &str = "control/failed";

/// Its page.
pub const CONTROL_PAGE: &str = "\
A scenario with faults, or with records that are shown late, is run twice: once as written, once without `faults` and \
without `late`. Whatever goes wrong in that control run has nothing to do with the fault, so the fault is not judged and \
the findings of the control run are the ones shown. Mend those first.

Source: scenario-language.md 1 (the control run), design.md 7.";

/// Judges a stack's passage through a scenario, and the control run where the scenario has one.
pub fn judge(script: &Script, main: &Recording, control: Option<&Recording>, declares: &Declares) -> Judgement {
    if let Some(control) = control {
        let without = control_of(script);
        let facts = Facts::new(&without, control, declares);
        let mut findings = examine(&facts);
        if findings.iter().any(|f| f.verdict >= Verdict::Fail) {
            for finding in &mut findings {
                finding.observed = format!("in the control run: {}", finding.observed);
            }
            findings.push(control_failed(&findings));
            return judgement(script, findings, facts.not_judged());
        }
    }
    let facts = Facts::new(script, main, declares);
    judgement(script, examine(&facts), facts.not_judged())
}

/// Everything that the checks find in one run, worst first and then in the order of [`ALL`].
fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let reached = facts.recording.end == End::Reached;
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

fn judgement(script: &Script, findings: Vec<Finding>, not_judged: Vec<String>) -> Judgement {
    let verdict = findings.iter().map(|f| f.verdict).max().unwrap_or(Verdict::Pass);
    Judgement { id: script.id.clone(), verdict, skipped: None, findings, not_judged }
}

/// The capabilities without which a scenario says nothing about a stack: its policies, the actions they are to take, and
/// the feeds in which that is recorded which must be noticed.
pub fn needs(script: &Script) -> Vec<String> {
    let mut needs = BTreeSet::new();
    let musts = || script.expect.iter().filter(|e| e.kind == Kind::Must);
    for policy in &script.scenario.policies {
        needs.insert(format!("policy.{}", policy.name));
        needs.extend(wanted::actions(policy).into_iter().map(|action| format!("governance.{action}")));
    }
    for must in musts() {
        match must.what {
            What::Action(action) => {
                needs.insert(format!("governance.{}", action.name()));
            }
            What::Ingest => {
                needs.extend(must.app.map(|app| feed(script, app, Verb::Open)));
            }
            _ => {}
        }
    }
    let evidence: BTreeSet<&String> = musts().flat_map(|e| &e.evidence).collect();
    let attacks: BTreeSet<_> = musts().filter(|e| e.evidence.is_empty()).filter_map(|e| e.attack).collect();
    for step in &script.scenario.script {
        let noticed = step.id.as_ref().is_some_and(|id| evidence.contains(id))
            || step.attack.is_some_and(|attack| attacks.contains(&attack));
        if noticed {
            needs.extend(recorded_in(script, step));
        }
    }
    needs.into_iter().collect()
}

/// Where a step is recorded: a failure with single sign-on by the directory alone.
fn recorded_in(script: &Script, step: &Step) -> Option<String> {
    let app = step.app?;
    let fails = step.result != Outcome::Success;
    let fails_at_the_directory =
        fails && script.scenario.apps[app.0].sign_in == SignIn::Sso && step.verb == Verb::SignIn;
    let app = if fails_at_the_directory { script.scenario.directory().unwrap_or(app) } else { app };
    Some(feed(script, app, step.verb))
}

fn feed(script: &Script, app: AppIndex, verb: Verb) -> String {
    match (script.scenario.apps[app.0].vendor, verb) {
        (Vendor::Miro, _) => "miro.audit_log",
        (Vendor::Entra, Verb::SignIn | Verb::SignOut | Verb::Open) => "entra.sign_ins",
        (Vendor::Entra, _) => "entra.directory_audits",
        (Vendor::Github, _) => "github.audit_log",
        (Vendor::Workplace, _) => "workplace.security",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;

    #[test]
    fn a_correct_run_passes() {
        let run = Example::travel();
        let (script, recording, declares) = (&run.script, &run.recording, &run.declares);
        let judgement = judge(script, recording, None, declares);
        let failed: Vec<_> = judgement.findings.iter().filter(|f| f.check != "capability/missing").collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }

    #[test]
    fn what_fails_in_the_control_run_is_not_blamed_on_the_fault() {
        let good = Example::travel();
        let (script, main, declares) = (&good.script, &good.recording, &good.declares);
        let mut control = main.clone();
        control.control = true;
        control.end = End::Crashed { code: Some(101) };
        let judgement = judge(script, main, Some(&control), declares);
        assert_eq!(judgement.verdict, Verdict::Fail);
        let ids: Vec<&str> = judgement.findings.iter().map(|f| f.check.as_str()).collect();
        assert!(ids.contains(&"live/crashed") && ids.contains(&CONTROL_FAILED), "{ids:?}");
    }

    #[test]
    fn a_run_that_broke_off_is_not_blamed_for_what_is_missing() {
        let run = Example::travel();
        let (script, recording, declares) = (&run.script, &run.recording, &run.declares);
        let mut broken = recording.clone();
        broken.end = End::Stuck;
        broken.report.clear();
        let judgement = judge(script, &broken, None, declares);
        assert!(judgement.findings.iter().all(|f| f.check != "alert/missing"), "{:#?}", judgement.findings);
    }

    #[test]
    fn a_scenario_needs_its_policies_actions_and_feeds() {
        let run = Example::travel();
        let script = &run.script;
        let needs = needs(script);
        assert!(needs.contains(&"policy.impossible_travel".to_owned()), "{needs:?}");
        assert!(needs.contains(&"miro.audit_log".to_owned()), "{needs:?}");
    }
}
