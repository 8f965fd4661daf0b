//! What a command finds in its environment.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::tls::VARIABLES;

/// Variables that name a proxy, in both spellings that clients read. curl reads the first in lower case only.
const PROXY: [&str; 6] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Variables that say what goes past it.
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// The simulator's own addresses, and whatever else the command has on this machine.
const LOOPBACK: &str = "localhost,127.0.0.1,::1";
/// Node.js heeds the proxy variables only if told so, since 22.21 and 24.
const NODE_USES_PROXY: &str = "NODE_USE_ENV_PROXY";

/// How the vendors' names lead to the simulator.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach {
    /// Through a proxy at this address.
    Proxy(SocketAddr),
    /// By themselves: /etc/hosts says so.
    Hosts,
}

impl Reach {
    /// Where the journal can be read while the command runs. In hosts mode only the command itself can.
    pub(super) fn aside(self, control: &str) -> String {
        match self {
            Self::Proxy(_) => format!("; journal at {control}"),
            Self::Hosts => String::new(),
        }
    }
}

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
        match self.reach {
            Reach::Proxy(address) => {
                for name in PROXY {
                    command.env(name, format!("http://{address}"));
                }
                for name in NO_PROXY {
                    command.env(name, LOOPBACK);
                }
                command.env(NODE_USES_PROXY, "1");
            }
            Reach::Hosts => {
                for name in PROXY.iter().chain(&NO_PROXY) {
                    command.env_remove(name);
                }
            }
        }
        for variable in &VARIABLES {
            command.env(variable.name, self.ca_file);
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
