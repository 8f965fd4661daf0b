//! Attacks, each a shape of its own that describes itself and writes the story of it, its near miss included.
//!
//! What a generator gives is a world and a script in the scenario language. What a stack owes for it is not known here:
//! the caller may derive that from the ids and labels of the [`Story`].
//!
//! An attack is one file and one line in [`ALL`].

mod administrative_activity;
mod agent_change;
mod anonymous_ip;
mod audit_stream_ended;
mod dormant_token;
mod elsewhere;
mod external_sharing;
mod failed_logins;
mod impersonation;
mod impossible_travel;
mod infrequent_country;
mod mass_deletion;
mod mass_download;
mod mfa_fatigue;
mod oauth_app;
mod owner_escalation;
mod password_spray;
mod protection_disabled;
mod public_exposure;
mod push_protection_off;
mod reactivation;
mod session_replay;
mod setting;
mod story;
mod suspicious_ip;
mod terminated_user;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use story::{Line, Story, StoryNetwork, StoryPolicy};

use crate::scenario::Vendor;
use crate::scenario::suggest::nearest;
use crate::seed::Seed;

/// An attack as it describes itself.
#[derive(Debug)]
pub struct Attack {
    /// Its name: on command lines and in scenarios.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// ATT&CK technique.
    pub technique: &'static str,
    /// The version of ATT&CK that the id is from.
    pub version: &'static str,
    /// What happens, and why it works.
    pub about: &'static str,
    /// What a defender sees of it.
    pub seen: &'static str,
    /// Which records it leaves.
    pub records: &'static str,
    /// What lies just on either side of being one.
    pub edges: &'static str,
    /// How it is done so that a simple rule does not see it.
    pub evasions: &'static str,
    /// What can be asked for.
    pub parameters: &'static [Parameter],
    /// Writes its story.
    pub generate: fn(&Parameters) -> Generated,
}

/// A number that can be asked for.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means, with its unit.
    pub about: &'static str,
    /// Its value unless asked for.
    pub default: f64,
    /// The least it may be.
    pub least: f64,
    /// The most it may be.
    pub most: f64,
}

/// What is asked of a generator.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// Where it happens.
    pub vendor: Vendor,
    /// What is not asked for is drawn from it.
    pub seed: Seed,
    /// Numbers by name; those that are missing have their defaults.
    pub numbers: BTreeMap<String, f64>,
}

/// An attack and its near miss.
#[derive(Clone, Debug)]
pub struct Generated {
    /// A name for the file, without extension.
    pub name: String,
    /// The attack.
    pub story: Story,
    /// A name for the twin's file.
    pub twin_name: String,
    /// The same people on an ordinary day that is nearly one.
    pub twin: Story,
}

/// Every attack that is built, one line each.
pub const ALL: &[Attack] = &[
    impossible_travel::ATTACK,
    failed_logins::ATTACK,
    anonymous_ip::ATTACK,
    suspicious_ip::ATTACK,
    infrequent_country::ATTACK,
    terminated_user::ATTACK,
    administrative_activity::ATTACK,
    impersonation::ATTACK,
    mfa_fatigue::ATTACK,
    mass_download::ATTACK,
    mass_deletion::ATTACK,
    external_sharing::ATTACK,
    oauth_app::ATTACK,
    protection_disabled::ATTACK,
    owner_escalation::ATTACK,
    public_exposure::ATTACK,
    reactivation::ATTACK,
    password_spray::ATTACK,
    push_protection_off::ATTACK,
    audit_stream_ended::ATTACK,
    dormant_token::ATTACK,
    session_replay::ATTACK,
    agent_change::ATTACK,
];

impl Attack {
    /// The vendors at which it can happen, in their order.
    pub fn vendors(&self) -> Vec<Vendor> {
        Vendor::ALL.into_iter().filter(|vendor| self.why_not(*vendor).is_none()).collect()
    }

    /// Why it cannot happen at a vendor; none if it can.
    pub fn why_not(&self, vendor: Vendor) -> Option<&'static str> {
        elsewhere::reason(self.name, vendor)
    }
}

/// Why nothing was generated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AttackError {
    /// Nobody of that name.
    #[error("unknown attack `{found}`{meant}")]
    Unknown {
        /// What was asked for.
        found: String,
        /// What was probably meant, or what there is.
        meant: String,
    },
    /// The vendor would record nothing of it.
    #[error("{attack} leaves no trace in {vendor}: {why}; it can happen in {known}")]
    NotLogged {
        /// The attack.
        attack: &'static str,
        /// Where it was to happen.
        vendor: &'static str,
        /// Why not there.
        why: &'static str,
        /// Where it can.
        known: String,
    },
    /// A number that this attack does not take.
    #[error("{attack} takes no `{found}`; it takes {known}")]
    UnknownParameter {
        /// The attack.
        attack: &'static str,
        /// What was asked for.
        found: String,
        /// What it takes.
        known: String,
    },
    /// A number out of its bounds.
    #[error("`{name}` is {found}; it may be {least} to {most}")]
    OutOfBounds {
        /// The parameter.
        name: &'static str,
        /// What was asked for.
        found: f64,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
}

/// The attack called `name`.
pub fn attack(name: &str) -> Result<&'static Attack, AttackError> {
    let names = || ALL.iter().map(|a| a.name);
    ALL.iter().find(|a| a.name == name).ok_or_else(|| AttackError::Unknown {
        found: name.to_owned(),
        meant: match nearest(name, names()) {
            Some(meant) => format!(": did you mean `{meant}`?"),
            None => format!("; there are {}", names().collect::<Vec<_>>().join(", ")),
        },
    })
}

/// Writes the story of an attack and of its twin.
pub fn generate(name: &str, parameters: &Parameters) -> Result<Generated, AttackError> {
    let attack = attack(name)?;
    if let Some(why) = attack.why_not(parameters.vendor) {
        let known = attack.vendors().iter().map(|v| v.name()).collect::<Vec<_>>().join(", ");
        return Err(AttackError::NotLogged { attack: attack.name, vendor: parameters.vendor.name(), why, known });
    }
    for (name, value) in &parameters.numbers {
        let known = attack.parameters.iter().find(|p| p.name == name);
        let parameter = known.ok_or_else(|| AttackError::UnknownParameter {
            attack: attack.name,
            found: name.clone(),
            known: attack.parameters.iter().map(|p| p.name).collect::<Vec<_>>().join(", "),
        })?;
        let Parameter { name, least, most, .. } = *parameter;
        if !(least..=most).contains(value) {
            return Err(AttackError::OutOfBounds { name, found: *value, least, most });
        }
    }
    Ok((attack.generate)(parameters))
}

/// A scenario with an attack as YAML, against the first vendor at which it can happen: for `simulator serve --attack`.
pub fn scenario_text(name: &str, seed: u64) -> Result<String, AttackError> {
    let vendor = attack(name)?.vendors().first().copied().unwrap_or(Vendor::Miro);
    let parameters = Parameters { vendor, seed: Seed(seed), numbers: BTreeMap::new() };
    generate(name, &parameters).map(|generated| generated.story.yaml())
}

impl Parameters {
    /// The number called `name`, or its default.
    fn number(&self, of: &[Parameter], name: &str) -> f64 {
        let default = || of.iter().find(|p| p.name == name).map_or(0.0, |p| p.default);
        self.numbers.get(name).copied().unwrap_or_else(default)
    }
}
