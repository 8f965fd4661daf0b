//! `connector/second-instance`.

use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// One more than may be, or one that nobody was told of.
pub(super) const CHECK: Check = Check {
    id: "connector/second-instance",
    title: "a second instance was not refused with a word, though one alone is declared",
    explanation: "\
The stack declares `one_instance` for this vendor, and the scenario gives it two. Of all of them one has to be connected; each \
other has to be told of by a `status` record `degraded` that names it, and asked for nothing. Here another one was asked as \
well, or was left out without a word, which looks like a tenant in which nothing happens.

Usual causes: what is known of the app is kept by vendor in place of instance, so the last one wins; the limit stands in the \
documentation alone.

Source: Defender for Cloud Apps connects any number of instances of an app, but of Microsoft 365 and Azure one alone.",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for vendor in &facts.declares.one_instance {
        let all = facts.script.scenario.apps.iter().filter(|app| app.vendor.name() == vendor);
        let names: Vec<&str> = all.map(|app| app.name.as_str()).collect();
        let asked: Vec<&str> = names.iter().copied().filter(|name| facts.asked(name).next().is_some()).collect();
        let expected =
            format!("one of {} is connected, and of the others it is said that they are not", names.join(", "));
        if asked.len() > 1 {
            let first = asked.iter().filter_map(|name| facts.asked(name).next()).map(|e| facts.exchange_row(e));
            let observed = format!("{} were asked", asked.join(" and "));
            findings.push(CHECK.fail(expected, observed).evidence(few(first)).done());
            continue;
        }
        let left: Vec<&str> = names.into_iter().filter(|name| !asked.contains(name)).collect();
        if let Some(name) = left.iter().find(|name| !asked.is_empty() && !facts.is_refused_instance(name)) {
            findings.push(CHECK.fail(expected, format!("{name} was left out without a word")).done());
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// Two of Miro's, of which the stack declares one.
    fn two() -> Example {
        let mut run = Example::health_claimed();
        let mut second = run.scenario().apps[0].clone();
        second.name = "miro_us".to_owned();
        run.scenario().apps.push(second);
        run.declares.one_instance.insert("miro".to_owned());
        run.exchange("miro.audit_log", "day 1 00:00", 200);
        run
    }

    #[test]
    fn a_second_one_that_is_refused_passes() {
        let mut run = two();
        run.status("day 1 00:00", "degraded", "miro_us", "one is connected already").passes(&CHECK);
    }

    #[test]
    fn a_second_one_that_is_left_out_or_asked_fails() {
        assert_eq!(two().fails(&CHECK).observed, "miro_us was left out without a word");
        let mut run = two();
        run.exchange("miro_us.audit_log", "day 1 00:00", 200);
        run.status("day 1 00:00", "degraded", "miro_us", "one is connected already");
        assert_eq!(run.fails(&CHECK).observed, "miro and miro_us were asked");
    }

    #[test]
    fn who_declares_no_limit_may_connect_both() {
        let mut run = two();
        run.declares.one_instance.clear();
        run.passes(&CHECK);
    }
}
