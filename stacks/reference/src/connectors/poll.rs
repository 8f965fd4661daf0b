//! One poll of one connection: the user lists first, where they are due, then the logs.
//!
//! Of each log a poll reads from `look_back` before its checkpoint up to now, in slices of a day. Each page is one transaction:
//! its events, what they mean together, and with the last page the new checkpoint. The checkpoint follows the windows
//! asked for, never the events' own times, so neither silence nor a record from the future can move it wrongly.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::connection::Connection;
use super::health::{Step, Steps};
use super::walk::{Remaining, Walk};
use super::{Log, Source};
use crate::api::Trouble;
use crate::bug::{Bug, misplaced, planted, spoilt};
use crate::connections::App;
use crate::state::{Kind, StateError, Tx};

/// The longest stretch of a log asked for at once.
const SLICE: SignedDuration = SignedDuration::from_hours(24);

/// The first page of a log between two moments.
type First = fn(&App, Timestamp, Timestamp) -> Option<Url>;

impl Connection {
    /// Reads all there is to read, and hands back how each step went.
    pub(super) async fn poll(&self) -> Result<Steps, Trouble> {
        let mut steps = Steps::default();
        // What the events are weighed by has to be as new as they are.
        if let Some(lists) = &self.intake.rules.geo.lists {
            lists.read(&self.api.http).await;
        }
        // Where events are sent, each moment without a subscription loses some for good.
        if let Some((log, push)) = self.intake.connector.pushed() {
            steps.note(Step::Subscription, self.keep_subscribed(log, push).await)?;
        }
        // Users are wanted first, to know whose events these are; but events without users beat neither.
        if planted(Bug::AuthRefreshRace) || planted(Bug::HttpConcurrentLimit) {
            let now = self.api.clock().now();
            let mut events = Steps::default();
            let (users, read) = tokio::join!(self.scan_users(now), self.read_logs(&mut events));
            steps.note(Step::Users, users)?;
            return read.map(|()| steps.and(events));
        }
        let users = self.scan_users_if_due().await;
        let goes_on = users.is_ok() || !planted(Bug::StateOneStreamKillsAll);
        steps.note(Step::Users, users)?;
        if !goes_on {
            return Ok(steps);
        }
        steps.note(Step::Departures, self.read_departures().await)?;
        steps.note(Step::Grants, self.read_grants_if_due().await)?;
        self.read_logs(&mut steps).await?;
        Ok(steps)
    }

    /// Reads every log that has to be asked for. What is wrong with one keeps nobody from the others.
    async fn read_logs(&self, steps: &mut Steps) -> Result<(), Trouble> {
        for log in self.intake.connector.logs {
            if let Source::Pulled { retention, first } = log.source {
                steps.note(Step::Events(log.name), self.read_log(log, retention, first).await)?;
            }
        }
        Ok(())
    }

    /// Reads a log up to now. A page that tells of somebody new has the user lists read before it is taken; where they
    /// cannot be, the next poll is told of it, which reads them first.
    async fn read_log(&self, log: &Log, retention: SignedDuration, first: First) -> Result<(), Trouble> {
        let now = self.api.clock().now();
        let midnight = Timestamp::from_second(now.as_second() / 86_400 * 86_400).unwrap_or(now);
        let until = spoilt(now, Bug::TimeDayExclusiveEnd, midnight);
        let mut from = self.first_unread(log, until, retention)?;
        let mut held = Vec::new();
        while from < until {
            let slice = spoilt(SLICE, Bug::TimeWindowTooWide, SignedDuration::from_hours(24 * 365));
            let to = (from + slice).min(until);
            let shift = spoilt(SignedDuration::ZERO, Bug::TimeDstFold, SignedDuration::from_hours(-5));
            let first = first(&self.app, from + shift, to + shift);
            let first = first.ok_or(Trouble::Nonsense("the log has no address"))?;
            let first = self.intake.connector.asked_by(&self.intake.rules.habits, &first);
            let mut walk = Walk::new(&self.api, self.intake.connector, &first, None);
            let missed = |trouble| match planted(Bug::TimeErrorPollMoves) {
                true => self.take_page(log, &[], Remaining::None, to).map_err(Trouble::from).and(Err(trouble)),
                false => Err(trouble),
            };
            while let Some((records, remaining)) = walk.page().await.or_else(missed)? {
                if self.api.state.write(|tx| self.intake.tells_of_users(tx, log, &records))? {
                    let users = self.scan_users(self.api.clock().now()).await;
                    if !is_borne(&users) {
                        return users;
                    }
                }
                if planted(Bug::PageMemoryAll) {
                    held.extend(records);
                    continue;
                }
                self.take_page(log, &records, remaining, to)?;
            }
            from = to;
        }
        if planted(Bug::PageMemoryAll) {
            self.take_page(log, &held, Remaining::None, until)?;
        }
        Ok(())
    }

    /// Where this poll begins. What the vendor no longer serves is reported as a gap.
    fn first_unread(&self, log: &Log, now: Timestamp, retention: SignedDuration) -> Result<Timestamp, Trouble> {
        let instance = &self.api.instance;
        let checkpoint = self.api.state.read(|tx| tx.checkpoint(instance, log.name))?;
        let from = match checkpoint {
            Some(checkpoint) => checkpoint.read_until - self.intake.rules.look_back,
            None => {
                let backfill = self.intake.rules.backfill(instance);
                now - spoilt(backfill, Bug::StateResetRefetchAll, SignedDuration::from_hours(24 * 14))
            }
        };
        let from = misplaced(from, checkpoint, now, self.intake.rules.poll_every);
        if planted(Bug::TimeLookbackOverRetention) {
            return Ok(from);
        }
        let served_from = now - retention;
        if let Some(lost_from) = checkpoint.map(|checkpoint| checkpoint.read_until).filter(|at| *at < served_from) {
            self.api.state.write(|tx| self.report_gap(tx, lost_from, served_from))?;
        }
        Ok(from.max(served_from))
    }

    /// Says that what happened between two moments cannot be had any more.
    pub(super) fn report_gap(&self, tx: &Tx<'_>, from: Timestamp, to: Timestamp) -> Result<(), StateError> {
        let body = json!({
            "phase": "degraded", "app": self.api.instance, "reason": "gap",
            "from": from.to_string(), "to": to.to_string(),
        });
        tx.emit(Kind::Status, &body)
    }

    fn take_page(
        &self,
        log: &Log,
        records: &[Value],
        remaining: Remaining,
        read_until: Timestamp,
    ) -> Result<(), StateError> {
        self.api.state.write(|tx| {
            self.intake.take_entries(tx, log, records)?;
            if remaining == Remaining::None || planted(Bug::StateCheckpointBeforeWrite) {
                self.intake.log_read(tx, log, read_until)?;
            }
            Ok(())
        })?;
        self.intake.rules.ordered.send_replace(());
        Ok(())
    }
}

/// Whether the rest of a poll goes on all the same.
fn is_borne(outcome: &Result<(), Trouble>) -> bool {
    matches!(outcome, Ok(()) | Err(Trouble::Vendor(_) | Trouble::Nonsense(_)))
}
