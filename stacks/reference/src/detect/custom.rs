//! A policy of somebody's own: activities that pass a filter, so many in so long a time.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::catalogue;
use super::counted::{self, Threshold};
use super::{Around, Detection, HOUR, Others, Policy, Reach, Subject, Trigger};
use crate::bug::{Bug, planted};
use crate::config::Span;
use crate::connections::Response;
use crate::normalize::EventKind;
use crate::state::events::Kept;

/// The policy as it is written, but for its name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Custom {
    #[serde(default)]
    name: String,
    /// What is done, in the words of the connections document.
    activity: String,
    app: Option<String>,
    result: Option<Ending>,
    /// What it is done to; may end in `*`.
    object: Option<String>,
    /// Whom it is shared with.
    with: Option<String>,
    #[serde(default = "one")]
    at_least: usize,
    #[serde(default = "an_hour")]
    within: Span,
    #[serde(default = "by_actor")]
    per: BTreeSet<Key>,
    /// Whether objects are counted, and not activities.
    #[serde(default)]
    distinct: bool,
    #[serde(flatten)]
    response: Response,
}

/// How a sign-in ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ending {
    Success,
    Failure,
}

/// What is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    Actor,
    App,
    Object,
}

fn one() -> usize {
    1
}

fn an_hour() -> Span {
    Span(SignedDuration::from_hours(1))
}

fn by_actor() -> BTreeSet<Key> {
    BTreeSet::from([Key::Actor])
}

impl Custom {
    /// Whether a policy says what it counts, and so is one of these.
    pub(super) fn is_one(written: &Value) -> bool {
        written["activity"].is_string()
    }

    /// Reads the policy called `name`.
    pub(super) fn read(name: String, written: Value) -> serde_json::Result<Self> {
        Ok(Self { name, ..serde_json::from_value(written)? })
    }

    /// What an event is counted with.
    fn scope(&self, event: &Kept) -> String {
        let by =
            |key: Key, value: Option<&str>| value.filter(|_| self.per.contains(&key)).unwrap_or_default().to_owned();
        json!([by(Key::App, Some(&event.app)), by(Key::Object, event.deed.object.as_deref())]).to_string()
    }
}

impl Detection for Custom {
    fn policy(&self) -> Policy<'_> {
        Policy { name: &self.name, title: &self.name, gap: HOUR, techniques: &[], response: &self.response }
    }

    fn subject(&self) -> Subject {
        if self.per.contains(&Key::Actor) { Subject::Person } else { Subject::Scope }
    }

    fn reach(&self) -> Reach {
        let all = Others::Anywhere(self.within.0);
        let others = if self.per.contains(&Key::Actor) { Others::Nobody } else { all };
        Reach { own: self.within.0, others }
    }

    fn concerns(&self, event: &Kept) -> bool {
        let ending = match event.kind {
            EventKind::FailedSignIn => Ending::Failure,
            EventKind::RefusedPrompt => return false,
            _ => Ending::Success,
        };
        let object = event.deed.object_name.as_deref().or(event.deed.object.as_deref()).unwrap_or_default();
        let is_named = |wanted: &String| match wanted.strip_suffix('*') {
            Some(beginning) => object.starts_with(beginning),
            None => object == wanted,
        };
        catalogue::is_called(event, &self.activity)
            && self.app.as_ref().is_none_or(|app| *app == event.app)
            && self.result.is_none_or(|wanted| wanted == ending)
            && self.object.as_ref().is_none_or(is_named)
            && self.with.as_deref().is_none_or(|wanted| catalogue::shared_with(event) == Some(wanted))
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let scope = self.scope(fresh);
        let events = if self.per.contains(&Key::Actor) { &around.own } else { &around.others };
        let alike = |event: &&Kept| self.concerns(event) && self.scope(event) == scope;
        let events: Vec<&Kept> = events.iter().filter(alike).collect();
        let measure = if self.distinct && !planted(Bug::CustomCountsAll) { counted::objects } else { counted::each };
        let threshold = Threshold { at_least: self.at_least, within: self.within.0 };
        let mut triggers = threshold.met(fresh, &events, &scope, measure);
        if planted(Bug::TumblingWindow) {
            let bin = |event: &Kept| event.at.as_second().div_euclid(self.within.0.as_secs().max(1));
            triggers.retain(|trigger| {
                let last = trigger.evidence.last().map(bin);
                trigger.evidence.iter().filter(|event| Some(bin(event)) == last).count() >= self.at_least
            });
        }
        triggers
    }
}
