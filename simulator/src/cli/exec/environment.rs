//! What a command finds in its environment.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::tls::Reach;

pub(super) struct Environment<'a> {
    pub(super) reach: Reach,
    pub(super) ca_file: &'a Path,
    pub(super) document: &'a Path,
    pub(super) control: String,
    pub(super) connections: &'a Value,
    /// By instance.
    pub(super) ready_tokens: Vec<(String, String)>,
}

impl Environment<'_> {
    /// Sets everything, in place of what was there.
    pub(super) fn apply(&self, command: &mut Command) {
        for (name, value) in self.reach.variables(self.ca_file) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("SIMULATOR_CA_FILE", self.ca_file);
        command.env("SIMULATOR_CONNECTIONS", self.document);
        command.env("SIMULATOR_CONTROL", &self.control);
        for (instance, token) in &self.ready_tokens {
            command.env(variable_name(&format!("{instance}_access_token")), token);
        }
        for (instance, entry) in self.connections["apps"].as_object().into_iter().flatten() {
            set(command, instance, entry);
        }
    }
}

/// Every text in an entry, under the path of its keys.
fn set(command: &mut Command, path: &str, entry: &Value) {
    match entry {
        Value::String(text) => {
            command.env(variable_name(path), text);
        }
        Value::Object(fields) => fields.iter().for_each(|(key, field)| set(command, &format!("{path}_{key}"), field)),
        _ => {}
    }
}

/// `SIMULATOR_ENTRA_CLIENT_ID`.
fn variable_name(path: &str) -> String {
    let name = format!("SIMULATOR_{path}");
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_after_the_instance_and_its_keys() {
        assert_eq!(variable_name("miro-eu_client_id"), "SIMULATOR_MIRO_EU_CLIENT_ID");
    }
}
