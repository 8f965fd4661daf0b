//! Who checks the checker: the reference stack with one planted bug at a time, each of which has to be caught, and the
//! same stack going about things in other ways that are right, none of which may be blamed.
//!
//! | file | holds |
//! |---|---|
//! | [`trial`] | a stack and the scenarios it is tried in; many of them side by side |
//! | [`variants`] | the right ways |
//! | [`costume`] | the reference stack's folder, changed for one trial |
//! | [`tell`] | the proof as a table, as JSON, as a page |
//!
//! The bugs are the reference stack's own: [`reference_stack::planted_bugs`]. Each names the checks that have to catch it and
//! the scenarios in which it shows. They are tried in that order until one of the checks speaks; a bug that only others
//! have caught was seen and not named, which is half of what is wanted.

pub mod costume;
pub mod tell;
pub mod trial;
pub mod variants;

use reference_stack::PlantedBug;

use self::trial::{Hit, Tried};
use self::variants::{Scenarios, Variant};

/// What came of all trials.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Every bug, in order of the catalogue.
    pub bugs: Vec<ProvedBug>,
    /// Every variant, in order of its list.
    pub variants: Vec<ProvedVariant>,
    /// Wall time it took, milliseconds.
    pub wall_ms: u64,
}

/// What came of a bug.
#[derive(Clone, Debug)]
pub struct ProvedBug {
    /// The bug.
    pub bug: PlantedBug,
    /// What was found, in the scenarios in which it was looked for.
    pub tried: Tried,
}

/// How well a bug was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// A check that names it has failed.
    Named,
    /// Something has failed, and none of the checks that name it.
    Half,
    /// Nothing has.
    Not,
}

/// What came of a variant.
#[derive(Clone, Debug)]
pub struct ProvedVariant {
    /// The variant.
    pub variant: &'static Variant,
    /// What was held against it: wrongly, all of it.
    pub tried: Tried,
}

impl ProvedBug {
    /// How well it was seen.
    pub fn caught(&self) -> Caught {
        match (self.named().is_some(), self.tried.hits.is_empty()) {
            (true, _) => Caught::Named,
            (false, false) => Caught::Half,
            (false, true) => Caught::Not,
        }
    }

    /// The first finding of a check that names it.
    pub fn named(&self) -> Option<&Hit> {
        self.tried.hits.iter().find(|hit| self.bug.checks.contains(&hit.check.as_str()))
    }
}

impl ProvedVariant {
    /// Whether it was found to be right. One that is tried in scenarios chosen for it wants a verdict in each; one that goes
    /// through those of all bugs does not meet every fault, and wants one in most.
    pub fn is_cleared(&self) -> bool {
        let Tried { played, .. } = self.tried;
        let enough = match self.variant.scenarios {
            Scenarios::Some(_) => self.tried.decided() == played,
            Scenarios::OfAllBugs => self.tried.decided() * 2 > played,
        };
        self.tried.hits.is_empty() && enough
    }
}

impl Proof {
    /// Whether every bug was caught by a check that names it, and no variant was blamed, in scenarios that came to a verdict.
    pub fn holds(&self) -> bool {
        self.variants.iter().all(ProvedVariant::is_cleared) && self.bugs.iter().all(|bug| bug.caught() == Caught::Named)
    }

    /// What we could not play.
    pub fn errors(&self) -> impl Iterator<Item = &str> {
        let tried = self.bugs.iter().map(|bug| &bug.tried).chain(self.variants.iter().map(|variant| &variant.tried));
        tried.flat_map(|tried| tried.errors.iter().map(String::as_str))
    }
}
