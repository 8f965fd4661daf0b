//! What the stack did to accounts, and what it says it did. The journal outranks the report.

use std::collections::BTreeSet;

use simulator::time::SimTime;

use crate::contract::{Action, Declares, Said};
use crate::recording::Recording;

use super::people::People;
use super::served::reached;
use super::{Heard, said};

/// A call that changed an account or wrote to somebody, or tried to.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Its exchange: place in the journal.
    pub exchange: usize,
    /// When it arrived.
    pub at: SimTime,
    /// When it ended.
    pub ended: SimTime,
    /// Instance it was made to.
    pub app: String,
    /// The word for it.
    pub action: String,
    /// Key of the person, or the id that was sent if nobody has it.
    pub target: String,
    /// For what is done to a thing of that person's: its name.
    pub object: Option<String>,
    /// For what is done to alerts: the policies that raised them.
    pub policies: Vec<String>,
    /// Whether it took effect.
    pub done: bool,
    /// Whether the stack got the answer.
    pub answered: bool,
}

impl Deed {
    /// The person and the thing: `planner of sven`.
    pub fn upon(&self) -> String {
        self.object.as_ref().map_or_else(|| self.target.clone(), |object| format!("{object} of {}", self.target))
    }
}

/// A command that the stack says it carried out, or failed to.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Number of its line.
    pub number: usize,
    /// When it was read.
    pub read_at: SimTime,
    /// What it says.
    pub action: Action,
    /// Whom it means.
    pub people: BTreeSet<String>,
}

impl Claim {
    /// Whether it says that it was done.
    pub fn says_done(&self) -> bool {
        self.action.status_id == 1
    }
}

pub(super) fn deeds(recording: &Recording, declares: &Declares) -> Vec<Deed> {
    let effects = recording.journal.iter().enumerate().filter_map(|(i, e)| e.notes.effect.as_ref().map(|f| (i, e, f)));
    // A letter to those who are to be told of the stack's own trouble is nothing that is done to anybody.
    let to_contact = |target: &str| declares.usage.contacts.iter().any(|contact| contact.eq_ignore_ascii_case(target));
    effects
        .filter(|(_, _, effect)| effect.action != "notify" || !to_contact(&effect.target))
        .map(|(exchange, entry, effect)| Deed {
            exchange,
            at: entry.at,
            ended: entry.ended,
            app: entry.app.clone(),
            action: effect.action.clone(),
            target: effect.target.clone(),
            object: effect.object.clone(),
            policies: effect.policies.clone(),
            done: effect.done,
            answered: reached(entry, declares),
        })
        .collect()
}

pub(super) fn claims(heard: &[Heard], people: &People) -> Vec<Claim> {
    said(heard)
        .filter_map(|(heard, said)| match said {
            Said::Action(action) => Some(Claim {
                number: heard.number,
                read_at: heard.read_at,
                people: people.find(&action.target, None),
                action: action.clone(),
            }),
            _ => None,
        })
        .collect()
}
