//! The names under which a vendor is reached on the internet.

use std::time::Duration;

/// A host name of a vendor, and what of its routes is found there. At the simulator's own addresses every route is
/// served; at a real name only those that the vendor serves there.
#[derive(Debug)]
pub struct HostRule {
    /// `api.miro.com`; `*.portal.cloudappsecurity.com` stands for every name below.
    pub name: &'static str,
    /// Whether a path, as clients write it, is found there.
    pub serves: fn(&str) -> bool,
    /// How much later answers come than at the vendor's other names.
    pub slower_by: Duration,
    /// Where the name is documented.
    pub source: &'static str,
}

impl HostRule {
    /// Whether a host name (lower case, without port) falls under the rule.
    pub fn covers(&self, host: &str) -> bool {
        match self.name.strip_prefix('*') {
            Some(suffix) => host.strip_suffix(suffix).is_some_and(|label| !label.is_empty()),
            None => host == self.name,
        }
    }

    /// A name that falls under the rule: the rule's own, or one that begins with the instance's name.
    pub fn name_of(&self, instance: &str) -> String {
        self.name.replacen('*', &instance.replace('_', "-"), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors;

    const fn rule(name: &'static str) -> HostRule {
        HostRule { name, serves: |_| true, slower_by: Duration::ZERO, source: "a test" }
    }

    #[test]
    fn a_star_stands_for_names_below_and_nothing_else() {
        #[rustfmt::skip]
        let cases = [
            // rule             host                   covered
            ("api.miro.com",    "api.miro.com",        true),
            ("api.miro.com",    "xapi.miro.com",       false),
            ("*.ghe.com",       "octo.ghe.com",        true),
            ("*.ghe.com",       "api.octo.ghe.com",    true),
            ("*.ghe.com",       "ghe.com",             false),
            ("*.ghe.com",       ".ghe.com",            false),
            ("*.ghe.com",       "octo.ghe.com.example", false),
        ];
        for (name, host, expected) in cases {
            assert_eq!(rule(name).covers(host), expected, "{name} {host}");
        }
        assert_eq!(rule("*.ghe.com").name_of("our_github"), "our-github.ghe.com");
    }

    #[test]
    fn every_route_of_every_vendor_is_found_at_one_of_its_hosts() {
        for spec in vendors::all() {
            assert!(!spec.hosts.is_empty(), "{}", spec.title);
            for route in spec.routes {
                let found = spec.hosts.iter().any(|host| (host.serves)(route.path));
                assert!(found, "{} {}", spec.title, route.path);
            }
        }
    }
}
