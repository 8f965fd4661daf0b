//! What the scenario did to keep the stack from reading a log, and when it no longer stood in the way.
//!
//! | hindrance | is over |
//! |---|---|
//! | a fault met a request for the log, or for a token, and the request gave nothing | when the answer had come; when the pause that it asked for is over; when the fault is over, if it lasts some time: the last of these |
//! | the app lets only some addresses in, and not the stack's | when it had said so |
//! | the process was not there: not started yet, killed, stopped | when it is ready |
//!
//! A fault that met nobody kept nobody, and neither did one that a request got past: a slow answer, a page that was packed.

use std::time::Duration;

use simulator::journal::Entry;
use simulator::protocol::exchange::Access;
use simulator::scenario::{Begins, Lasts};
use simulator::time::SimTime;
use simulator::vendors;

use super::Facts;
use super::served::{ASTRAY, is_shut_out, is_the_stacks};

impl Facts<'_> {
    /// The last moment in `from..=read` at which the scenario kept the stack from reading a log: `from` where it never did.
    pub fn kept_until(&self, app: &str, log: &str, from: SimTime, read: SimTime) -> SimTime {
        let requests = self.recording.journal.iter().filter(|e| e.at <= read && self.opens(e, app, log));
        let over = requests.filter_map(|entry| self.hindrance_over(entry));
        let ready = self.lives().into_iter().map(|(ready, _)| ready).filter(|ready| *ready <= read);
        over.chain(ready).map(|over| over.min(read)).max().map_or(from, |last| last.max(from))
    }

    /// Whether an exchange is one of the stack's for a log of an instance, or for what opens it.
    fn opens(&self, entry: &Entry, app: &str, log: &str) -> bool {
        let Some(vendor) = self.vendor(app).filter(|_| entry.app == app && is_the_stacks(entry)) else { return false };
        let name = entry.route.strip_prefix(app).and_then(|rest| rest.strip_prefix('.'));
        let mut routes = vendors::spec(vendor).routes.iter().filter(|route| Some(route.name) == name);
        routes.any(|route| route.feed == Some(log) || route.access == Access::Public)
    }

    /// When a hindrance that met an exchange was over; none if there was none.
    fn hindrance_over(&self, entry: &Entry) -> Option<SimTime> {
        let Some(fault) = &entry.fault else { return is_shut_out(entry).then_some(entry.ended) };
        if self.is_fine(entry) && !ASTRAY.contains(&fault.kind.as_str()) {
            return None;
        }
        let pause = entry.retry_after_s.and_then(|s| Duration::try_from_secs_f64(s.max(0.0)).ok()).unwrap_or_default();
        let lasts = self.fault_over(fault.line).unwrap_or(entry.ended);
        Some(lasts.max(entry.ended + pause))
    }

    /// When the fault of a line of the scenario was over, if it lasts for some time: with the story at the latest.
    fn fault_over(&self, line: u32) -> Option<SimTime> {
        let fault = self.script.scenario.faults.iter().find(|fault| fault.at.line == line)?;
        let Lasts::For(duration) = fault.lasts else { return None };
        let first_bite = || {
            let bites = self.recording.journal.iter().filter(|e| e.fault.as_ref().is_some_and(|f| f.line == line));
            bites.map(|entry| entry.at).min()
        };
        let begun = if let Begins::Time(at) = fault.begins { at } else { first_bite()? };
        Some((begun + duration).min(self.recording.story_ended))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use simulator::journal::Refusal;
    use simulator::scenario::{AppIndex, Fault, FaultKind, Position, RoutePattern};

    use super::*;
    use crate::observe::example::Example;
    use crate::recording::{ProcessEvent, ProcessWhat};

    /// Until when the log of Miro is kept from the stack, of what can be read at 9:00 and was read at 14:00.
    fn kept(run: &Example) -> String {
        let facts = run.facts();
        let kept = facts.kept_until("miro", "audit_log", run.at("day 1 09:00"), run.at("day 1 14:00"));
        facts.spell(kept)
    }

    /// A request that a fault of that kind met.
    fn met(route: &str, at: &str, status: u16, kind: &str) -> Example {
        let mut run = Example::quiet();
        let fault = run.fault(kind, 1);
        run.exchange(route, at, status).fault = Some(fault);
        run
    }

    /// The scenario's fault that the exchanges of [`met`] tell of, with its begin and length.
    fn lasting(run: &mut Example, begins: Begins, hours: u64) {
        let kind = FaultKind::Hang;
        let route = Some(RoutePattern { app: AppIndex(0), route: Some("audit_log".to_owned()) });
        let (lasts, at) = (Lasts::For(Duration::from_secs(3600 * hours)), Position { line: 12, column: 5 });
        let fault = Fault { kind, route, begins, lasts, app: None, records: Vec::new(), at };
        Arc::get_mut(&mut run.script.scenario).unwrap().faults.push(fault);
    }

    #[test]
    fn each_fault_keeps_a_log_back_until_it_stands_in_nobodys_way() {
        #[rustfmt::skip]
        let cases = [
            // route              at             status  fault            kept until
            ("miro.audit_log",    "day 1 10:00", 503,    "error",         "day 1 10:00:00"),
            ("miro.token",        "day 1 10:00", 503,    "error",         "day 1 10:00:00"),
            ("miro.audit_log",    "day 1 10:00", 200,    "lose_answer",   "day 1 10:00:00"),
            ("miro.audit_log",    "day 1 10:00", 200,    "empty_page",    "day 1 10:00:00"),
            // It got past these.
            ("miro.audit_log",    "day 1 10:00", 200,    "slow",          "day 1 09:00:00"),
            ("miro.audit_log",    "day 1 10:00", 200,    "gzip",          "day 1 09:00:00"),
            // Before the record was there, after it was read, another log, another app.
            ("miro.audit_log",    "day 1 08:00", 503,    "error",         "day 1 09:00:00"),
            ("miro.audit_log",    "day 1 14:01", 503,    "error",         "day 1 09:00:00"),
            ("miro.members",      "day 1 10:00", 503,    "error",         "day 1 09:00:00"),
            ("entra.sign_ins",    "day 1 10:00", 503,    "error",         "day 1 09:00:00"),
        ];
        for (route, at, status, kind, expected) in cases {
            assert_eq!(kept(&met(route, at, status, kind)), expected, "{kind} of {route} at {at}");
        }
    }

    #[test]
    fn a_pause_and_the_length_of_a_fault_count_and_never_beyond_the_reading() {
        let mut paused = met("miro.audit_log", "day 1 10:00", 429, "throttle");
        paused.recording.journal[0].retry_after_s = Some(7_200.0);
        assert_eq!(kept(&paused), "day 1 12:00:00");
        for (begins, hours, expected) in [
            (Begins::Nth(1, 1), 1, "day 1 11:00:00"),
            (Begins::Page(1), 2, "day 1 11:00:00"), // the story is over by then
            (Begins::Always, 0, "day 1 10:00:00"),
        ] {
            let mut run = met("miro.audit_log", "day 1 10:00", 503, "hang");
            lasting(&mut run, begins, hours);
            assert_eq!(kept(&run), expected, "{begins:?}");
        }
        let mut down = met("miro.audit_log", "day 1 08:00", 503, "hang");
        let begins = Begins::Time(down.at("day 1 07:30"));
        lasting(&mut down, begins, 3);
        assert_eq!(kept(&down), "day 1 10:30:00", "it met a request before the record was there");
        down.recording.story_ended = down.at("day 2 00:00");
        down.script.scenario = Arc::new((*down.script.scenario).clone());
        down.scenario().faults.clear();
        lasting(&mut down, begins, 12);
        assert_eq!(kept(&down), "day 1 14:00:00");
    }

    #[test]
    fn a_fault_that_met_nobody_keeps_nobody() {
        let mut run = Example::quiet();
        let begins = Begins::Time(run.at("day 1 09:30"));
        lasting(&mut run, begins, 1);
        run.poll("day 1 12:00", &[]);
        assert_eq!(kept(&run), "day 1 09:00:00");
    }

    #[test]
    fn a_process_that_is_not_there_reads_nothing_until_it_is_ready() {
        let mut run = Example::quiet();
        run.wiped("day 1 12:30");
        assert_eq!(kept(&run), "day 1 12:40:00");
        let (down, up) = (run.at("day 1 13:00"), run.at("day 1 13:30"));
        for (at, what) in [(down, ProcessWhat::ToldToStop), (up, ProcessWhat::Started), (up, ProcessWhat::Ready)] {
            run.recording.process.push(ProcessEvent { at, what });
        }
        run.recording.process.sort_by_key(|event| event.at);
        assert_eq!(kept(&run), "day 1 13:30:00");
    }

    #[test]
    fn whom_an_allow_list_leaves_out_is_kept_out() {
        let mut run = Example::quiet();
        run.exchange("miro.audit_log", "day 1 10:00", 403).notes.refusal = Some(Refusal::Address);
        assert_eq!(kept(&run), "day 1 10:00:00");
    }
}
