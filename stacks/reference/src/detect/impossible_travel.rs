//! Impossible travel: one person in two places too far apart for the time between.
//!
//! Every pair of a person's successful sign-ins within a day is looked at, across apps and in both directions of
//! time. The inaccuracy of both places is taken off the distance. No time at all is infinitely fast.
//!
//! Not paired: one address with itself, places on a network that moves its users about, and two safe networks (unless
//! the sensitivity is high).

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::{Around, DAY, Detection, HOUR, Policy, Reach, Trigger};
use crate::bug::{Bug, planted};
use crate::connections::Response;
use crate::geo::{Place, Position};
use crate::normalize::EventKind;
use crate::state::events::Kept;

pub(super) const NAME: &str = "impossible_travel";
/// How far apart in time two events may be.
const REACH: SignedDuration = DAY;
const EARTH_RADIUS_KM: f64 = 6371.0088;

/// Parameters of the policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ImpossibleTravel {
    /// Kilometres per hour above which nobody travels.
    speed: f64,
    /// Kilometres below which no journey is looked at.
    distance: f64,
    sensitivity: Sensitivity,
    /// Look at every located activity, not at sign-ins alone.
    any_activity: bool,
    /// Days from a person's first located event on in which nothing is said.
    learning_days: i32,
    #[serde(flatten)]
    pub(super) response: Response,
}

impl Default for ImpossibleTravel {
    fn default() -> Self {
        Self {
            speed: 900.0,
            distance: 500.0,
            sensitivity: Sensitivity::Medium,
            any_activity: false,
            learning_days: 0,
            response: Response::default(),
        }
    }
}

/// How readily it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sensitivity {
    /// Rarely.
    Low,
    /// The default.
    Medium,
    /// Also between two safe networks.
    High,
}

impl Detection for ImpossibleTravel {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: NAME,
            title: "Impossible travel",
            gap: HOUR,
            techniques: &["T1078.004"],
            response: &self.response,
        }
    }

    fn reach(&self) -> Reach {
        Reach::own(REACH + self.learning())
    }

    fn concerns(&self, event: &Kept) -> bool {
        usable(self, event).is_some()
    }

    fn triggers(&self, fresh: &Kept, around: &Around) -> Vec<Trigger> {
        let Some(here) = usable(self, fresh) else { return Vec::new() };
        let first = around.own.iter().find(|event| self.concerns(event)).map_or(fresh.at, |event| event.at);
        let is_known = |trigger: &Trigger| trigger.at.duration_since(first) >= self.learning();
        around.own.iter().filter_map(|other| journey(self, fresh, here, other)).filter(is_known).collect()
    }
}

impl ImpossibleTravel {
    fn learning(&self) -> SignedDuration {
        DAY * self.learning_days
    }
}

fn journey(settings: &ImpossibleTravel, fresh: &Kept, here: &Place, other: &Kept) -> Option<Trigger> {
    let there = usable(settings, other)?;
    let both_safe = here.is_safe() && there.is_safe();
    if other.key() == fresh.key() || other.ip == fresh.ip || (both_safe && settings.sensitivity != Sensitivity::High) {
        return None;
    }
    let between = fresh.at.duration_since(other.at);
    if between.abs() > REACH || (planted(Bug::TimeOutOfOrderDetection) && between.is_negative()) {
        return None;
    }
    let (here, there) = (here.position?, there.position?);
    let distance_km = (apart_km(here, there) - here.accuracy_km - there.accuracy_km).max(0.0);
    let hours = between.abs().as_secs_f64() / 3600.0;
    // Infinite when no time has passed, which is faster than any limit.
    let speed_kmh = distance_km / hours;
    let impossible = distance_km >= settings.distance && speed_kmh > settings.speed;
    impossible.then(|| Trigger {
        at: fresh.at.max(other.at),
        scope: String::new(),
        evidence: vec![fresh.clone(), other.clone()],
        facts: json!({
            "distance_km": rounded(distance_km),
            "speed_kmh": speed_kmh.is_finite().then(|| rounded(speed_kmh)),
            "infinite": speed_kmh.is_infinite(),
            "threshold": settings.speed,
            "window_s": REACH.as_secs(),
        }),
    })
}

/// The place of an event that may be paired.
fn usable<'a>(settings: &ImpossibleTravel, event: &'a Kept) -> Option<&'a Place> {
    let counts = match event.kind {
        EventKind::SignIn => true,
        EventKind::Activity => settings.any_activity,
        EventKind::FailedSignIn | EventKind::RefusedPrompt | EventKind::Other => false,
    };
    let place = event.place.as_ref()?;
    (counts && place.country.is_some() && place.position.is_some() && !place.is_elsewhere()).then_some(place)
}

/// Kilometres along the great circle.
fn apart_km(a: Position, b: Position) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half_lat = libm::sin((lat_b - lat_a) / 2.0);
    let half_long = libm::sin((b.long - a.long).to_radians() / 2.0);
    let h = half_lat * half_lat + libm::cos(lat_a) * libm::cos(lat_b) * half_long * half_long;
    2.0 * EARTH_RADIUS_KM * libm::asin(libm::sqrt(h.min(1.0)))
}

fn rounded(value: f64) -> f64 {
    libm::round(value * 10.0) / 10.0
}

#[cfg(test)]
mod tests;
