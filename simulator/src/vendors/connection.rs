//! An instance's entry in the connections document: all that a stack is told about it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{VendorSpec, spec};
use crate::protocol::credentials::Client;
use crate::protocol::exchange::Access;
use crate::scenario::{AppIndex, Credentials};
use crate::seed::Seed;
use crate::simulation::Simulation;
use crate::world::{Instance, World};

/// What a vendor's entry is made from.
#[derive(Debug)]
pub struct Endpoint<'a> {
    /// Scheme, host and port of the instance's API.
    pub origin: &'a str,
    /// Where its other addresses are.
    addresses: &'a Addresses,
    /// The instance.
    pub instance: &'a Instance,
    /// The world it belongs to.
    pub world: &'a World,
    /// The application that the stack is given.
    pub client: &'a Client,
    /// The scenario's seed.
    pub seed: Seed,
    /// The keys that an administrator has made by hand, by name: one for each that a route wants.
    pub keys: &'a BTreeMap<&'static str, String>,
}

/// At which addresses an instance is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// Everything at one: `http://127.0.0.1:4101`.
    One(String),
    /// At the vendor's own names, over https.
    Vendors,
}

impl Addresses {
    /// Scheme and host at which `path` is served.
    fn origin(&self, spec: &VendorSpec, instance: &Instance, path: &str) -> String {
        match self {
            Self::One(origin) => origin.clone(),
            Self::Vendors => {
                let host = spec.hosts.iter().find(|h| (h.serves)(path)).unwrap_or(&spec.hosts[0]);
                format!("https://{}", host.name_of(&instance.name))
            }
        }
    }
}

impl Endpoint<'_> {
    /// The address of a path. A vendor's paths may be spread over several hosts.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.addresses.origin(spec(self.instance.vendor), self.instance, path))
    }
}

/// The entry of instance `app`; `redirect` is the stack's redirect address.
pub fn connection(sim: &Simulation, app: AppIndex, addresses: &Addresses, redirect: &str) -> Value {
    let (scenario_app, instance) = (&sim.scenario.apps[app.0], &sim.world.instances[app.0]);
    let spec = spec(instance.vendor);
    let origin = match addresses {
        Addresses::One(origin) => origin.clone(),
        Addresses::Vendors => format!("https://{}", spec.hosts[0].name_of(&instance.name)),
    };
    let now = sim.clock.now();
    let mut state = sim.state();
    let tokens = &mut state.instances[app.0].tokens;
    let keys = spec.routes.iter().filter_map(|route| match route.access {
        Access::Key(name) => Some((name, tokens.issue_key(name))),
        _ => None,
    });
    let keys: BTreeMap<&'static str, String> = keys.collect();
    let mut entry = json!({ "vendor": instance.vendor.name(), "base_url": origin });
    let client = tokens.client().clone();
    let endpoint = Endpoint {
        origin: &origin,
        addresses,
        instance,
        world: &sim.world,
        client: &client,
        keys: &keys,
        seed: sim.scenario.seed,
    };
    merge(&mut entry, (spec.connection)(&endpoint));
    match scenario_app.credentials {
        Credentials::App | Credentials::LastingApp => merge(
            &mut entry,
            json!({ "client_id": client.client_id, "client_secret": client.client_secret, "redirect_uri": redirect }),
        ),
        // What its app signs with is in the vendor's own part.
        Credentials::Installation => {}
        // It has no scopes to compare with.
        Credentials::FineGrained => merge(
            &mut entry,
            json!({
                "access_token": tokens.issue_ready_token(now),
                "permissions": tokens.permissions(),
                "scope": null,
            }),
        ),
        Credentials::Token => merge(&mut entry, json!({ "access_token": tokens.issue_ready_token(now) })),
    }
    entry
}

fn merge(entry: &mut Value, more: Value) {
    if let (Value::Object(entry), Value::Object(more)) = (entry, more) {
        entry.extend(more);
    }
}
