//! Changes between vendor and stack: M04, M05, M19, M23.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{
    AppIndex, Begins, ErrorBody, Fault, FaultKind, Framing, Lasts, Position, RetryAfterForm, RoutePattern, Scenario,
    Step, ThrottledBy, Verb, Who,
};
use simulator::vendors;

use super::time::fault;
use super::trial::{changed, in_order, plain_step};
use super::{Given, Trial};

/// After how long everything is shown again.
const AGAIN_AFTER: Duration = Duration::from_secs(20 * 60);

/// M04.
pub(super) fn other_pages(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let sized = |size: u32| {
        changed(given.script, |scenario| scenario.apps.iter_mut().for_each(|app| app.page_size = Some(size)))
    };
    Ok([1, 3].map(|size| Trial::new(format!("at most {size} record(s) a page"), &sized(size))).into())
}

/// M05. Every record is shown again, farther back in the order; every delivery is made twice.
pub(super) fn twice(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    let script = changed(given.script, |scenario| {
        scenario.faults.push(fault(FaultKind::Redeliver { after: AGAIN_AFTER }, None));
        for app in delivering(scenario) {
            let route = Some(RoutePattern { app, route: Some("webhook".to_owned()) });
            scenario.faults.push(Fault { route, ..fault(FaultKind::Duplicate, None) });
        }
    });
    Ok(vec![Trial::acting("every record is shown twice", &script)])
}

/// Apps that deliver by a webhook.
fn delivering(scenario: &Scenario) -> Vec<AppIndex> {
    let by_webhook = crate::observe::by_webhook::ByWebhook::of(scenario);
    let apps = scenario.apps.iter().enumerate().filter(|(_, app)| by_webhook.comes_from(&app.name));
    apps.map(|(index, _)| AppIndex(index)).collect()
}

/// M19. Whoever reads a log meets an error, a pause, half an answer, a reset connection and a dead token, one after
/// another. Only there: a refresh token that is used up while its answer is lost is nothing that a retry heals.
pub(super) fn healing_faults(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    let (retry_after, form, limit) = (Duration::from_secs(60), RetryAfterForm::Seconds, ThrottledBy::Usual);
    let pause = FaultKind::Throttle { retry_after, form, limit };
    let kinds = [
        (2, FaultKind::Error { status: 503, body: ErrorBody::Vendor, retry_after: None }),
        (4, pause),
        (6, FaultKind::CutBody { percent: 50, framing: Framing::ContentLength }),
        (8, FaultKind::Reset),
        (10, FaultKind::ExpireToken),
    ];
    let logs = read_logs(given);
    if logs.is_empty() {
        return Err("the stack reads none of its logs by asking".to_owned());
    }
    let script = changed(given.script, |scenario| {
        for route in logs {
            for (line, (nth, kind)) in (1..).zip(kinds.clone()) {
                scenario.faults.push(Fault {
                    kind,
                    route: Some(route.clone()),
                    begins: Begins::Nth(nth, nth),
                    lasts: Lasts::Requests(1),
                    app: None,
                    records: Vec::new(),
                    at: Position { line, column: 1 },
                });
            }
        }
    });
    Ok(vec![Trial::acting("503, a pause, half an answer, a reset, a dead token", &script)])
}

/// The routes of logs that the stack claims to read.
fn read_logs(given: &Given<'_>) -> Vec<RoutePattern> {
    let mut routes: Vec<RoutePattern> = Vec::new();
    for (index, app) in given.script.scenario.apps.iter().enumerate() {
        let claimed = |feed: &str| given.declares.claims(&format!("{}.{feed}", app.vendor.name()));
        for route in vendors::spec(app.vendor).routes.iter().filter(|route| route.feed.is_some_and(claimed)) {
            let pattern = RoutePattern { app: AppIndex(index), route: Some(route.name.to_owned()) };
            if !routes.contains(&pattern) {
                routes.push(pattern);
            }
        }
    }
    routes
}

/// M23. What a vendor may add to a record of a known type is not part of a script; what it may log in addition is.
pub(super) fn unknown_events(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    let scenario = &given.script.scenario;
    let logs = |app: &AppIndex| (vendors::spec(scenario.apps[app.0].vendor).logs)(Verb::Event);
    let apps: Vec<AppIndex> = (0..scenario.apps.len()).map(AppIndex).filter(logs).collect();
    let like = given.steps()?[0].clone();
    if apps.is_empty() {
        return Err("none of its apps logs anything that is not in its catalogue".to_owned());
    }
    let script = changed(given.script, |scenario| {
        for app in apps {
            scenario.script.push(Step {
                app: Some(app),
                details: BTreeMap::from([("name".to_owned(), "something.nobody_has_heard_of".to_owned())]),
                ..plain_step(&like, like.at, Verb::Event, Who::Admin)
            });
        }
        in_order(&mut scenario.script);
    });
    Ok(vec![Trial::new("an event type that is in no catalogue", &script)])
}
