use super::*;
use crate::clock::ClockMode;
use crate::fault::{Course, Hit};
use crate::scenario::read_text;

/// As `serve` does without certificates.
const SERVED: ServedWith = ServedWith { tls: false, elsewhere: true };

fn desk(mode: ClockMode) -> Arc<Simulation> {
    let text = "\
title: A desk
people: 3
apps: { miro: {} }
cast: { alice: {} }
networks: { tor: { in: Frankfurt, tags: [tor] } }
script:
  - { at: day 1 09:00, actor: alice, does: sign_in, app: miro }
";
    let mut scenario = read_text("desk.yaml", text, &Foreign { keys: &[], faults: &[] }).unwrap();
    // The script lies far ahead of the machine's clock.
    scenario.shift(365 * 60);
    Simulation::new(scenario, mode).unwrap()
}

#[track_caller]
fn refused(done: Done, expected: &str) {
    let (_, why) = done.unwrap_err();
    assert!(why.contains(expected), "{why}");
}

fn asked(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn time_is_stepped_forward_by_a_duration() {
    let sim = desk(ClockMode::Wall);
    let before = sim.clock.now();
    step(&sim, &Step::By("2h".to_owned())).unwrap();
    assert!(sim.clock.now().since(before) >= Duration::from_secs(7_200));
    refused(step(&sim, &Step::By("90d".to_owned())), "31d at most");
    refused(step(&sim, &Step::By("soon".to_owned())), "soon");
}

#[test]
fn a_step_to_the_next_scripted_thing_goes_no_further_than_a_month() {
    refused(step(&desk(ClockMode::Wall), &Step::To(Goal::Next)), "31d at most");
}

#[test]
fn a_clock_that_the_stack_moves_is_left_to_it() {
    let done = step(&desk(ClockMode::Virtual), &Step::By("1h".to_owned()));
    assert_eq!(done.unwrap_err().0, StatusCode::CONFLICT);
}

#[test]
fn a_fault_is_read_as_in_a_scenario_and_meets_the_next_request() {
    let sim = desk(ClockMode::Wall);
    let fault = json!({ "fault": "throttle", "route": "miro.audit_log", "nth": 1, "retry_after": "60s" });
    assert_eq!(arm(&sim, &asked(&fault), SERVED).unwrap(), "throttle is armed, with the number 1");
    let hit = Hit {
        app: AppIndex(0),
        route: "audit_log",
        page: Some(1),
        wants_token: true,
        now: sim.clock.now(),
        idle: None,
        limit: None,
        takes_gzip: false,
        course: Course::Request,
    };
    let bite = sim.meet_fault(&hit).expect("it is the first request");
    assert_eq!((bite.applied.kind.as_str(), bite.applied.line), ("throttle", 0));
    assert!(sim.meet_fault(&hit).is_none(), "once");
}

#[test]
fn a_wrong_fault_is_answered_as_a_wrong_scenario_is() {
    let sim = desk(ClockMode::Wall);
    refused(arm(&sim, &asked(&json!({ "fault": "throtle", "route": "miro", "nth": 1 })), SERVED), "throttle");
    refused(arm(&sim, &asked(&json!({ "fault": "reset", "route": "miro.nowhere", "nth": 1 })), SERVED), "nowhere");
    refused(arm(&sim, &asked(&json!({ "fault": "late", "by": "1h" })), SERVED), "write it into a scenario");
    let bad = asked(&json!({ "fault": "bad_certificate", "route": "miro", "nth": 1 }));
    refused(arm(&sim, &bad, SERVED), "serve with --tls");
}

#[test]
fn a_token_expires_by_its_name() {
    let sim = desk(ClockMode::Wall);
    let now = sim.clock.now();
    sim.state().instances[0].tokens.issue_ready_token(now);
    let name = sim.state().instances[0].tokens.glance(now, 1)[0].name.clone();
    expire(&sim, &Expire { expire: name }).unwrap();
    let later = sim.clock.now();
    assert_eq!(sim.state().instances[0].tokens.glance(later, 1)[0].state, "expired");
    refused(expire(&sim, &Expire { expire: "<token:miro/stack#9>".to_owned() }), "no access token");
}

#[test]
fn what_is_made_to_happen_is_recorded_and_contained() {
    let sim = desk(ClockMode::Wall);
    let order = |result: &str| Happen {
        app: "miro".to_owned(),
        actor: "alice".to_owned(),
        does: "sign_in".to_owned(),
        from: Some("tor".to_owned()),
        result: Some(result.to_owned()),
        object: None,
        times: 2,
    };
    happen(&sim, &order("success")).unwrap();
    let log = crate::timeline::LogId { app: AppIndex(0), feed: "audit_log" };
    let recorded = || sim.state().timeline.written(log).len();
    assert_eq!(recorded(), 2);
    assert_eq!(sim.state().timeline.written(log)[0].activity.object, None, "nobody signs in to a board");
    assert_eq!(sim.state().timeline.held(sim.clock.now()).iter().filter(|held| held.works).count(), 1);

    let suspend = Govern { app: "miro".to_owned(), person: "alice".to_owned(), does: Governing::Suspend };
    govern(&sim, &suspend).unwrap();
    assert!(
        happen(&sim, &order("success")).unwrap().contains("prevented, because alice was deactivated in miro by desk")
    );
    assert_eq!(sim.state().timeline.held(sim.clock.now()).iter().filter(|held| held.works).count(), 0);
}

#[test]
fn what_a_vendor_does_not_log_cannot_be_made_to_happen() {
    let sim = desk(ClockMode::Wall);
    let order = |does: &str, app: &str, actor: &str| Happen {
        app: app.to_owned(),
        actor: actor.to_owned(),
        does: does.to_owned(),
        from: None,
        result: None,
        object: None,
        times: 1,
    };
    refused(happen(&sim, &order("clone", "miro", "alice")), "cannot be made to happen");
    refused(happen(&sim, &order("hire", "miro", "alice")), "cannot be made to happen");
    refused(happen(&sim, &order("sign_in", "miri", "alice")), "no app `miri`");
    refused(happen(&sim, &order("sign_in", "miro", "mallory")), "nobody is called `mallory`");
}
