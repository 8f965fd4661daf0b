//! What a process finds in its environment so that the vendors' names lead it here, and so that it trusts who answers.

use std::net::SocketAddr;
use std::path::Path;

use super::trust::VARIABLES;

/// Variables that name a proxy, in both spellings that clients read. curl reads the first in lower case only.
pub const PROXIES: [&str; 6] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Variables that say what goes past it.
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// The simulator's own addresses, and whatever else the process has on this machine.
const LOOPBACK: &str = "localhost,127.0.0.1,::1";
/// Node.js heeds the proxy variables only if told so, since 22.21 and 24.
const NODE_USES_PROXY: &str = "NODE_USE_ENV_PROXY";

/// How clients reach the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By the instances' own addresses, which they have been told.
    Addresses,
    /// By the vendors' names, through a proxy at this address.
    Proxy(SocketAddr),
    /// By the vendors' names, since /etc/hosts says so.
    Hosts,
}

impl Reach {
    /// Names and values of all variables that a process is given, none for one that must not be there. `ca_file` holds
    /// the authority that it has to trust.
    pub fn variables(self, ca_file: &Path) -> Vec<(&'static str, Option<String>)> {
        let mut variables = Vec::new();
        match self {
            Self::Addresses => {}
            Self::Proxy(address) => {
                variables.extend(PROXIES.map(|name| (name, Some(format!("http://{address}")))));
                variables.extend(NO_PROXY.map(|name| (name, Some(LOOPBACK.to_owned()))));
                variables.push((NODE_USES_PROXY, Some("1".to_owned())));
            }
            Self::Hosts => variables.extend(PROXIES.into_iter().chain(NO_PROXY).map(|name| (name, None))),
        }
        variables.extend(VARIABLES.iter().map(|variable| (variable.name, Some(ca_file.display().to_string()))));
        variables
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn variables(reach: Reach) -> BTreeMap<&'static str, Option<String>> {
        reach.variables(Path::new("/given/ca.pem")).into_iter().collect()
    }

    #[test]
    fn clients_are_led_to_the_proxy_past_it_on_this_machine_and_told_whom_to_trust() {
        let variables = variables(Reach::Proxy("127.0.0.1:4101".parse().unwrap()));
        #[rustfmt::skip]
        let cases = [
            ("HTTPS_PROXY",         "http://127.0.0.1:4101"),
            ("https_proxy",         "http://127.0.0.1:4101"),
            ("NO_PROXY",            "localhost,127.0.0.1,::1"),
            ("SSL_CERT_FILE",       "/given/ca.pem"),
            ("REQUESTS_CA_BUNDLE",  "/given/ca.pem"),
            ("NODE_EXTRA_CA_CERTS", "/given/ca.pem"),
            ("NODE_USE_ENV_PROXY",  "1"),
        ];
        for (name, value) in cases {
            assert_eq!(variables[name].as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn who_knows_addresses_is_told_whom_to_trust_and_nothing_else() {
        let variables = variables(Reach::Addresses);
        assert_eq!(variables.len(), VARIABLES.len());
        assert!(variables.values().all(|value| value.as_deref() == Some("/given/ca.pem")));
    }

    #[test]
    fn where_names_lead_here_by_themselves_no_proxy_is_named() {
        let variables = variables(Reach::Hosts);
        assert!(PROXIES.iter().all(|name| variables[name].is_none()));
        assert_eq!(variables["SSL_CERT_FILE"].as_deref(), Some("/given/ca.pem"));
    }
}
