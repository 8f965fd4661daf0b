//! `clock`: how wrong the clocks of the apps are.

use crate::scenario::{AppIndex, Begins, Fault, FaultKind, Lasts};
use crate::time::SimTime;

/// The clock faults of a scenario.
#[derive(Clone, Debug, Default)]
pub(crate) struct Skews(Vec<Fault>);

/// A wrong clock at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skew {
    /// How far it is ahead, microseconds.
    pub(crate) us: i64,
    /// Line of the fault; none where the clock is right.
    pub(crate) line: Option<u32>,
}

impl Skews {
    pub(crate) fn of(faults: &[Fault]) -> Self {
        let clocks = faults.iter().filter(|f| matches!(f.kind, FaultKind::Clock { .. }));
        Self(clocks.cloned().collect())
    }

    /// How wrong the clock of `app` is at `at`, true time: by the first fault written that concerns it.
    pub(crate) fn at(&self, app: AppIndex, at: SimTime) -> Skew {
        let concerns = |f: &&Fault| f.app.is_none_or(|concerned| concerned == app) && lasts(f).contains(&at);
        self.0.iter().find(concerns).map_or_else(Skew::default, |f| Skew { us: by(f), line: Some(f.at.line) })
    }

    /// The most that any clock is ever wrong, microseconds, either way.
    pub(crate) fn most_us(&self) -> u64 {
        self.0.iter().map(|f| by(f).unsigned_abs()).max().unwrap_or_default()
    }
}

fn by(fault: &Fault) -> i64 {
    if let FaultKind::Clock { by_us } = fault.kind { by_us } else { 0 }
}

/// When a fault that meets no request holds.
pub(crate) fn lasts(fault: &Fault) -> std::ops::Range<SimTime> {
    const ALWAYS: std::ops::Range<SimTime> = SimTime::from_us(i64::MIN)..SimTime::from_us(i64::MAX);
    match (fault.begins, fault.lasts) {
        (Begins::Time(begins), Lasts::For(duration)) => begins..begins + duration,
        (Begins::Time(begins), _) => begins..ALWAYS.end,
        _ => ALWAYS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Position;
    use std::time::Duration;

    #[test]
    fn a_clock_is_wrong_while_the_fault_lasts_and_for_its_app_alone() {
        let t = |s: i64| SimTime::from_ms(s * 1_000);
        let fault = Fault {
            kind: FaultKind::Clock { by_us: -5 },
            route: None,
            begins: Begins::Time(t(10)),
            lasts: Lasts::For(Duration::from_secs(5)),
            app: Some(AppIndex(1)),
            records: Vec::new(),
            at: Position { line: 9, column: 5 },
        };
        let skews = Skews::of(&[fault]);
        for (app, s, expected) in [(1, 9, 0), (1, 10, -5), (1, 14, -5), (1, 15, 0), (0, 12, 0)] {
            assert_eq!(skews.at(AppIndex(app), t(s)).us, expected, "app {app} at {s} s");
        }
        assert_eq!(skews.most_us(), 5);
    }
}
