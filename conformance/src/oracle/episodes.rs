//! Triggers become alerts: sorted by time, with a new episode when one comes more than the definition's gap after the last.

use std::time::Duration;

use simulator::scenario::AppIndex;
use simulator::time::SimTime;
use simulator::world::PersonIndex;

use super::{Owed, Seen};

/// An episode ends this long after its last trigger, unless the definition says otherwise.
pub(super) const GAP: Duration = Duration::from_secs(3_600);

/// A definition came true.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// When the deciding event happened.
    pub at: SimTime,
    /// When the last record it needs was readable.
    pub available_at: SimTime,
    /// The records it rests on: instance and the vendor's event id.
    pub evidence: Vec<(String, String)>,
}

/// Triggers of one principal that make one alert, in order of time.
#[derive(Clone, Debug)]
pub struct Episode<'a> {
    actor: PersonIndex,
    app: Option<AppIndex>,
    triggers: Vec<Vec<&'a Seen>>,
    /// How long after its last record each of them can be known.
    settled_after: Duration,
}

impl<'a> Episode<'a> {
    /// Groups triggers of one principal, each the records that it rests on.
    pub fn group(actor: PersonIndex, app: Option<AppIndex>, triggers: Vec<Vec<&'a Seen>>) -> Vec<Self> {
        Self::group_within(GAP, actor, app, triggers)
    }

    /// The same, where another silence ends an episode.
    pub fn group_within(
        gap: Duration,
        actor: PersonIndex,
        app: Option<AppIndex>,
        mut triggers: Vec<Vec<&'a Seen>>,
    ) -> Vec<Self> {
        triggers.sort_by_key(|t| (last(t), available(t)));
        let mut episodes: Vec<Self> = Vec::new();
        for trigger in triggers {
            let goes_on = |e: &&mut Self| e.triggers.last().is_some_and(|t| last(&trigger).since(last(t)) <= gap);
            match episodes.last_mut().filter(goes_on) {
                Some(episode) => episode.triggers.push(trigger),
                None => episodes.push(Self { actor, app, triggers: vec![trigger], settled_after: Duration::ZERO }),
            }
        }
        episodes
    }

    /// Groups triggers that are about nobody in particular: each alert is about whoever did the last of what it began with.
    pub(super) fn campaign(gap: Duration, triggers: Vec<Vec<&'a Seen>>) -> Vec<Self> {
        let mut episodes = Self::group_within(gap, PersonIndex(0), None, triggers);
        for episode in &mut episodes {
            let decided = episode.triggers.first().and_then(|trigger| trigger.last());
            episode.actor = decided.expect("a trigger rests on records").activity.actor;
        }
        episodes
    }

    /// The same, where something must not have happened for so long a time.
    pub(super) fn decided_after(self, settled_after: Duration) -> Self {
        Self { settled_after, ..self }
    }

    /// The alert that this episode owes.
    pub(super) fn owed(&self, policy: &str) -> Owed {
        let mut evidence: Vec<&Seen> = self.triggers.iter().flatten().copied().collect();
        evidence.sort_by_key(|s| (s.activity.occurred, &s.record.event_id, s.record.log));
        evidence.dedup_by_key(|s| (s.record.log, &s.record.event_id));
        let trigger = |t: &Vec<&Seen>| Trigger {
            at: last(t),
            available_at: available(t) + self.settled_after,
            evidence: t.iter().map(|s| s.cite()).collect(),
        };
        let triggers: Vec<Trigger> = self.triggers.iter().map(trigger).collect();
        let first = triggers.first().expect("an episode has a trigger");
        Owed {
            policy: policy.to_owned(),
            actor: self.actor,
            app: self.app,
            decided_at: first.at,
            // Of several that came true at the same instant (an app's record and the directory's of one sign-in), the
            // one that can be read first suffices; they are sorted so.
            available_at: first.available_at,
            waits: self.settled_after,
            first: evidence.first().map_or(first.at, |s| s.activity.occurred),
            last: evidence.last().map_or(first.at, |s| s.activity.occurred),
            attack: evidence.iter().find_map(|s| s.activity.attack),
            evidence: evidence.iter().map(|s| s.cite()).collect(),
            triggers,
        }
    }
}

fn last(trigger: &[&Seen]) -> SimTime {
    trigger.iter().map(|s| s.activity.occurred).max().expect("a trigger rests on records")
}

fn available(trigger: &[&Seen]) -> SimTime {
    trigger.iter().map(|s| s.record.available).max().expect("a trigger rests on records")
}
