//! `conformance generate`: an attack and its near miss as complete scenarios.
//!
//! The simulator writes who, where and what happens; what a stack owes for it is written here, from the labels alone: an
//! alert of the story's policy that cites every line with an id, and the action that the policy asks for. The twin must
//! stay silent.

use simulator::attacks::{self, AttackError, Parameters, Story};

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
}

/// Writes an attack and its twin.
pub fn generate(attack: &str, parameters: &Parameters) -> Result<Files, AttackError> {
    let generated = attacks::generate(attack, parameters)?;
    let name = format!("{}.yaml", generated.name);
    let twin = generated.twin.yaml();
    let (title, rest) = twin.split_once('\n').unwrap_or((&twin, ""));
    Ok(Files {
        text: format!("{}{}", generated.story.yaml(), owed(&generated.story)),
        twin_text: format!("{title}\ntwin_of: {name}\n{rest}expect:\n  - {{ must_not: alert }}\n"),
        twin_name: format!("{}.yaml", generated.twin_name),
        name,
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
