//! Which scenarios are run, and why the others are not.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::wall::needs_virtual_time;
use crate::contract::StackClock;
use crate::judge;
use crate::scenario::Script;
use crate::stack::Manifest;

/// More machines than anybody has share no work.
const MOST_PARTS: u32 = 10_000;

/// One part of several, for machines that share the work: `2/5`. A scenario's id alone decides which part it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    part: u32,
    of: u32,
}

impl Shard {
    /// Every part of so many.
    pub fn all(of: u32) -> Vec<Self> {
        (1..=of).map(|part| Self { part, of }).collect()
    }

    /// Which part, from 1.
    pub fn part(self) -> u32 {
        self.part
    }

    /// Of how many.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether the scenario `id` is in this part.
    pub fn holds(self, id: &str) -> bool {
        let digest = Sha256::digest(id.as_bytes());
        let number = u64::from_le_bytes(digest[..8].try_into().expect("a digest has more than eight bytes"));
        number % u64::from(self.of) == u64::from(self.part - 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((part, of)) if (1..=of).contains(&part) && of <= MOST_PARTS => Ok(Self { part, of }),
            _ => Err(format!("`{text}` is not K/N with K from 1 to N, and N up to {MOST_PARTS}")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Why a stack is not asked to play a scenario, if it is not.
pub fn skip(script: &Script, manifest: &Manifest) -> Option<String> {
    let unclaimed: Vec<String> = judge::needs(script).into_iter().filter(|need| !manifest.claims(need)).collect();
    if !unclaimed.is_empty() {
        return Some(format!("not claimed: {}", unclaimed.join(", ")));
    }
    match manifest.declares.clock {
        StackClock::Virtual => None,
        StackClock::Wall => needs_virtual_time(script).map(|what| format!("needs virtual time: {what}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_shard_is_written_as_part_of_all() {
        assert_eq!("2/5".parse(), Ok(Shard { part: 2, of: 5 }));
        for wrong in ["0/5", "6/5", "5", "a/b", "1/0", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_library_is_spread_evenly() {
        let ids: Vec<String> = (0..300).map(|n| format!("area-{}/story-{n}", n % 17)).collect();
        for shard in Shard::all(4) {
            let held = ids.iter().filter(|id| shard.holds(id)).count();
            assert!((50..=100).contains(&held), "{shard} holds {held}");
        }
    }

    proptest! {
        #[test]
        fn every_scenario_is_in_exactly_one_part(id in "[a-z]{1,8}(/[a-z0-9-]{1,12}){0,2}", of in 1_u32..12) {
            let holding = (1..=of).filter(|part| Shard { part: *part, of }.holds(&id)).count();
            prop_assert_eq!(holding, 1);
        }
    }
}
