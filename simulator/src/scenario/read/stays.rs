//! From when to when people are here, and what follows for their addresses.

use std::collections::BTreeMap;

use super::spell;
use crate::scenario::fields::{Context, Fields};
use crate::scenario::model::{CastMember, Step, Verb, Who};
use crate::scenario::yaml::{Node, Value};
use crate::time::SimTime;

/// From when to when somebody is here.
#[derive(Clone, Copy, Debug)]
struct Stay {
    hired: Option<SimTime>,
    gone: Option<SimTime>,
}

/// Who is hired was not there before, who is gone cannot go again, and an e-mail address belongs to one at a time.
pub(super) fn check(top: &Fields<'_>, cast: &[CastMember], script: &[Step], context: Context<'_>) {
    let mut stays = vec![Stay { hired: None, gone: None }; cast.len()];
    let mut hires: Vec<Option<SimTime>> = vec![None; cast.len()];
    for step in script.iter().filter(|step| step.verb == Verb::Hire) {
        if let Some(Who::Cast(i)) = step.target {
            hires[i].get_or_insert(step.at);
        }
    }
    let node_of = |step: &Step| {
        let items = top.node("script").map_or(&[][..], Node::items);
        items.iter().find(|node| node.span.at == step.position)
    };
    for step in script {
        let complain = |key: &str, message: String| {
            let node = node_of(step).and_then(|node| node.get(key).or(Some(node)));
            context.problems.add(node.map_or_else(Default::default, |n| n.span), message);
        };
        for (key, who) in [("actor", Some(step.actor)), ("target", step.target)] {
            let Some(Who::Cast(i)) = who else { continue };
            if let Some(hired) = hires[i].filter(|hired| step.at < *hired) {
                let hired = spell(context.calendar, hired);
                complain(key, format!("{} does not exist before being hired ({hired})", cast[i].key));
            }
        }
        let Some(Who::Cast(i)) = step.target else { continue };
        let stay = &mut stays[i];
        match step.verb {
            Verb::Hire if stay.hired.is_some() => {
                complain("target", format!("{} was hired before; a rehired person is another one", cast[i].key));
            }
            Verb::Hire => stay.hired = Some(step.at),
            Verb::Terminate if stay.gone.is_some() => complain("target", format!("{} is gone already", cast[i].key)),
            Verb::Terminate => stay.gone = Some(step.at),
            _ => {}
        }
    }
    shared_addresses(top, cast, &stays, context);
}

fn shared_addresses(top: &Fields<'_>, cast: &[CastMember], stays: &[Stay], context: Context<'_>) {
    let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, member) in cast.iter().enumerate() {
        let Some(email) = member.email.as_deref().map(str::to_lowercase) else { continue };
        let others = holders.entry(email).or_default();
        let together = |j: usize| {
            let left_before =
                |a: Stay, b: Stay| matches!((a.gone, b.hired), (Some(gone), Some(hired)) if gone <= hired);
            !left_before(stays[i], stays[j]) && !left_before(stays[j], stays[i])
        };
        if let Some(j) = others.iter().copied().find(|j| together(*j)) {
            let node = top.node("cast").and_then(|cast| cast.get(&member.key)).and_then(|person| person.get("email"));
            if let Some(node) = node.filter(|node| !matches!(node.value, Value::Refused)) {
                let other = &cast[j].key;
                context.problems.add(
                    node.span,
                    format!("{other} has this address at the same time; one must terminate before the other is hired"),
                );
            }
        }
        others.push(i);
    }
}
