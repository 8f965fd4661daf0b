//! The faults of a scenario, armed.

use std::time::Duration;

use crate::journal::AppliedFault;
use crate::scenario::{AppIndex, Begins, Fault, FaultKind, Lasts};
use crate::time::SimTime;

/// A request, as faults see it.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// Instance asked.
    pub app: AppIndex,
    /// Route name without the instance.
    pub route: &'static str,
    /// Page of the walk that is asked for, from 1, on routes that page.
    pub page: Option<u32>,
    /// Whether the route wants an access token.
    pub wants_token: bool,
    /// Simulated time.
    pub now: SimTime,
    /// How long its connection was idle before it; none on a new one, and where connections are not watched.
    pub idle: Option<Duration>,
    /// How many records a page is asked to hold (`limit`), where the request says so.
    pub limit: Option<u32>,
    /// Whether the client says that it unpacks what is packed with gzip.
    pub takes_gzip: bool,
    /// Who asks whom.
    pub course: Course,
}

/// Who asks whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// The stack asks the vendor.
    Request,
    /// The stack opens a connection on which the vendor shows a certificate. Only bad certificates meet it.
    Handshake,
    /// The vendor delivers to the stack. Only faults that name the webhook's route meet it.
    Delivery,
    /// The same to a receiver that has no key: there is nothing to forge.
    UnsignedDelivery,
}

/// A fault that meets a request.
#[derive(Clone, Debug)]
pub struct Bite {
    /// What goes wrong.
    pub kind: FaultKind,
    /// When it is over, for faults that last some time.
    pub until: Option<SimTime>,
    /// For the journal.
    pub applied: AppliedFault,
}

/// The faults of a scenario with what has become of them, and those that somebody has armed since.
#[derive(Debug, Default)]
pub struct FaultPlan {
    armed: Vec<Armed>,
    /// How many were ever armed.
    numbered: u32,
    /// Faults end with the story.
    ends: Option<SimTime>,
}

/// What has become of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number among all that were ever armed, from 1.
    pub number: u32,
    /// Its kind.
    pub kind: &'static str,
    /// Its line in the scenario; 0 for one that was armed by hand.
    pub line: u32,
    /// How often it has bitten.
    pub bites: u32,
}

#[derive(Debug)]
struct Armed {
    number: u32,
    fault: Fault,
    seen: u32,
    bites: u32,
    begun: Option<SimTime>,
}

impl FaultPlan {
    /// Arms the faults of a scenario; from `ends` on none bites.
    pub fn new(faults: &[Fault], ends: Option<SimTime>) -> Self {
        let mut plan = Self { armed: Vec::new(), numbered: 0, ends };
        for fault in faults {
            plan.arm(fault.clone());
        }
        plan
    }

    /// Arms one more, after those that were written: it counts requests from now on. Its number.
    pub fn arm(&mut self, fault: Fault) -> u32 {
        self.numbered += 1;
        self.armed.push(Armed { number: self.numbered, fault, seen: 0, bites: 0, begun: None });
        self.numbered
    }

    /// Disarms the fault of that number; says whether there was one.
    pub fn disarm(&mut self, number: u32) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.number != number);
        self.armed.len() < before
    }

    /// Disarms all.
    pub fn disarm_all(&mut self) {
        self.armed.clear();
    }

    /// The fault that meets this request: of several, the first written.
    pub fn meet(&mut self, hit: &Hit) -> Option<Bite> {
        if self.ends.is_some_and(|ends| hit.now >= ends) {
            return None;
        }
        let mut bite = None;
        for armed in &mut self.armed {
            // Each fault counts its own requests, also while another one bites.
            let meets = armed.meets(hit);
            if meets && bite.is_none() {
                bite = Some(armed.bite(hit.now));
            }
        }
        bite
    }

    /// What has become of each, in the order in which they were armed.
    pub fn told(&self) -> Vec<Told> {
        let told = |armed: &Armed| Told {
            number: armed.number,
            kind: armed.fault.kind.name(),
            line: armed.fault.at.line,
            bites: armed.bites,
        };
        self.armed.iter().map(told).collect()
    }

    /// Whether a fault may ever meet the connections of an instance.
    pub fn meets_connections(&self, app: AppIndex) -> bool {
        let shown = |fault: &Fault| matches!(fault.kind, FaultKind::BadCertificate { .. });
        self.armed.iter().any(|a| shown(&a.fault) && a.fault.route.as_ref().is_some_and(|route| route.app == app))
    }

    /// Notes that the fault written at `line` has bent so many records in all.
    pub fn note_records(&mut self, line: u32, records: u32) {
        if let Some(armed) = self.armed.iter_mut().find(|a| a.fault.at.line == line) {
            armed.bites = armed.bites.max(records);
        }
    }
}

impl Armed {
    fn meets(&mut self, hit: &Hit) -> bool {
        let Some(pattern) = &self.fault.route else { return false };
        let shown = matches!(self.fault.kind, FaultKind::BadCertificate { .. });
        let means = match (pattern.route.as_deref(), hit.course) {
            (_, Course::Handshake) => shown,
            (Some(route), _) => route == hit.route,
            (None, course) => course == Course::Request && !shown,
        };
        if pattern.app != hit.app || !means {
            return false;
        }
        let strikes_tokens = matches!(self.fault.kind, FaultKind::ExpireToken | FaultKind::RevokeGrant);
        if strikes_tokens && !hit.wants_token {
            return false;
        }
        if matches!(self.fault.kind, FaultKind::Gzip { .. }) && !hit.takes_gzip {
            return false;
        }
        if let FaultKind::LargePage { most } = self.fault.kind
            && hit.limit.is_none_or(|limit| limit <= most)
        {
            return false;
        }
        if let FaultKind::IdleClose { after } = self.fault.kind
            && hit.idle.is_none_or(|idle| idle < after)
        {
            return false;
        }
        if matches!(self.fault.kind, FaultKind::Forge { .. }) && hit.course == Course::UnsignedDelivery {
            return false;
        }
        self.seen += 1;
        let begun = self.begun.is_some()
            || match self.fault.begins {
                Begins::Nth(first, _) => self.seen >= first,
                Begins::Page(page) => hit.page == Some(page),
                Begins::Time(at) => hit.now >= at,
                Begins::Always => true,
            };
        if !begun {
            return false;
        }
        let since = *self.begun.get_or_insert(match self.fault.begins {
            Begins::Time(at) => at,
            _ => hit.now,
        });
        match (self.fault.lasts, self.fault.begins) {
            (Lasts::For(duration), _) => hit.now < since + duration,
            (Lasts::Requests(times), Begins::Nth(first, last)) => {
                self.seen <= last.max(first.saturating_add(times - 1))
            }
            (Lasts::Requests(times), _) => self.bites < times,
            (Lasts::Always, _) => true,
        }
    }

    fn bite(&mut self, now: SimTime) -> Bite {
        self.bites += 1;
        let until = match self.fault.lasts {
            Lasts::For(duration) => Some(self.begun.unwrap_or(now) + duration),
            _ => None,
        };
        let applied = AppliedFault { kind: self.fault.kind.name().to_owned(), line: self.fault.at.line };
        Bite { kind: self.fault.kind.clone(), until, applied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Position, RoutePattern};

    fn fault(begins: Begins, lasts: Lasts) -> Fault {
        Fault {
            kind: FaultKind::Hang,
            route: Some(RoutePattern { app: AppIndex(0), route: Some("audit_log".to_owned()) }),
            begins,
            lasts,
            app: None,
            records: Vec::new(),
            at: Position { line: 9, column: 5 },
        }
    }

    fn hit(s: i64, page: Option<u32>) -> Hit {
        let now = SimTime::from_ms(s * 1_000);
        let (route, course) = ("audit_log", Course::Request);
        let app = AppIndex(0);
        Hit { app, route, page, wants_token: true, now, idle: None, limit: Some(100), takes_gzip: true, course }
    }

    #[track_caller]
    fn check(begins: Begins, lasts: Lasts, hits: &[Hit], expected: &[bool]) {
        let mut plan = FaultPlan::new(&[fault(begins, lasts)], None);
        let met: Vec<bool> = hits.iter().map(|h| plan.meet(h).is_some()).collect();
        assert_eq!(met, expected, "{begins:?} {lasts:?}");
    }

    #[test]
    fn the_nth_request_is_met_and_so_many_after_it() {
        let hits = [1, 2, 3, 4].map(|s| hit(s, None));
        check(Begins::Nth(2, 2), Lasts::Requests(1), &hits, &[false, true, false, false]);
        check(Begins::Nth(2, 2), Lasts::Requests(2), &hits, &[false, true, true, false]);
        check(Begins::Nth(2, 4), Lasts::Requests(1), &hits, &[false, true, true, true]);
    }

    #[test]
    fn a_page_is_met_the_first_time_a_walk_asks_for_it() {
        let hits = [hit(1, Some(1)), hit(2, Some(2)), hit(3, Some(2)), hit(4, Some(3))];
        check(Begins::Page(2), Lasts::Requests(1), &hits, &[false, true, false, false]);
    }

    #[test]
    fn a_time_of_outage_is_met_while_it_lasts() {
        let hits = [9, 10, 14, 15].map(|s| hit(s, None));
        let lasts = Lasts::For(Duration::from_secs(5));
        check(Begins::Time(SimTime::from_ms(10_000)), lasts, &hits, &[false, true, true, false]);
    }

    #[test]
    fn of_two_faults_the_first_written_wins_and_both_count() {
        let faults = [fault(Begins::Nth(1, 1), Lasts::Requests(1)), fault(Begins::Nth(1, 1), Lasts::Requests(2))];
        let mut plan = FaultPlan::new(&faults, None);
        plan.meet(&hit(1, None));
        plan.meet(&hit(2, None));
        let told: Vec<_> =
            plan.told().into_iter().map(|told| (told.number, told.kind, told.line, told.bites)).collect();
        assert_eq!(told, [(1, "hang", 9, 1), (2, "hang", 9, 1)]);
    }

    #[test]
    fn what_is_armed_later_counts_from_then_on_until_it_is_disarmed() {
        let mut plan = FaultPlan::new(&[fault(Begins::Nth(1, 1), Lasts::Requests(1))], None);
        plan.meet(&hit(1, None));
        let number = plan.arm(fault(Begins::Nth(1, 1), Lasts::Requests(9)));
        assert!(plan.meet(&hit(2, None)).is_some());
        assert!(plan.disarm(number) && !plan.disarm(number));
        assert!(plan.meet(&hit(3, None)).is_none());
        assert_eq!(plan.arm(fault(Begins::Nth(1, 1), Lasts::Requests(1))), 3, "a number is given once");
    }

    #[test]
    fn no_fault_outlives_the_story() {
        let mut plan = FaultPlan::new(&[fault(Begins::Nth(1, 1), Lasts::Requests(1))], Some(SimTime::from_ms(500)));
        assert!(plan.meet(&hit(1, None)).is_none());
    }

    #[test]
    fn a_fault_of_tokens_waits_for_a_request_that_has_one() {
        let kind = FaultKind::ExpireToken;
        let mut plan = FaultPlan::new(&[Fault { kind, ..fault(Begins::Nth(1, 1), Lasts::Requests(1)) }], None);
        assert!(plan.meet(&Hit { wants_token: false, ..hit(1, None) }).is_none());
        assert!(plan.meet(&hit(2, None)).is_some());
    }

    #[test]
    fn a_fault_of_all_routes_of_an_app_means_no_deliveries() {
        let webhook = Hit { route: "webhook", course: Course::Delivery, ..hit(1, None) };
        let pattern = |route: Option<&str>| RoutePattern { app: AppIndex(0), route: route.map(str::to_owned) };
        for (route, met) in [(None, false), (Some("webhook"), true)] {
            let fault = Fault { route: Some(pattern(route)), ..fault(Begins::Nth(1, 1), Lasts::Requests(1)) };
            assert_eq!(FaultPlan::new(&[fault], None).meet(&webhook).is_some(), met, "{route:?}");
        }
    }

    #[test]
    fn what_nobody_signs_is_not_forged() {
        let kind = FaultKind::Forge { signature: crate::scenario::ForgedSignature::Wrong };
        let mut plan = FaultPlan::new(&[Fault { kind, ..fault(Begins::Nth(1, 1), Lasts::Requests(1)) }], None);
        assert!(plan.meet(&Hit { course: Course::UnsignedDelivery, ..hit(1, None) }).is_none());
        assert!(plan.meet(&Hit { course: Course::Delivery, ..hit(2, None) }).is_some());
    }

    #[test]
    fn a_packed_body_is_for_those_who_unpack_it() {
        let kind = FaultKind::Gzip { form: crate::scenario::Packing::Whole };
        let mut plan = FaultPlan::new(&[Fault { kind, ..fault(Begins::Nth(1, 1), Lasts::Requests(1)) }], None);
        assert!(plan.meet(&Hit { takes_gzip: false, ..hit(1, None) }).is_none());
        assert!(plan.meet(&hit(2, None)).is_some());
    }

    #[test]
    fn a_page_is_too_large_for_who_asks_for_more_than_is_given() {
        let kind = FaultKind::LargePage { most: 25 };
        for (limit, met) in [(None, false), (Some(25), false), (Some(26), true), (Some(100), true)] {
            let fault = Fault { kind: kind.clone(), ..fault(Begins::Nth(1, 1), Lasts::Requests(1)) };
            let mut plan = FaultPlan::new(&[fault], None);
            assert_eq!(plan.meet(&Hit { limit, ..hit(1, None) }).is_some(), met, "{limit:?}");
        }
    }

    #[test]
    fn a_connection_is_stale_that_was_used_before_and_idle_for_so_long() {
        let kind = FaultKind::IdleClose { after: Duration::from_secs(5) };
        for (idle_s, met) in [(None, false), (Some(4), false), (Some(5), true), (Some(3_600), true)] {
            let fault = Fault { kind: kind.clone(), ..fault(Begins::Nth(1, 1), Lasts::Requests(1)) };
            let hit = Hit { idle: idle_s.map(Duration::from_secs), ..hit(1, None) };
            assert_eq!(FaultPlan::new(&[fault], None).meet(&hit).is_some(), met, "{idle_s:?}");
        }
    }

    #[test]
    fn bad_certificates_meet_connections_and_nothing_else_does() {
        let whole_app = Some(RoutePattern { app: AppIndex(0), route: None });
        let bad = FaultKind::BadCertificate { flaw: crate::scenario::Flaw::Expired };
        let handshake = Hit { course: Course::Handshake, ..hit(1, None) };
        for (kind, of_connections) in [(FaultKind::Hang, false), (bad, true)] {
            let begins = fault(Begins::Nth(1, 1), Lasts::Requests(1));
            let mut plan = FaultPlan::new(&[Fault { kind, route: whole_app.clone(), ..begins }], None);
            assert_eq!(plan.meets_connections(AppIndex(0)), of_connections);
            assert_eq!(plan.meet(&handshake).is_some(), of_connections);
            assert_eq!(plan.meet(&hit(2, None)).is_some(), !of_connections);
        }
    }

    #[test]
    fn other_routes_are_not_met() {
        let mut plan = FaultPlan::new(&[fault(Begins::Nth(1, 1), Lasts::Requests(1))], None);
        assert!(plan.meet(&Hit { route: "members", ..hit(1, None) }).is_none());
        assert!(plan.meet(&Hit { app: AppIndex(1), ..hit(1, None) }).is_none());
    }
}
