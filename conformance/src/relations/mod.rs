//! Metamorphic relations: play a scenario with something changed, and compare what the stack says with what it said before.
//!
//! No expectation is needed for it, so a relation holds a stack to account in scenarios that nobody labelled: shown twice,
//! a record is no second event; a day later, an attack is the same attack.
//!
//! | part | is |
//! |---|---|
//! | [`ALL`] | the relations, in order of id |
//! | [`time`], [`people`], [`tenants`], [`wire`], [`story`], [`places`], [`process`] | what they change, by what it is that they change |
//! | [`said`] | what a stack said, made comparable: the canonical alert set |
//! | [`law`] | how two such sets must stand to each other |
//! | [`trial`] | a scenario to be played with its law; what came of it |
//! | [`plan`] | which scenarios are to be played for it, and what came of each relation |
//! | [`report`] | how the outcome reads |
//!
//! A further relation is a function in one of the files and a row in [`ALL`].
//!
//! Where a change moves the moment at which a stack may act, the stack only looks on (the policies have no actions, before
//! and after): what it contains earlier or later would change what happens, and with it, rightly, what is said.

pub mod law;
pub mod people;
pub mod places;
pub mod plan;
pub mod process;
pub mod report;
pub mod said;
pub mod story;
pub mod tenants;
pub mod time;
pub mod trial;
pub mod wire;

pub use law::Law;
pub use said::Said;
pub use trial::{Acts, Given, Trial};

/// A relation between what a stack says of a scenario and what it says of another, made from it.
#[derive(Debug)]
pub struct Relation {
    /// `M07`.
    pub id: &'static str,
    /// What is changed, and what must be equal or how it must change.
    pub statement: &'static str,
    /// Whom it binds.
    pub binds: Binds,
    /// How it is tried.
    pub form: Form,
}

/// Whom a relation binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    /// Every correct stack.
    Every,
    /// Stacks that count as is said here; another stack is told, and not failed.
    Some(&'static str),
}

/// How a relation is tried.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// By scenarios made from the given one; or the reason why none can be made from it.
    Played(fn(&Given<'_>) -> Result<Vec<Trial>, String>),
    /// Not at all, for this reason.
    Inexpressible(&'static str),
}

const fn played(
    id: &'static str,
    statement: &'static str,
    binds: Binds,
    make: fn(&Given<'_>) -> Result<Vec<Trial>, String>,
) -> Relation {
    Relation { id, statement, binds, form: Form::Played(make) }
}

const fn inexpressible(id: &'static str, statement: &'static str, why: &'static str) -> Relation {
    Relation { id, statement, binds: Binds::Every, form: Form::Inexpressible(why) }
}

/// Every relation, those that cannot be played among them.
#[rustfmt::skip]
pub const ALL: &[Relation] = &[
    played("M01", "everything at another time: equal alerts, shifted likewise", Binds::Some("no definition looks at hours or weekdays"), time::shifted),
    played("M02", "users exchanged for others: equal alerts, about those", Binds::Every, people::permuted),
    played("M03", "other ids, names and domains: equal alerts", Binds::Every, people::renamed_world),
    played("M04", "other page sizes: equal alerts", Binds::Every, wire::other_pages),
    played("M05", "everything delivered twice: equal alerts and deeds, no event twice", Binds::Every, wire::twice),
    played("M06", "delivered in another order, within the lateness declared: equal alerts", Binds::Every, time::reordered),
    played("M07", "some of it delivered late, within the lateness declared: equal alerts, later", Binds::Every, time::delayed),
    played("M08", "more people who do nothing wrong: equal alerts", Binds::Some("no definition compares with the whole tenant"), people::noise),
    played("M09", "the victim does ordinary things too: equal alerts", Binds::Every, people::ordinary_work),
    played("M10", "without the attack: nothing is said of it", Binds::Every, story::without_attack),
    played("M11", "without an event that does not count: equal alerts; without one that does: no alert", Binds::Every, story::one_event_less),
    played("M12", "two stories at once, of other people: the alerts of both", Binds::Every, tenants::two_stories),
    played("M13", "the same story in two instances: the alerts twice", Binds::Every, tenants::two_instances),
    played("M14", "the attack once more: soon after, equal alerts; days after, each twice", Binds::Every, story::repeated),
    played("M15", "more of the attack, or from farther away: no alert fewer, none less severe", Binds::Every, story::more_of_it),
    played("M16", "another network in the same place, of the same kind: equal alerts", Binds::Every, places::other_network),
    inexpressible("M17", "the other address plan, or IPv6: equal alerts",
        "the simulator has one address plan, of documentation and benchmarking ranges, and IPv4 alone"),
    played("M18", "two events of one instant the other way round: equal alerts", Binds::Every, time::ties_turned),
    played("M19", "faults that a retry heals: equal alerts, equally many deeds", Binds::Every, wire::healing_faults),
    played("M20", "the stack stopped, or killed, half-way and started again: equal alerts and deeds", Binds::Every, process::restarted),
    played("M21", "one vendor's clock two minutes off: equal alerts", Binds::Every, time::skewed),
    played("M22", "the stack's process in another time zone: equal alerts", Binds::Every, time::other_zone),
    played("M23", "event types that nobody has heard of: equal alerts", Binds::Every, wire::unknown_events),
    played("M24", "the organisation's own network on both sides: nothing about places; on the attack's side alone: the journey still", Binds::Every, places::corporate),
    played("M25", "the user renamed between two of the events: equal alerts", Binds::Every, people::renamed_user),
    played("M26", "a longer history: no alert fewer", Binds::Every, story::longer_history),
    played("M27", "a day of history is read first: equal alerts, none about the history", Binds::Every, process::earlier_start),
    played("M28", "one person's work in two instances: equal alerts", Binds::Some("definitions about people, not about accounts"), tenants::two_apps_one_person),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_is_there_once_and_in_order() {
        let ids: Vec<&str> = ALL.iter().map(|relation| relation.id).collect();
        let expected: Vec<String> = (1..=28).map(|n| format!("M{n:02}")).collect();
        assert_eq!(ids, expected);
    }
}
