//! `alert/wrong-technique`.

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::oracle::{self, techniques};
use crate::scenario::What;
use crate::verdict::Finding;

use super::{Check, Judged};

/// An alert that is called a sign of something that it is no sign of.
pub(super) const CHECK: Check = Check {
    id: "alert/wrong-technique",
    title: "an alert names techniques of ATT&CK, and none of them is what happened",
    explanation: "\
An alert that a `must` asks for may say which techniques of MITRE ATT&CK it is a sign of, under `finding_info.attacks` or \
`attacks`. None has to be named, and more may be. Where any is, one of them has to fit: what the scenario calls the \
attack whose records are cited, or what the policy's definition is known to be a sign of.

Ids fit whichever numbering they are of (version 19 of ATT&CK gave T1562.008 the number T1685.002), and a technique fits \
its own parts: T1078 is right where T1078.004 is. Policies that somebody wrote for themselves are not judged.

Usual causes: one technique for every rule of a product; the id of a rule beside it; an id with a digit too few.

Source: OCSF 1.8.0, object `attack`, which has a version beside the id; the renumbering as in the Sigma rules: \
https://github.com/SigmaHQ/sigma/commit/34c5d66c2.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let musts = facts.musts(|what| what == What::Alert);
    let asked_for = |alert: &&AlertFact| musts.iter().any(|wanted| facts.is_answer(wanted, alert));
    facts.alerts.iter().filter(asked_for).filter_map(|alert| wrong(facts, alert)).collect()
}

fn wrong(facts: &Facts<'_>, alert: &AlertFact) -> Option<Finding> {
    let attacks = &facts.script.scenario.attacks;
    let cited = alert.records.iter().filter_map(|record| facts.recording.truth[*record].attack.as_ref());
    let of_attacks = cited.filter_map(|name| attacks.iter().find(|attack| attack.name == *name));
    let mut fitting: Vec<&str> = of_attacks.flat_map(|attack| &attack.techniques).map(String::as_str).collect();
    fitting.extend(oracle::definition(&alert.policy)?.techniques);
    fitting.sort_unstable();
    fitting.dedup();
    let fits = |named: &String| fitting.iter().any(|id| techniques::related(named, id));
    if alert.techniques.is_empty() || alert.techniques.iter().any(fits) {
        return None;
    }
    let finding = CHECK
        .fail(format!("one of {}, or none", fitting.join(", ")), format!("{} alone", alert.techniques.join(", ")))
        .evidence([facts.alert_row(alert)]);
    Some(finding.done())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::observe::example::Example;

    fn naming(attacks: &Value) -> Example {
        let mut run = Example::travel();
        for line in &mut run.recording.report {
            let mut value: Value = serde_json::from_str(&line.text).unwrap();
            if value["kind"] == "alert" {
                value["body"]["finding_info"]["attacks"] = attacks.clone();
                line.text = value.to_string();
            }
        }
        run
    }

    #[test]
    fn the_scenarios_own_technique_its_whole_and_another_of_the_definitions_fit() {
        naming(&json!([{"technique": {"uid": "T1078"}, "sub_technique": {"uid": "T1078.004"}}])).passes(&CHECK);
        naming(&json!([{"technique": {"uid": "T1078"}}])).passes(&CHECK);
        naming(&json!([{"technique": {"uid": "T1557"}}])).passes(&CHECK);
    }

    #[test]
    fn nothing_has_to_be_named_and_more_may_be() {
        naming(&json!([])).passes(&CHECK);
        naming(&json!([{"tactic": {"uid": "TA0001"}}])).passes(&CHECK);
        naming(&json!([{"technique": {"uid": "T1499"}}, {"technique": {"uid": "T1078"}}])).passes(&CHECK);
    }

    #[test]
    fn what_is_something_else_is_found() {
        let found = naming(&json!([{"technique": {"uid": "T1499"}}])).fails(&CHECK);
        assert_eq!(found.observed, "T1499 alone");
        naming(&json!([{"technique": {"uid": "T1078"}, "sub_technique": {"uid": "T1078.001"}}])).passes(&CHECK);
    }
}
