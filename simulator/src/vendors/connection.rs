//! An instance's entry in the connections document: all that a stack is told about it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::spec;
use crate::protocol::credentials::Client;
use crate::protocol::exchange::Access;
use crate::scenario::{AppIndex, Credentials};
use crate::seed::Seed;
use crate::simulation::Simulation;
use crate::world::{Instance, World};

/// What a vendor's entry is made from.
#[derive(Debug)]
pub struct Endpoint<'a> {
    /// Scheme, host and port of the instance.
    pub origin: &'a str,
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

/// The entry of instance `app`, which listens at `origin`; `redirect` is the stack's redirect address.
pub fn connection(sim: &Simulation, app: AppIndex, origin: &str, redirect: &str) -> Value {
    let (scenario_app, instance) = (&sim.scenario.apps[app.0], &sim.world.instances[app.0]);
    let spec = spec(instance.vendor);
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
    let seed = sim.scenario.seed;
    let endpoint = Endpoint { origin, instance, world: &sim.world, client: &client, keys: &keys, seed };
    merge(&mut entry, (spec.connection)(&endpoint));
    match scenario_app.credentials {
        Credentials::App | Credentials::LastingApp => merge(
            &mut entry,
            json!({ "client_id": client.client_id, "client_secret": client.client_secret, "redirect_uri": redirect }),
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
