//! Faults of the process: at which request the stack is killed or told to stop, and what becomes of the answer.
//!
//! `kill` without `after`: the request takes effect, its answer is held until all else is quiet, then the process is
//! killed and no byte is sent. With `after`: that simulated time after the answer. `stop` never holds an answer.
//!
//! `wipe_state` is a `kill` after which the state is removed, `cut_state` one after which each of its files ends in its middle.
//! `second_copy` begins at a moment and leaves the process alone. `unwritable_state` begins at a moment too: the process is
//! killed and started once where it cannot keep anything.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use simulator::scenario::Begins;
use simulator::time::SimTime;
use simulator::{AnswerDelivery, Interceptor, RouteHit};

use crate::recording::FaultBite;
use crate::scenario::ProcessFault;

/// Hears of what has to come to pass: when, what it is called, and the place of the fault in the scenario's list.
type Tell = Box<dyn Fn(SimTime, &str, usize) + Send + Sync>;

/// The faults of the process, armed: told of every answer before it leaves.
pub(super) struct ArmedFaults {
    armed: Mutex<Vec<Armed>>,
    /// From then on none bites.
    ends: Option<SimTime>,
    tell: Tell,
}

struct Armed {
    fault: ProcessFault,
    /// How many requests it has met.
    met: u32,
}

/// What a fault makes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bite {
    delivery: AnswerDelivery,
    after: Duration,
}

impl ArmedFaults {
    /// Arms the faults, which end with the story if there is an end; of those that begin at a moment and at no request it is
    /// told at once.
    pub(super) fn new(faults: &[ProcessFault], ends: Option<SimTime>, tell: Tell) -> Self {
        for (index, fault) in faults.iter().enumerate() {
            if let (None, Begins::Time(at)) = (&fault.route, fault.begins)
                && ends.is_none_or(|ends| at < ends)
            {
                tell(at + fault.after.unwrap_or_default(), &timer_name(fault), index);
            }
        }
        let armed = faults.iter().map(|fault| Armed { fault: fault.clone(), met: 0 }).collect();
        Self { armed: Mutex::new(armed), ends, tell }
    }
}

impl Interceptor for ArmedFaults {
    fn before_answer(&self, hit: &RouteHit) -> AnswerDelivery {
        if self.ends.is_some_and(|ends| hit.now >= ends) {
            return AnswerDelivery::Deliver;
        }
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first = None;
        for (index, armed) in armed.iter_mut().enumerate() {
            // Each counts its own requests, also while another one bites; of two the first written wins.
            let bite = armed.meet(hit);
            first = first.or(bite.map(|bite| (index, bite, timer_name(&armed.fault))));
        }
        let Some((index, bite, name)) = first else { return AnswerDelivery::Deliver };
        (self.tell)(hit.now + bite.after, &name, index);
        bite.delivery
    }
}

impl Armed {
    fn meet(&mut self, hit: &RouteHit) -> Option<Bite> {
        let pattern = self.fault.route.as_ref()?;
        if pattern.app != hit.app || pattern.route.as_deref().is_some_and(|route| route != hit.route) {
            return None;
        }
        let nth = if pattern.route.is_some() { hit.nth } else { hit.nth_of_app };
        let times = self.fault.times.max(1);
        let meets = match self.fault.begins {
            Begins::Nth(first, last) => (first..=last.max(first.saturating_add(times - 1))).contains(&nth),
            Begins::Page(page) => hit.page == Some(page) && self.met < times,
            // What begins at a moment meets no request: it stands on the agenda.
            Begins::Time(_) | Begins::Always => false,
        };
        if !meets {
            return None;
        }
        self.met += 1;
        let held = self.fault.kind.kills() && self.fault.after.is_none();
        let delivery = if held { AnswerDelivery::Withhold } else { AnswerDelivery::Deliver };
        Some(Bite { delivery, after: self.fault.after.unwrap_or_default() })
    }
}

/// How often each fault bit, as it is recorded.
pub(super) fn told(faults: &[ProcessFault], bites: &[u32]) -> Vec<FaultBite> {
    let told = |(fault, bites): (&ProcessFault, &u32)| FaultBite {
        kind: fault.kind.name().to_owned(),
        line: fault.at.line,
        bites: *bites,
    };
    faults.iter().zip(bites).map(told).collect()
}

/// `kill:12`: kind and line.
fn timer_name(fault: &ProcessFault) -> String {
    format!("{}:{}", fault.kind.name(), fault.at.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::scenario::ProcessFaultKind;
    use simulator::scenario::{AppIndex, Position, RoutePattern};

    fn t(s: i64) -> SimTime {
        SimTime::from_ms(s * 1_000)
    }

    fn fault(begins: Begins) -> ProcessFault {
        ProcessFault {
            kind: ProcessFaultKind::Kill,
            route: Some(RoutePattern { app: AppIndex(0), route: Some("audit_log".to_owned()) }),
            begins,
            after: None,
            restart_after: Some(Duration::from_secs(10)),
            times: 1,
            at: Position { line: 7, column: 3 },
        }
    }

    fn hit(nth: u32, page: Option<u32>) -> RouteHit {
        let now = t(i64::from(nth));
        RouteHit { app: AppIndex(0), route: "audit_log", nth, nth_of_app: nth + 10, page, now }
    }

    /// Which of the hits have their answers withheld.
    #[track_caller]
    fn check(fault: ProcessFault, hits: &[RouteHit], expected: &[bool]) {
        let mut armed = Armed { fault, met: 0 };
        let met: Vec<bool> = hits.iter().map(|hit| armed.meet(hit).is_some()).collect();
        assert_eq!(met, expected, "{:?}", armed.fault.begins);
    }

    #[test]
    fn the_nth_request_of_the_route_is_met_or_of_the_app_where_no_route_is_written() {
        let hits = [1, 2, 3].map(|n| hit(n, None));
        check(fault(Begins::Nth(2, 2)), &hits, &[false, true, false]);
        check(fault(Begins::Nth(2, 3)), &hits, &[false, true, true]);
        check(ProcessFault { times: 2, ..fault(Begins::Nth(1, 1)) }, &hits, &[true, true, false]);
        let whole_app = RoutePattern { app: AppIndex(0), route: None };
        check(ProcessFault { route: Some(whole_app), ..fault(Begins::Nth(12, 12)) }, &hits, &[false, true, false]);
    }

    #[test]
    fn a_page_is_met_once_however_often_it_is_asked_for() {
        let hits = [hit(1, Some(1)), hit(2, Some(2)), hit(3, Some(2))];
        check(fault(Begins::Page(2)), &hits, &[false, true, false]);
    }

    #[test]
    fn requests_of_other_routes_and_apps_are_not_met() {
        let hits = [RouteHit { route: "members", ..hit(1, None) }, RouteHit { app: AppIndex(1), ..hit(1, None) }];
        check(fault(Begins::Nth(1, 1)), &hits, &[false, false]);
    }

    #[test]
    fn only_a_kill_without_after_holds_the_answer_back() {
        let bite = |fault: ProcessFault| Armed { fault, met: 0 }.meet(&hit(1, None)).unwrap();
        let after = Some(Duration::from_millis(100));
        let kill = fault(Begins::Nth(1, 1));
        assert_eq!(bite(kill.clone()), Bite { delivery: AnswerDelivery::Withhold, after: Duration::ZERO });
        let delivered = |after| Bite { delivery: AnswerDelivery::Deliver, after };
        let wiped = ProcessFault { kind: ProcessFaultKind::WipeState, ..kill.clone() };
        assert_eq!(bite(wiped).delivery, AnswerDelivery::Withhold);
        assert_eq!(bite(ProcessFault { after, ..kill.clone() }), delivered(Duration::from_millis(100)));
        assert_eq!(bite(ProcessFault { kind: ProcessFaultKind::Stop, ..kill }), delivered(Duration::ZERO));
    }

    /// What is told of faults that meet these hits, in order.
    fn heard(faults: &[ProcessFault], ends: Option<SimTime>, hits: &[RouteHit]) -> Vec<(usize, SimTime)> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::clone(&heard);
        let armed =
            ArmedFaults::new(faults, ends, Box::new(move |at, _, index| tell.lock().unwrap().push((index, at))));
        for hit in hits {
            assert_eq!(armed.before_answer(hit), AnswerDelivery::Deliver);
        }
        let heard = heard.lock().unwrap();
        heard.clone()
    }

    #[test]
    fn of_a_bite_it_is_told_when_it_comes_to_pass() {
        let after = Some(Duration::from_secs(5));
        let at_a_moment = ProcessFault { route: None, ..fault(Begins::Time(t(30))) };
        let faults = [at_a_moment, ProcessFault { after, ..fault(Begins::Nth(2, 2)) }];
        assert_eq!(heard(&faults, Some(t(100)), &[hit(1, None), hit(2, None)]), [(0, t(30)), (1, t(7))]);
    }

    #[test]
    fn no_fault_outlives_the_story() {
        let faults = [ProcessFault { after: Some(Duration::ZERO), ..fault(Begins::Nth(1, 1)) }];
        assert_eq!(heard(&faults, Some(t(1)), &[hit(1, None)]), []);
        assert_eq!(
            heard(&faults, None, &[hit(1, None)]),
            [(0, t(1))],
            "under a wall clock it lies behind from the start"
        );
    }
}
