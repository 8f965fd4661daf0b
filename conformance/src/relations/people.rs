//! Changes of people: M02, M03, M08, M09, M25.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{AppIndex, Step, Verb, Who};
use simulator::seed::Seed;
use simulator::vendors;

use super::trial::{changed, in_order, plain_step};
use super::{Given, Law, Trial};

/// So many people are added who do nothing wrong.
const NOISE: u32 = 7;

/// M02. The cast take each other's places; one alone is replaced by somebody who was not there. All that is drawn for a
/// person (name, address, ids, devices) is drawn for their key, so it goes with it.
pub(super) fn permuted(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let cast = &given.script.scenario.cast;
    let keys: Vec<String> = match cast.len() {
        0 => return Err("it has no cast".to_owned()),
        1 => vec![format!("{}_instead", cast[0].key)],
        n => (0..n).map(|i| cast[(i + 1) % n].key.clone()).collect(),
    };
    let mut names = BTreeMap::new();
    for (member, key) in cast.iter().zip(&keys) {
        names.insert(key.clone(), member.key.clone());
        names.extend((1..=member.count).map(|n| (format!("{key}-{n}"), format!("{}-{n}", member.key))));
    }
    let script = changed(given.script, |scenario| {
        scenario.cast.iter_mut().zip(keys).for_each(|(member, key)| member.key = key);
    });
    Ok(vec![Trial { names, ..Trial::new("the cast take each other's places", &script) }])
}

/// M03. Everything that is not written is drawn anew: organisation, domain, tenants, names, ids, addresses, the background.
pub(super) fn renamed_world(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let script = changed(given.script, |scenario| scenario.seed = Seed(scenario.seed.0.wrapping_add(1_009)));
    Ok(vec![Trial::new("another seed", &script)])
}

/// M08.
pub(super) fn noise(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let of_tenant = |policy: &&simulator::scenario::Policy| {
        policy.name == "activity_from_infrequent_country"
            && policy.parameters.get("mode").is_some_and(|m| m == "tenant")
    };
    if given.script.scenario.policies.iter().any(|policy| of_tenant(&policy)) {
        return Err("activity_from_infrequent_country compares with the whole tenant".to_owned());
    }
    let script = changed(given.script, |scenario| scenario.people += NOISE);
    Ok(vec![Trial::new(format!("{NOISE} more people"), &script)])
}

/// M09. Long before the story, from where the victim is anyway.
pub(super) fn ordinary_work(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let steps = given.steps()?;
    let scenario = &given.script.scenario;
    let victim = victim(steps).ok_or("nobody of the cast is attacked in it")?;
    let at = scenario.stack.starts + Duration::from_secs(5 * 60);
    if steps[0].at < at + Duration::from_secs(3_600) {
        return Err("it leaves no time for ordinary work".to_owned());
    }
    let own = steps.iter().find(|step| step.actor == victim && step.attack.is_none());
    let from = own.and_then(|step| step.from);
    let touched: Vec<Verb> = steps.iter().map(|step| step.verb).collect();
    let ordinary = |app: &AppIndex| {
        let logs = vendors::spec(scenario.apps[app.0].vendor).logs;
        [Verb::Open, Verb::Create, Verb::Edit].into_iter().find(|verb| logs(*verb) && !touched.contains(verb))
    };
    let apps = steps.iter().filter(|step| step.actor == victim).filter_map(|step| step.app);
    let work = apps.filter_map(|app| Some((app, ordinary(&app)?))).next();
    let (app, verb) = work.ok_or("its apps log no work that the story does not touch")?;
    let script = changed(given.script, |scenario| {
        let like = scenario.script[0].clone();
        let work = (0..3).map(|n| Step {
            app: Some(app),
            from,
            ..plain_step(&like, at + Duration::from_secs(n * 240), verb, victim)
        });
        scenario.script.extend(work);
        in_order(&mut scenario.script);
    });
    Ok(vec![Trial::new(format!("{} three times, hours before", verb.name()), &script).law(Law::Equal)])
}

/// M25. In the directory, half-way between the victim's first and last event.
pub(super) fn renamed_user(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let steps = given.steps()?;
    let scenario = &given.script.scenario;
    let directory = scenario.directory().ok_or("it has no directory")?;
    let logs = vendors::spec(scenario.apps[directory.0].vendor).logs;
    if !logs(Verb::Rename) || !logs(Verb::ChangeEmail) {
        return Err("its directory logs no change of names".to_owned());
    }
    let victim = victim(steps).ok_or("nobody of the cast is attacked in it")?;
    if steps.iter().any(|step| step.verb.is_lifecycle()) {
        return Err("accounts change in it already".to_owned());
    }
    let mine = || steps.iter().filter(|step| step.actor == victim);
    let first = mine().map(|step| step.at).min().ok_or("the victim does nothing")?;
    let last = mine().map(|step| step.at + step.over).max().ok_or("the victim does nothing")?;
    let at = first + last.since(first) / 2;
    let script = changed(given.script, |scenario| {
        let like = scenario.script[0].clone();
        for (verb, to) in [(Verb::Rename, "Robin Newname"), (Verb::ChangeEmail, "robin.newname@renamed.example")] {
            scenario.script.push(Step {
                app: Some(directory),
                target: Some(victim),
                details: BTreeMap::from([("to".to_owned(), to.to_owned())]),
                ..plain_step(&like, at, verb, Who::Admin)
            });
        }
        in_order(&mut scenario.script);
    });
    Ok(vec![Trial::new("another name and address, half-way", &script)])
}

/// Whom the first attack is made on, if that is one of the cast.
fn victim(steps: &[Step]) -> Option<Who> {
    let attacked = steps.iter().filter(|step| step.attack.is_some()).map(|step| step.actor);
    attacked.into_iter().find(|who| *who != Who::Admin)
}
