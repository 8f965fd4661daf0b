//! Addresses that webhooks may be sent to.

use std::net::IpAddr;

use url::{Host, Url};

/// An address on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    url: Url,
}

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// It is no URL.
    #[error("it is no URL")]
    NoUrl,
    /// Another scheme than http.
    #[error("only http is spoken here: the vendor's TLS is not imitated")]
    Scheme,
    /// Somewhere else than on this machine.
    #[error("it does not lie on this machine: a simulator sends to loopback addresses only")]
    NotLoopback,
}

impl Callback {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, CallbackError> {
        let url = Url::parse(text).map_err(|_| CallbackError::NoUrl)?;
        if url.scheme() != "http" {
            return Err(CallbackError::Scheme);
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if loopback { Ok(Self { url }) } else { Err(CallbackError::NotLoopback) }
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Where to connect to, first choice first.
    pub fn addresses(&self) -> Vec<(IpAddr, u16)> {
        let port = self.url.port_or_known_default().unwrap_or(80);
        let hosts = match self.url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            _ => vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])],
        };
        hosts.into_iter().map(|host| (host, port)).collect()
    }

    /// `Host` header.
    pub fn authority(&self) -> &str {
        self.url.authority()
    }

    /// Path and query, with `more` parameters added.
    pub fn target(&self, more: &[(&str, &str)]) -> String {
        let mut url = self.url.clone();
        if !more.is_empty() {
            url.query_pairs_mut().extend_pairs(more);
        }
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_this_machine_is_sent_to() {
        #[rustfmt::skip]
        let cases = [
            ("http://127.0.0.1:8080/hooks",         None),
            ("http://[::1]:8080/hooks?a=b",         None),
            ("http://localhost/hooks",              None),
            ("https://127.0.0.1:8443/hooks",        Some(CallbackError::Scheme)),
            ("http://hooks.example/x",              Some(CallbackError::NotLoopback)),
            ("http://10.0.0.1/x",                   Some(CallbackError::NotLoopback)),
            ("http://localhost.hooks.example/x",    Some(CallbackError::NotLoopback)),
            ("http://127.0.0.1@hooks.example/x",    Some(CallbackError::NotLoopback)),
            ("hooks",                               Some(CallbackError::NoUrl)),
        ];
        for (text, refused) in cases {
            assert_eq!(Callback::parse(text).err(), refused, "{text}");
        }
    }

    #[test]
    fn the_targets_own_query_stays() {
        let callback = Callback::parse("http://localhost:80/hooks?tenant=1").unwrap();
        assert_eq!(callback.target(&[]), "/hooks?tenant=1");
        assert_eq!(callback.target(&[("hub.mode", "a b")]), "/hooks?tenant=1&hub.mode=a+b");
    }
}
