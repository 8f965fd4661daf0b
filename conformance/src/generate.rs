//! `conformance generate`: an attack and its near miss as complete scenarios.
//!
//! The simulator writes who, where and what happens; what a stack owes for it is written here, from the labels alone: an
//! alert of the story's policy that cites every line with an id, and the action that the policy asks for. The twin must
//! stay silent.

use std::path::Path;

use simulator::attacks::{self, AttackError, Parameters, Story};

use crate::scenario::read_text;

mod person;

/// A scenario and its twin, ready to be written beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Name of the attack's file.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Name of the twin's file.
    pub twin_name: String,
    /// Its text.
    pub twin_text: String,
    /// Whom the attack happens to; none where it is the administrator.
    pub person: Option<String>,
}

impl Files {
    /// Names and texts of the attack, and of its twin where that is wanted.
    pub fn wanted(&self, twin: bool) -> impl Iterator<Item = (&str, &str)> {
        let both = [(self.name.as_str(), self.text.as_str()), (&self.twin_name, &self.twin_text)];
        both.into_iter().take(if twin { 2 } else { 1 })
    }

    /// Their names.
    pub fn names(&self, twin: bool) -> Vec<&str> {
        self.wanted(twin).map(|(name, _)| name).collect()
    }
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GenerateError {
    /// The attack cannot be had.
    #[error(transparent)]
    Attack(#[from] AttackError),
    /// It is not upon anybody who could be named.
    #[error("{0} is done with the administrator's account, who is always it_admin")]
    Administrator(String),
    /// The name belongs to another person of the story.
    #[error("there is another `{0}` in this story")]
    Taken(String),
    /// Nobody can be called that.
    #[error("nobody can be called `{name}`: {why}")]
    Name {
        /// What was asked for.
        name: String,
        /// What the scenario language says of it.
        why: String,
    },
}

/// Writes an attack and its twin; upon `person`, or else upon somebody who is drawn.
pub fn generate(attack: &str, parameters: &Parameters, person: Option<&str>) -> Result<Files, GenerateError> {
    let drawn = attacks::generate(attack, parameters)?;
    let generated = match (person::victim(&drawn.story).map(str::to_owned), person) {
        (_, None) => drawn,
        (None, Some(_)) => return Err(GenerateError::Administrator(attack.to_owned())),
        (Some(victim), Some(person)) if victim == person => drawn,
        (Some(_), Some(person)) if drawn.story.cast.iter().any(|(key, _)| key == person) => {
            return Err(GenerateError::Taken(person.to_owned()));
        }
        (Some(victim), Some(person)) => person::renamed(drawn, &victim, person),
    };
    let person = person::victim(&generated.story).map(str::to_owned);
    let name = format!("{}.yaml", generated.name);
    let twin = generated.twin.yaml();
    let (title, rest) = twin.split_once('\n').unwrap_or((&twin, ""));
    let text = format!("{}{}", generated.story.yaml(), owed(&generated.story));
    // What is drawn can be read; a name that somebody chose perhaps not.
    if let (Some(name), Err(why)) = (&person, read_text("generated", Path::new("generated.yaml"), &text)) {
        return Err(GenerateError::Name { name: name.clone(), why: why.to_string() });
    }
    Ok(Files {
        text,
        twin_text: format!("{title}\ntwin_of: {name}\n{rest}expect:\n  - {{ must_not: alert }}\n"),
        twin_name: format!("{}.yaml", generated.twin_name),
        name,
        person,
    })
}

fn owed(story: &Story) -> String {
    let evidence: Vec<&str> = story.script.iter().filter_map(|line| line.id).collect();
    let actor = story.script.last().map_or("", |line| line.actor.as_str());
    let policy = story.policy.name;
    let evidence = evidence.join(", ");
    let mut text = format!(
        "expect:\n  - {{ must: alert, policy: {policy}, actor: {actor}, evidence: [{evidence}], within: 15m }}\n"
    );
    if let Some(action) = story.policy.action {
        text.push_str(&format!("  - {{ must: {action}, target: {actor} }}\n"));
    }
    text
}

#[cfg(test)]
mod tests;
