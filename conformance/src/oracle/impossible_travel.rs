//! D04: one person in two places with too little time between.
//!
//! For every two sign-ins of a person at most 24 hours apart, from different addresses: the great-circle distance less
//! both accuracies is at least `distance`, and more than `speed` would be needed; no time at all is infinite speed.
//!
//! Parameters: `speed` 900 (km/h), `distance` 500 (km), `any_activity` false, `sensitivity` medium, `learning_days` 0,
//! `mode` (`country` adds: different countries that do not border on each other).
//!
//! # Not decided here
//! One device and session that goes from carrier to carrier: no record of the vendors that are built names a device.
//!
//! # Sources
//! <https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy> (`sensitivity`; `mode: country`). The
//! product publishes no numbers: 900 km/h and 24 hours are Panther's, <https://github.com/panther-labs/panther-analysis>,
//! 500 km is Elastic's, <https://github.com/elastic/detection-rules>.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::{Outcome, Policy, Verb};
use simulator::time::spell_duration;

use super::borders::same_or_bordering;
use super::parameters::{flag, number, text};
use super::{Definition, Edge, Episode, EvidenceOf, Located, LooksAt, Principal, Reach, Seen};

/// Name of the policy.
pub const NAME: &str = "impossible_travel";

/// The detection.
pub const DEFINITION: Definition = Definition {
    name: NAME,
    evidence: EvidenceOf::OnePerson,
    techniques: &["T1078", "T1528", "T1557", "T1550", "T1539"],
    looks_at: LooksAt {
        words: "successful sign-ins, at most a day apart, from two addresses that can be placed and are not both the organisation's own (`any_activity: true` looks at everything that succeeds, `sensitivity: high` at its own addresses too)",
        counts: |policy, seen| is_usable(&Parameters::of(policy), seen),
    },
    episodes: |policy, seen| episodes(&Parameters::of(policy), seen),
    edges: |policy, seen, reach| edges(&Parameters::of(policy), seen, reach),
};

const EARTH_RADIUS_KM: f64 = 6_371.008_8;
const WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// What a policy may change.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// More than this is impossible, km/h.
    pub speed: f64,
    /// Less than this is never looked at, km.
    pub distance: f64,
    /// Whether every successful activity counts, not only sign-ins.
    pub any_activity: bool,
    /// High sensitivity also looks at journeys between two safe addresses.
    pub high_sensitivity: bool,
    /// Days from a person's first record on in which nothing is said.
    pub learning_days: f64,
    /// Whether journeys within a country or between neighbours are left out.
    pub by_country: bool,
}

impl Parameters {
    /// The parameters of a policy.
    pub fn of(policy: &Policy) -> Self {
        Self {
            speed: number(policy, "speed", 900.0),
            distance: number(policy, "distance", 500.0),
            any_activity: flag(policy, "any_activity"),
            high_sensitivity: text(policy, "sensitivity") == Some("high"),
            learning_days: number(policy, "learning_days", 0.0),
            by_country: text(policy, "mode") == Some("country"),
        }
    }
}

/// The alerts owed for what was seen.
pub fn episodes<'a>(parameters: &Parameters, seen: &[&'a Seen]) -> Vec<Episode<'a>> {
    let mut episodes = Vec::new();
    for (principal, mine) in by_principal(parameters, seen) {
        let mut triggers = Vec::new();
        for journey in journeys(&mine) {
            let far = journey.km >= parameters.distance;
            let fast = journey.hours == 0.0 || journey.km / journey.hours > parameters.speed;
            if far && fast && !suppressed(parameters, &mine, &journey) {
                triggers.push(vec![journey.a, journey.b]);
            }
        }
        episodes.extend(Episode::group(principal.person, None, triggers));
    }
    episodes
}

/// Journeys within reach of `speed` or `distance`, where the other would be met; any journey, if any is in reach.
pub fn edges(parameters: &Parameters, seen: &[&Seen], reach: Reach) -> Vec<Edge> {
    let mut edges = Vec::new();
    for mine in by_principal(parameters, seen).values() {
        for journey in journeys(mine).filter(|j| !suppressed(parameters, mine, j)) {
            let speed = if journey.hours == 0.0 { f64::INFINITY } else { journey.km / journey.hours };
            let (far, fast) = (journey.km >= parameters.distance, speed > parameters.speed);
            if reach.holds(speed, parameters.speed) && (far || reach == Reach::ANY) {
                edges.push(journey.edge("speed", speed, parameters.speed));
            }
            if reach.holds(journey.km, parameters.distance) && fast {
                edges.push(journey.edge("distance", journey.km, parameters.distance));
            }
        }
    }
    edges
}

/// Two sign-ins, the earlier first.
struct Journey<'a> {
    a: &'a Seen,
    b: &'a Seen,
    km: f64,
    hours: f64,
}

impl Journey<'_> {
    fn edge(&self, parameter: &'static str, value: f64, threshold: f64) -> Edge {
        Edge {
            policy: NAME.to_owned(),
            parameter,
            actor: self.b.activity.actor,
            value,
            threshold,
            at: self.b.activity.occurred,
            basis: format!(
                "{:.0} km in {}",
                self.km,
                spell_duration(self.b.activity.occurred.since(self.a.activity.occurred))
            ),
            evidence: vec![self.a.cite(), self.b.cite()],
            steps: [self.a, self.b].iter().filter_map(|s| s.activity.step).collect(),
        }
    }
}

fn by_principal<'a>(parameters: &Parameters, seen: &[&'a Seen]) -> BTreeMap<Principal, Vec<&'a Seen>> {
    let mut by_principal: BTreeMap<Principal, Vec<&'a Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|s| is_usable(parameters, s)) {
        by_principal.entry(one.principal).or_default().push(one);
    }
    by_principal
}

fn is_usable(parameters: &Parameters, seen: &Seen) -> bool {
    let counts =
        seen.activity.outcome == Outcome::Success && (parameters.any_activity || seen.activity.verb == Verb::SignIn);
    counts && seen.located.as_ref().is_some_and(Located::is_a_place)
}

/// Every unordered pair at most a day apart, from different addresses.
fn journeys<'a>(mine: &[&'a Seen]) -> impl Iterator<Item = Journey<'a>> {
    let pairs = mine.iter().enumerate().flat_map(|(i, a)| mine[i + 1..].iter().map(move |b| (*a, *b)));
    pairs.filter(|(a, b)| a.activity.address != b.activity.address).filter_map(|(a, b)| {
        let apart = b.activity.occurred.since(a.activity.occurred);
        let (from, to) = (a.located.as_ref()?, b.located.as_ref()?);
        let km = (distance_km(from, to) - from.accuracy_km - to.accuracy_km).max(0.0);
        (apart <= WINDOW).then(|| Journey { a, b, km, hours: apart.as_secs_f64() / 3_600.0 })
    })
}

fn suppressed(parameters: &Parameters, mine: &[&Seen], journey: &Journey<'_>) -> bool {
    let (Some(from), Some(to)) = (&journey.a.located, &journey.b.located) else { return true };
    let both_safe = from.is_safe() && to.is_safe() && !parameters.high_sensitivity;
    let neighbours = parameters.by_country && same_or_bordering(&from.country, &to.country);
    let first = mine.first().map(|s| s.activity.occurred);
    let known_for = first.map_or(0.0, |first| journey.b.activity.occurred.since(first).as_secs_f64() / 86_400.0);
    both_safe || neighbours || known_for < parameters.learning_days
}

/// Great-circle distance.
pub fn distance_km(a: &Located, b: &Located) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half = |degrees: f64| libm::sin(degrees.to_radians() / 2.0);
    let (dlat, dlon) = (half(b.lat - a.lat), half(b.lon - a.lon));
    let h = dlat * dlat + libm::cos(lat_a) * libm::cos(lat_b) * dlon * dlon;
    2.0 * EARTH_RADIUS_KM * libm::asin(libm::sqrt(h.min(1.0)))
}
