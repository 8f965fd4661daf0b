//! What a process needs to find in its environment to meet vendors that speak TLS: whom to trust, and where it is to be
//! intercepted the proxy that answers for them.

use std::net::SocketAddr;
use std::path::PathBuf;

use simulator::tls;

use crate::stack::process::PROXIES;

/// Variables that say what goes past a proxy.
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// The stack's own addresses on this machine, and the simulator's.
const LOOPBACK: &str = "localhost,127.0.0.1,::1";
/// Node.js heeds the proxy variables only if told so, since 22.21 and 24.
const NODE_USES_PROXY: &str = "NODE_USE_ENV_PROXY";

/// Vendors that speak TLS.
pub(super) struct Interception {
    /// The proxy that answers for them; none where they are asked directly.
    pub(super) proxy: Option<SocketAddr>,
    /// The certificate of the authority behind its certificates.
    pub(super) ca_file: PathBuf,
}

impl Interception {
    /// The variables that lead clients there, with their values.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        let ca_file = self.ca_file.display().to_string();
        let trusted = tls::VARIABLES.iter().map(move |variable| (variable.name, ca_file.clone()));
        let led = self.proxy.into_iter().flat_map(|proxy| {
            let proxies = PROXIES.map(|name| (name, format!("http://{proxy}")));
            let past = NO_PROXY.map(|name| (name, LOOPBACK.to_owned()));
            proxies.into_iter().chain(past).chain([(NODE_USES_PROXY, "1".to_owned())])
        });
        led.chain(trusted).map(|(name, value)| (name.to_owned(), value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn clients_are_led_to_the_proxy_past_it_on_this_machine_and_told_whom_to_trust() {
        let proxy = Some("127.0.0.1:4101".parse().unwrap());
        let interception = Interception { proxy, ca_file: "/given/ca.pem".into() };
        let variables: BTreeMap<String, String> = interception.variables().collect();
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
            assert_eq!(variables.get(name).map(String::as_str), Some(value), "{name}");
        }
    }

    #[test]
    fn who_is_not_intercepted_is_told_whom_to_trust_and_nothing_else() {
        let direct = Interception { proxy: None, ca_file: "/given/ca.pem".into() };
        assert!(direct.variables().all(|(_, value)| value == "/given/ca.pem"));
        assert_eq!(direct.variables().count(), tls::VARIABLES.len());
    }
}
