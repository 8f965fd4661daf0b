//! Changes of where things come from: M16, M24.

use simulator::scenario::{From, Listed, NetworkSpec, NetworkTag, Scenario, Step};
use simulator::world::Place;

use super::trial::changed;
use super::{Given, Law, Trial};

/// Definitions that the organisation's own network on the attack's side silences.
const OF_ADDRESSES: [&str; 3] =
    ["activity_from_anonymous_ip", "activity_from_suspicious_ip", "activity_from_infrequent_country"];

/// The one that wants it on both sides.
const JOURNEY: &str = "impossible_travel";

/// M16. A network of another name has other addresses and another operator.
pub(super) fn other_network(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    if given.script.scenario.networks.is_empty() {
        return Err("it names no network, and no two cities are equally far from all others".to_owned());
    }
    let script = changed(given.script, |scenario| {
        scenario.networks.iter_mut().for_each(|network| network.name.push_str("_instead"));
    });
    Ok(vec![Trial::new("its networks are others, in the same places", &script)])
}

/// M24.
pub(super) fn corporate(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let steps = given.steps()?;
    let about_places = |policy: &str| policy == JOURNEY || OF_ADDRESSES.contains(&policy);
    if !given.script.scenario.policies.iter().any(|policy| about_places(&policy.name)) {
        return Err("no policy about places is in force".to_owned());
    }
    let victims: Vec<_> = steps.iter().filter(|step| step.attack.is_some()).map(|step| step.actor).collect();
    if victims.is_empty() {
        return Err("nobody is attacked in it".to_owned());
    }
    let both = changed(given.script, |scenario| own_network(scenario, |step| victims.contains(&step.actor)));
    let one = changed(given.script, |scenario| own_network(scenario, |step| step.attack.is_some()));
    let gone = |policies: &[&str]| Law::Without(policies.iter().map(|policy| (*policy).to_owned()).collect());
    let all: Vec<&str> = OF_ADDRESSES.into_iter().chain([JOURNEY]).collect();
    Ok(vec![
        Trial::new("the organisation's own network on both sides", &both).law(gone(&all)),
        Trial::new("the organisation's own network on the attack's side", &one).law(gone(&OF_ADDRESSES)),
    ])
}

/// Lets steps come from a network of the organisation's own, in the place from which they came.
fn own_network(scenario: &mut Scenario, which: impl Fn(&Step) -> bool) {
    for index in 0..scenario.script.len() {
        let step = &scenario.script[index];
        if !which(step) {
            continue;
        }
        let (place, tags) = origin(scenario, step);
        let name = format!("own_{}", place.name.to_lowercase().replace(' ', "_"));
        let known = scenario.networks.iter().position(|network| network.name == name && network.tags == tags);
        let network = known.unwrap_or_else(|| {
            let at = step.position;
            let name = format!("{name}{}", if tags.len() > 1 { "_tagged" } else { "" });
            scenario.networks.push(NetworkSpec {
                name,
                place,
                tags,
                known: true,
                accuracy_km: 0,
                listed: Listed::default(),
                is_ipv6: false,
                at,
            });
            scenario.networks.len() - 1
        });
        scenario.script[index].from = Some(From::Network(network));
    }
}

/// Where a step comes from, and what the feeds say of that, beside that it is the organisation's own.
fn origin(scenario: &Scenario, step: &Step) -> (&'static Place, Vec<NetworkTag>) {
    let own = |tags: &[NetworkTag]| {
        let others = tags.iter().copied().filter(|tag| *tag != NetworkTag::Corporate);
        std::iter::once(NetworkTag::Corporate).chain(others).collect()
    };
    match step.from {
        Some(From::Place(place)) => (place, own(&[])),
        Some(From::Network(index)) => (scenario.networks[index].place, own(&scenario.networks[index].tags)),
        None => {
            let home = match step.actor {
                simulator::scenario::Who::Cast(index) => scenario.cast[index].home,
                simulator::scenario::Who::Admin => scenario.home,
            };
            (home, own(&[]))
        }
    }
}
