//! What most stories begin with: somebody who lives somewhere, and a place where they are not.

use super::{Attack, Line, Parameters, Story, StoryPolicy};
use crate::scenario::Vendor;
use crate::seed::{Rng, RngExt};
use crate::world::{PLACES, Place};

/// Names of victims: keys of the cast.
pub(super) const NAMES: [&str; 12] =
    ["alice", "bruno", "chen", "dora", "emeka", "farah", "greta", "hugo", "ines", "jonas", "kira", "luis"];

/// Somebody, their home, and a city of another country.
pub(super) struct Setting {
    pub(super) victim: &'static str,
    /// The victim, as a sentence calls them.
    pub(super) person: String,
    pub(super) home: &'static Place,
    pub(super) abroad: &'static Place,
    /// An instance's name.
    pub(super) app: &'static str,
    /// A time of day, UTC, at which the victim is at work: `09:17`.
    pub(super) hour: String,
    pub(super) vendor: Vendor,
    seed: u64,
}

impl Setting {
    /// Draws one for an attack.
    pub(super) fn draw(attack: &Attack, parameters: &Parameters) -> Self {
        let mut rng = parameters.seed.stream(&["attack", attack.name]);
        let home = &PLACES[rng.random_range(0..PLACES.len())];
        let elsewhere: Vec<&'static Place> = PLACES.iter().filter(|p| p.country != home.country).collect();
        let abroad = elsewhere[rng.random_range(0..elsewhere.len())];
        let victim = NAMES[rng.random_range(0..NAMES.len())];
        let (hour, vendor) = (hour(home, &mut rng), parameters.vendor);
        let seed = parameters.seed.0;
        Self { victim, person: title_case(victim), home, abroad, app: vendor.name(), hour, vendor, seed }
    }

    /// A step of the victim's in the app.
    pub(super) fn step(&self, at: &str, verb: &str) -> Line {
        Line::of(self.victim, &[("at", at), ("does", verb), ("app", self.app)])
    }

    /// A step that shows the victim to be there.
    pub(super) fn appears(&self, at: &str) -> Line {
        self.step(at, appears(self.vendor))
    }

    /// The story of all this: `script` under one policy, an episode called `episode`.
    pub(super) fn story(
        &self,
        attack: &Attack,
        episode: &str,
        title: String,
        source: &'static str,
        policy: StoryPolicy,
        script: Vec<Line>,
    ) -> Story {
        Story {
            title,
            source,
            seed: self.seed,
            apps: apps(self.vendor),
            cast: vec![(self.victim.to_owned(), self.home.name)],
            networks: Vec::new(),
            attack: Some((episode.to_owned(), attack.technique.to_owned())),
            policy,
            script,
        }
    }
}

/// The vendor's instance, and the directory that an app trusts.
pub(super) fn apps(vendor: Vendor) -> Vec<Vendor> {
    match vendor {
        // Okta is a directory itself, if it is not one that trusts another.
        Vendor::Entra | Vendor::Okta => vec![vendor],
        other => vec![Vendor::Entra, other],
    }
}

/// What shows in a vendor's log that somebody is there: GitHub's members sign in at the directory.
pub(super) const fn appears(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Github => "create",
        _ => "sign_in",
    }
}

/// What somebody does in a session that goes on.
pub(super) const fn goes_on(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Github => "create",
        _ => "open",
    }
}

/// A time on day 1 at which people of a place start to work.
pub(super) fn office_hour(home: &Place, rng: &mut impl Rng) -> String {
    format!("day 1 {}", hour(home, rng))
}

fn hour(home: &Place, rng: &mut impl Rng) -> String {
    let local_min = rng.random_range(8 * 60..10 * 60);
    let utc_min = (local_min - home.utc_offset_min).rem_euclid(24 * 60);
    format!("{:02}:{:02}", utc_min / 60, utc_min % 60)
}

pub(super) fn title_case(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

/// A name fit for a file: `são paulo` becomes `sao-paulo`.
pub(super) fn slug(name: &str) -> String {
    let plain = |c: char| match c {
        'ã' | 'á' => 'a',
        'ó' => 'o',
        ' ' => '-',
        other => other,
    };
    name.to_lowercase().chars().map(plain).collect()
}
