//! Changes of how many: two stories at once, two instances, two apps: M12, M13, M28.

use std::collections::BTreeMap;

use simulator::scenario::{App, AppIndex, AttackIndex, Credentials, From, Login, Policy, Scenario, Who};

use super::trial::changed;
use super::{Given, Law, Trial};
use crate::scenario::Script;

/// What the second of two things is called: the name of the first, and this.
const SECOND: &str = "_second";

/// Definitions that put a person's accounts together.
const ABOUT_PEOPLE: &[&str] = &[
    "impossible_travel",
    "activity_from_anonymous_ip",
    "activity_from_suspicious_ip",
    "activity_from_infrequent_country",
];

/// M12. With the first of the other scenarios that has the same policies and fits.
pub(super) fn two_stories(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    given.steps()?;
    let fits = |other: &&Script| {
        let (a, b) = (&given.script.scenario, &other.scenario);
        other.id != given.script.id
            && !other.has_faults()
            && a.day_1 == b.day_1
            && same_policies(&a.policies, &b.policies)
            && same_apps(&a.apps, &b.apps)
    };
    let other = given.others.iter().find(fits);
    let other = other.ok_or("no other chosen scenario has the same policies, and apps that fit")?;
    let (script, names) = joined(given.script, other);
    Ok(vec![Trial { also: Some((other.id.clone(), names)), ..Trial::new(format!("with {}", other.id), &script) }])
}

/// M13. The second instance shares the directory, as two instances of one organisation do.
pub(super) fn two_instances(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    given.steps()?;
    let directory = given.script.scenario.directory();
    if given.script.scenario.apps.len() == usize::from(directory.is_some()) {
        return Err("it has no app beside the directory".to_owned());
    }
    for (index, app) in given.script.scenario.apps.iter().enumerate() {
        if Some(AppIndex(index)) != directory {
            takes_a_second(given, app)?;
        }
    }
    let copy = changed(given.script, |scenario| {
        for (index, app) in scenario.apps.iter_mut().enumerate() {
            if Some(AppIndex(index)) != directory {
                app.name.push_str(SECOND);
            }
        }
    });
    let (script, names) = joined(given.script, &copy);
    // The copy's people are told as the first ones, so that each alert is there twice.
    let names = names.into_iter().map(|(first, second)| (second, first)).collect();
    Ok(vec![Trial { names, ..Trial::new("once more in other instances", &script).law(Law::Twice) }])
}

/// M28. What is done in the attack is done in a second instance, by the same person.
pub(super) fn two_apps_one_person(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let steps = given.steps()?;
    given.only_policies(ABOUT_PEOPLE, "is not about people but about accounts")?;
    let scenario = &given.script.scenario;
    let directory = scenario.directory();
    let split = steps.iter().filter(|step| step.attack.is_some() && step.app != directory).find_map(|step| step.app);
    let Some(app) = split else { return Err("no attack in it is on an app beside the directory".to_owned()) };
    takes_a_second(given, &scenario.apps[app.0])?;
    if scenario.cast.iter().any(|member| member.logins.get(&app) == Some(&Login::Unlinked)) {
        return Err("an account in it is not linked to its person".to_owned());
    }
    let script = changed(given.script, |scenario| {
        let name = scenario.apps[app.0].name.clone() + SECOND;
        let second = App { name, ..scenario.apps[app.0].clone() };
        scenario.apps.push(second);
        let second = AppIndex(scenario.apps.len() - 1);
        for member in scenario.cast.iter_mut().filter(|member| member.accounts.contains(&app)) {
            member.accounts.push(second);
        }
        for step in scenario.script.iter_mut().filter(|step| step.attack.is_some() && step.app == Some(app)) {
            step.app = Some(second);
        }
    });
    Ok(vec![Trial::new("the attack goes on in a second instance", &script)])
}

/// Why a stack is not asked to connect a second instance of an app, if it is not.
fn takes_a_second(given: &Given<'_>, app: &App) -> Result<(), String> {
    match given.declares.one_instance.contains(app.vendor.name()) {
        true => Err(format!("the stack connects one instance of {}", app.vendor.name())),
        false => Ok(()),
    }
}

fn same_policies(a: &[Policy], b: &[Policy]) -> bool {
    let key = |policy: &Policy| {
        let mut parameters = policy.parameters.clone();
        parameters.remove("action");
        (policy.name.clone(), parameters)
    };
    let all = |policies: &[Policy]| policies.iter().map(key).collect::<BTreeMap<_, _>>();
    all(a) == all(b)
}

/// Whether apps of one name are one.
fn same_apps(a: &[App], b: &[App]) -> bool {
    let is_same = |x: &App, y: &App| {
        (x.vendor, x.sign_in, x.page_size, x.token_life, x.retention, x.profile, x.mda_mode)
            == (y.vendor, y.sign_in, y.page_size, y.token_life, y.retention, y.profile, y.mda_mode)
            && credentials(x) == credentials(y)
    };
    b.iter().all(|y| a.iter().all(|x| x.name != y.name || is_same(x, y)))
}

fn credentials(app: &App) -> (Credentials, &Option<Vec<String>>) {
    (app.credentials, &app.scopes)
}

/// Two scripts as one. People, networks and apps of the second that are called like one of the first get another name;
/// apps are one where they have one name. With it, what the second's people are called now.
fn joined(a: &Script, b: &Script) -> (Script, BTreeMap<String, String>) {
    let mut names = BTreeMap::new();
    let script = changed(a, |scenario| {
        let mut other = Scenario::clone(&b.scenario);
        let apps: Vec<AppIndex> = other
            .apps
            .iter()
            .map(|app| match scenario.apps.iter().position(|first| first.name == app.name) {
                Some(index) => AppIndex(index),
                None => {
                    scenario.apps.push(app.clone());
                    AppIndex(scenario.apps.len() - 1)
                }
            })
            .collect();
        let (cast, networks, attacks) = (scenario.cast.len(), scenario.networks.len(), scenario.attacks.len());
        for member in &mut other.cast {
            if scenario.cast.iter().any(|first| first.key == member.key) {
                let key = member.key.clone() + SECOND;
                names.extend((1..=member.count).map(|n| (format!("{}-{n}", member.key), format!("{key}-{n}"))));
                names.insert(std::mem::replace(&mut member.key, key.clone()), key);
                // Two people have no address in common unless their stays do not overlap.
                member.email = None;
            }
            member.accounts.iter_mut().chain(&mut member.admin_of).for_each(|app| *app = apps[app.0]);
            member.logins =
                std::mem::take(&mut member.logins).into_iter().map(|(app, login)| (apps[app.0], login)).collect();
        }
        for network in &mut other.networks {
            if scenario.networks.iter().any(|first| first.name == network.name) {
                network.name.push_str(SECOND);
            }
        }
        let moved = |who: Who| match who {
            Who::Cast(index) => Who::Cast(index + cast),
            Who::Admin => Who::Admin,
        };
        for step in &mut other.script {
            step.actor = moved(step.actor);
            step.target = step.target.map(moved);
            step.app = step.app.map(|app| apps[app.0]);
            step.attack = step.attack.map(|attack| AttackIndex(attack.0 + attacks));
            step.from = step.from.map(|from| match from {
                From::Network(index) => From::Network(index + networks),
                place @ From::Place(_) => place,
            });
        }
        for file in &mut other.files {
            (file.app, file.owner) = (apps[file.app.0], moved(file.owner));
            if scenario.files.iter().any(|first| first.name == file.name) {
                file.name = format!("second {}", file.name);
            }
        }
        scenario.people = scenario.people.max(other.people);
        scenario.history_days = scenario.history_days.max(other.history_days);
        scenario.stack.ends = scenario.stack.ends.zip(other.stack.ends).map(|(a, b)| a.max(b));
        scenario.cast.extend(other.cast);
        scenario.networks.extend(other.networks);
        scenario.files.extend(other.files);
        scenario.attacks.extend(other.attacks);
        scenario.script.extend(other.script);
        super::trial::in_order(&mut scenario.script);
    });
    (script, names)
}
