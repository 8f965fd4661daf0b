//! Which alerts and which actions a scenario allows.
//!
//! An alert of a policy in force is allowed if it rests on an attack on the person it is about; an action, if it is the one
//! written for such an alert. Whatever else is allowed, and what is forbidden, stands under `expect`.

use simulator::scenario::{Policy, Who};

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::observe::governance::Deed;
use crate::oracle::parameters;
use crate::scenario::{Expectation, Kind, What};
use crate::verdict::Finding;

use super::Check;
use super::wanted::{actions, severity_id, whom};

/// How an alert stands with the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Expected, or rests on an attack on the person it is about.
    Allowed,
    /// Its policy is off or has other parameters, or it was shown as suppressed.
    NotJudged,
    /// A `must_not` at this line speaks against it.
    Forbidden(u32),
    /// It rests on what happened to somebody else.
    WrongActor,
    /// It rests on no attack, and nothing allows it.
    FalseAlarm,
}

/// How a call stands with the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Named by an expectation, or the written action of an allowed alert.
    Given,
    /// A `must_not` at this line speaks against it.
    Forbidden(u32),
    /// Nothing names it.
    Missing,
}

impl Facts<'_> {
    /// How an alert stands.
    pub fn standing(&self, alert: &AlertFact) -> Standing {
        if alert.suppressed || self.differs(&alert.policy).is_some() {
            return Standing::NotJudged;
        }
        let admits = |e: &&Expectation| e.what == What::Alert && self.speaks_of(e, alert);
        let speaking: Vec<&Expectation> = self.script.expect.iter().filter(admits).collect();
        let weight =
            |not: bool| speaking.iter().filter(|e| (e.kind == Kind::MustNot) == not).map(|e| particular(e)).max();
        let (yes, no) = (weight(false), weight(true));
        // Of two that speak of one alert, the more particular one decides.
        if no.is_some() && no >= yes {
            let against = speaking.iter().filter(|e| e.kind == Kind::MustNot).max_by_key(|e| particular(e));
            return Standing::Forbidden(against.map_or(0, |e| e.at.line));
        }
        if yes.is_some() {
            return Standing::Allowed;
        }
        self.stands_on_attack(alert)
    }

    fn stands_on_attack(&self, alert: &AlertFact) -> Standing {
        let cited = || alert.records.iter().map(|r| &self.recording.truth[*r]);
        if cited().any(|r| r.attack.is_some() && alert.about(&r.actor)) {
            return Standing::Allowed;
        }
        let expected =
            |step: &String| self.script.expect.iter().any(|e| e.kind == Kind::Must && e.evidence.contains(step));
        let of_interest = cited().any(|r| r.attack.is_some() || r.step.as_ref().is_some_and(expected));
        let of_its_person = cited().any(|r| alert.about(&r.actor));
        if of_interest && (!of_its_person || cited().any(|r| r.attack.is_some())) {
            Standing::WrongActor
        } else {
            Standing::FalseAlarm
        }
    }

    /// Whether an expectation speaks of this alert. What is owed or allowed speaks of every alert that may be its answer,
    /// evidence and severity aside; what is forbidden of those alone that have all it names.
    fn speaks_of(&self, e: &Expectation, alert: &AlertFact) -> bool {
        let cited = |id: &String| alert.records.iter().any(|r| self.recording.truth[*r].step.as_ref() == Some(id));
        self.spread(e).iter().any(|wanted| match e.kind {
            Kind::Must | Kind::May => self.is_answer(wanted, alert),
            Kind::MustNot => {
                self.is_wanted(wanted, alert)
                    && e.severity.is_none_or(|s| alert.severity >= severity_id(s))
                    && e.evidence.iter().all(cited)
            }
        })
    }

    /// How a call stands.
    pub fn permit(&self, deed: &Deed) -> Permit {
        let speaking: Vec<&Expectation> = self.script.expect.iter().filter(|e| self.names(e, deed)).collect();
        let weight =
            |not: bool| speaking.iter().filter(|e| (e.kind == Kind::MustNot) == not).map(|e| particular(e)).max();
        let (yes, no) = (weight(false), weight(true));
        if no.is_some() && no >= yes {
            let against = speaking.iter().filter(|e| e.kind == Kind::MustNot).max_by_key(|e| particular(e));
            return Permit::Forbidden(against.map_or(0, |e| e.at.line));
        }
        if yes.is_some() || self.leading(deed).next().is_some() { Permit::Given } else { Permit::Missing }
    }

    /// Whether a call is the action that an expectation speaks of, whatever came of it: of that kind, on that person, at
    /// that instance, and in answer to such an alert where a policy or an attack is named.
    pub fn names(&self, e: &Expectation, deed: &Deed) -> bool {
        let What::Action(word) = e.what else { return false };
        let leads = |alert: &AlertFact| {
            !alert.suppressed
                && alert.about(&deed.target)
                && e.policy.as_ref().is_none_or(|p| *p == alert.policy)
                && self.cites_attack(e, &alert.records)
        };
        word.name() == deed.action
            && self.means(whom(e), &deed.target)
            && e.object.as_ref().is_none_or(|object| deed.object.as_ref() == Some(object))
            && e.app.is_none_or(|app| self.app_name(app) == deed.app)
            && ((e.policy.is_none() && e.attack.is_none()) || self.alerts.iter().any(leads))
    }

    /// Allowed alerts about the deed's target whose policy has this action written. An alert of a policy that is not
    /// judged is no reason to blame what follows from it.
    pub fn leading<'f>(&'f self, deed: &'f Deed) -> impl Iterator<Item = &'f AlertFact> {
        let leads = |alert: &&AlertFact| {
            self.in_force(&alert.policy)
                .is_some_and(|p| actions(p).contains(&deed.action.as_str()) && !self.is_excepted(p, &deed.target))
                && alert.about(&deed.target)
                && self.is_its_thing(alert, deed)
                && !alert.suppressed
                && matches!(self.standing(alert), Standing::Allowed | Standing::NotJudged)
        };
        self.alerts.iter().filter(leads)
    }

    /// Whether what an action is done to is what an alert is about: the application that a record it cites let in, a file
    /// that holds what should not stand there, alerts of the product's that are about the same. What is done to a person alone
    /// is.
    fn is_its_thing(&self, alert: &AlertFact, deed: &Deed) -> bool {
        let Some(object) = deed.object.as_deref() else { return true };
        let scenario = &self.script.scenario;
        match deed.action.as_str() {
            "revoke_app" => {
                let steps = alert.records.iter().filter_map(|r| self.recording.truth[*r].line);
                let of_line = |line: u32| scenario.script.iter().find(|step| step.position.line == line);
                steps.filter_map(of_line).any(|step| step.object.as_deref() == Some(object))
            }
            "quarantine" | "trash" | "make_private" => {
                let named = scenario.files.iter().filter(|file| file.name == object);
                named.filter(|file| self.means(Some(file.owner), &deed.target)).any(|file| file.holds.is_sensitive())
            }
            "close_alert" => {
                let meant = |policy: &String| {
                    let is_closed = self.in_force(policy).is_some_and(|p| actions(p).contains(&"close_alert"));
                    is_closed && self.alerts.iter().any(|other| other.policy == *policy && other.about(&deed.target))
                };
                !deed.policies.is_empty() && deed.policies.iter().all(meant)
            }
            _ => true,
        }
    }

    /// A failure for each of these actions that hit a thing it was not meant for; `things` is what they are done to.
    pub fn wrong_things(&self, check: &Check, actions: &[&str], things: &str) -> Vec<Finding> {
        let wrong = self.deeds.iter().filter(|deed| self.is_wrong_thing(deed, actions));
        let failure = |deed: &Deed| {
            let line = match self.permit(deed) {
                Permit::Forbidden(line) => Some(line),
                _ => None,
            };
            let expected = format!("{} of the {things} only that the scenario means", deed.action);
            let failed = check.fail(expected, format!("of {}", deed.upon()));
            failed.evidence([self.deed_row(deed)]).line(line).done()
        };
        wrong.map(failure).collect()
    }

    /// Whether an action that is not allowed hit a thing of this kind in place of another: the action is allowed on
    /// something else, of this person or another.
    fn is_wrong_thing(&self, deed: &Deed, actions: &[&str]) -> bool {
        let is_judged = deed.object.is_some() && actions.contains(&deed.action.as_str());
        is_judged && self.permit(deed) != Permit::Given && self.is_allowed_elsewhere(deed)
    }

    /// Whether a policy's actions are never taken on this person.
    fn is_excepted(&self, policy: &Policy, target: &str) -> bool {
        let who = |key: &str| match self.script.scenario.cast.iter().position(|member| member.key == key) {
            Some(member) => Who::Cast(member),
            None => Who::Admin,
        };
        let excepted = parameters::words(policy, "except").unwrap_or_default();
        excepted.into_iter().any(|key| self.means(Some(who(key)), target))
    }

    /// Whether the scenario allows this action on somebody else: then the target is wrong, not the action.
    pub fn is_allowed_elsewhere(&self, deed: &Deed) -> bool {
        let named = self.script.expect.iter().any(|e| match e.what {
            What::Action(word) => e.kind != Kind::MustNot && word.name() == deed.action,
            _ => false,
        });
        let led = self.alerts.iter().any(|alert| {
            self.in_force(&alert.policy).is_some_and(|p| actions(p).contains(&deed.action.as_str()))
                && self.standing(alert) == Standing::Allowed
        });
        named || led
    }
}

/// How particular an expectation is: how many things it names.
fn particular(e: &Expectation) -> usize {
    [
        e.policy.is_some(),
        e.actor.is_some(),
        e.attack.is_some(),
        !e.evidence.is_empty(),
        e.target.is_some(),
        e.object.is_some(),
        e.app.is_some(),
    ]
    .into_iter()
    .filter(|named| *named)
    .count()
}
