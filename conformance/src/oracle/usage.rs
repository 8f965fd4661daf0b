//! Who uses which app: every successful activity that a Defender keeps of a connected app is one use of it, by whoever did it.
//!
//! # Sources
//! defender-cloud-apps: pages api-activities (an activity names its app), protect-* (what each connector reads). That a
//! failed sign-in is no use is ours.

use std::collections::{BTreeMap, BTreeSet};

use simulator::scenario::{AppIndex, Scenario, Vendor};
use simulator::time::SimTime;
use simulator::vendors::defender;
use simulator::world::World;

use crate::recording::TruthRecord;

/// Somebody's account in an app, as a Defender sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The Defender.
    pub defender: String,
    /// The connected instance.
    pub app: String,
    /// Key of the person.
    pub person: String,
}

/// One use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// When it was, to the millisecond: that is what the API tells.
    pub at: SimTime,
    /// When the API first showed it.
    pub available: SimTime,
    /// Which record: place in the recording's truth.
    pub record: usize,
}

/// Every use, by seat and in order of time.
pub fn uses(scenario: &Scenario, world: &World, truth: &[TruthRecord]) -> BTreeMap<Seat, Vec<Use>> {
    let apps = scenario.apps.iter().enumerate();
    let products: Vec<(&str, u32)> = apps
        .filter_map(|(index, app)| Some((app.name.as_str(), defender::product_app(world, AppIndex(index))?.0)))
        .collect();
    // Of two instances of one vendor, that one which has the entry itself.
    let entries: BTreeSet<(&str, &str)> = truth.iter().map(|r| (r.activity.as_str(), r.app.as_str())).collect();
    let mut uses: BTreeMap<Seat, Vec<Use>> = BTreeMap::new();
    for (index, record) in truth.iter().enumerate().filter(|(_, record)| record.outcome == "success") {
        let is_defender = scenario.app(&record.app).is_some_and(|(_, app)| app.vendor == Vendor::Defender);
        let product = record.event_id.split('_').nth(1).and_then(|id| id.parse::<u32>().ok()).filter(|_| is_defender);
        let candidates = || products.iter().filter(|(_, id)| Some(*id) == product).map(|(name, _)| *name);
        let app = candidates().find(|app| entries.contains(&(record.activity.as_str(), *app)));
        if let Some(app) = app.or_else(|| candidates().next()) {
            let seat = Seat { defender: record.app.clone(), app: app.to_owned(), person: record.actor.clone() };
            let at = SimTime::from_ms(record.persisted.ms());
            uses.entry(seat).or_default().push(Use { at, available: record.available, record: index });
        }
    }
    uses.values_mut().for_each(|uses| uses.sort_by_key(|used| used.at));
    uses
}

/// The last of these uses since a moment that could be known at another.
pub fn last(uses: &[Use], since: SimTime, known_at: SimTime) -> Option<&Use> {
    uses.iter().rev().find(|used| used.at >= since && used.available <= known_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_use_is_the_last_that_is_known() {
        let t = SimTime::from_ms;
        let uses =
            [(10, 10), (20, 90), (30, 40)].map(|(at, available)| Use { at: t(at), available: t(available), record: 0 });
        let known = |since, at| last(&uses, t(since), t(at)).map(|used| used.at.ms());
        assert_eq!([known(0, 15), known(0, 45), known(0, 5), known(11, 15)], [Some(10), Some(30), None, None]);
    }
}
