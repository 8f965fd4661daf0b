//! Attacks that nothing must notice; people, networks, ids and policies that nothing uses.

use simulator::scenario::yaml::{Node, Span};
use simulator::scenario::{AttackIndex, From, Who};

use super::{Remark, Subject};
use crate::scenario::{Expectation, Kind, What};

pub(super) fn remarks(subject: &Subject) -> Vec<Remark> {
    let mut remarks = attacks(subject);
    remarks.extend(people(subject));
    remarks.extend(networks(subject));
    remarks.extend(ids(subject));
    remarks.extend(policies(subject));
    remarks
}

/// Where an entry of a section is named.
fn key_span(root: &Node, section: &str, name: &str) -> Span {
    let entries = root.get(section).map_or(&[][..], Node::entries);
    entries.iter().find(|e| e.key == name).map(|e| e.key_span).unwrap_or_default()
}

/// An attack that no `must` mentions, by name or by the id of one of its steps.
fn attacks(subject: &Subject) -> Vec<Remark> {
    let script = &subject.script;
    let mentions = |expectation: &Expectation, attack: AttackIndex| {
        let step_of_it = |id: &String| {
            script.scenario.script.iter().any(|step| step.id.as_ref() == Some(id) && step.attack == Some(attack))
        };
        expectation.kind == Kind::Must
            && (expectation.attack == Some(attack) || expectation.evidence.iter().any(step_of_it))
    };
    let unnoticed = script
        .scenario
        .attacks
        .iter()
        .enumerate()
        .filter(|(i, _)| !script.expect.iter().any(|expectation| mentions(expectation, AttackIndex(*i))));
    let warn = |name: &str| {
        let span = key_span(&subject.root, "attacks", name);
        Remark::warning(span, format!("no `must` mentions attack \"{name}\", by name or by the id of one of its steps"))
    };
    unnoticed.map(|(_, attack)| warn(&attack.name)).collect()
}

fn people(subject: &Subject) -> Vec<Remark> {
    let script = &subject.script;
    let used = |i: usize| {
        let who = Who::Cast(i);
        script.scenario.script.iter().any(|step| step.actor == who || step.target == Some(who))
            || script.scenario.files.iter().any(|file| file.owner == who)
            || script.expect.iter().any(|e| e.actor == Some(who) || e.target == Some(who))
    };
    let unused = script.scenario.cast.iter().enumerate().filter(|(i, _)| !used(*i));
    unused.map(|(_, member)| never_used(subject, "cast", "person", &member.key)).collect()
}

fn networks(subject: &Subject) -> Vec<Remark> {
    let script = &subject.script.scenario.script;
    let used = |i: usize| script.iter().any(|step| step.from == Some(From::Network(i)));
    let unused = subject.script.scenario.networks.iter().enumerate().filter(|(i, _)| !used(*i));
    unused.map(|(_, network)| never_used(subject, "networks", "network", &network.name)).collect()
}

/// A policy is used by an expectation that names it, by one of any alert, and by one of an action that it orders.
fn policies(subject: &Subject) -> Vec<Remark> {
    let script = &subject.script;
    let orders = |policy: &simulator::scenario::Policy, action: &str| {
        let actions = policy.parameters.get("action").and_then(|list| list.as_array());
        actions.is_some_and(|list| list.iter().any(|word| word == action))
    };
    let used = |policy: &simulator::scenario::Policy| {
        script.expect.iter().any(|expectation| match (&expectation.policy, expectation.what) {
            (Some(name), _) => *name == policy.name,
            (None, What::Alert) => true,
            (None, What::Action(action)) => orders(policy, action.name()),
            _ => false,
        })
    };
    let unused = script.scenario.policies.iter().filter(|policy| !used(policy));
    unused.map(|policy| never_used(subject, "policies", "policy", &policy.name)).collect()
}

fn never_used(subject: &Subject, section: &str, what: &str, name: &str) -> Remark {
    Remark::warning(key_span(&subject.root, section, name), format!("{what} \"{name}\" is never used"))
}

fn ids(subject: &Subject) -> Vec<Remark> {
    let script = &subject.script;
    let used = |id: &str| {
        let cited = script.expect.iter().any(|e| e.evidence.iter().any(|evidence| evidence == id));
        cited || script.scenario.faults.iter().any(|fault| fault.records.iter().any(|record| record == id))
    };
    let steps = subject.root.get("script").map_or(&[][..], Node::items);
    let nodes = steps.iter().filter_map(|step| step.get("id"));
    let named = script.scenario.script.iter().filter_map(|step| step.id.as_deref()).zip(nodes);
    let unused = named.filter(|(id, _)| !used(id));
    unused.map(|(id, node)| Remark::warning(node.span, format!("id \"{id}\" is never used"))).collect()
}
