//! Changes between vendor and stack: M04, M05, M19, M23.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{
    AppIndex, Begins, ErrorBody, Fault, FaultKind, Framing, Lasts, Position, RetryAfterForm, RoutePattern, Scenario, Step,
    Verb, Who,
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
    Ok([1, 3].map(|size| Trial::new(format!("at most {size} record(s) a page"), sized(size))).into())
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
    Ok(vec![Trial::acting("every record is shown twice", script)])
}

/// Apps that deliver by a webhook.
fn delivering(scenario: &Scenario) -> Vec<AppIndex> {
    let by_webhook = crate::observe::by_webhook::ByWebhook::of(scenario);
    let apps = scenario.apps.iter().enumerate().filter(|(_, app)| by_webhook.comes_from(&app.name));
    apps.map(|(index, _)| AppIndex(index)).collect()
}

/// M19. Each app's requests meet an error, a pause, a cut answer, a reset connection and a dead token, one after another.
pub(super) fn healing_faults(given: &Given<'_>) -> Result<Vec<Trial>, String> {
    given.without_faults()?;
    let kinds = [
        (4, FaultKind::Error { status: 503, body: ErrorBody::Vendor, retry_after: None }),
        (7, FaultKind::Throttle { retry_after: Duration::from_secs(60), form: RetryAfterForm::Seconds }),
        (9, FaultKind::CutBody { percent: 50, framing: Framing::ContentLength }),
        (11, FaultKind::Reset),
        (13, FaultKind::ExpireToken),
    ];
    let script = changed(given.script, |scenario| {
        for app in (0..scenario.apps.len()).map(AppIndex) {
            let route = RoutePattern { app, route: None };
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
    Ok(vec![Trial::acting("503, a pause, half an answer, a reset, a dead token", script)])
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
    Ok(vec![Trial::new("an event type that is in no catalogue", script)])
}
