//! Listeners: one an instance, one for the control plane.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connection::{self, Door};
use super::courier::Couriers;
use super::elsewhere::{self, Elsewhere};
use super::names::{NamedInstances, Names};
use super::pipeline::{InstanceServer, Scheme};
use super::proxy::Proxy;
use crate::clock::wall_sleep;
use crate::control::{self, Extent, Origins, ServedWith};
use crate::scenario::{AppIndex, Policy};
use crate::seed;
use crate::simulation::Simulation;
use crate::tls::{Acceptors, Authority, TlsError};
use crate::vendors::{self, Addresses};
use crate::world::Person;

/// How long a listener waits after a connection that it could not accept, so that it does not ask all the time.
const UNACCEPTED_PAUSE: Duration = Duration::from_millis(10);

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// Free ports of 127.0.0.1 (and ::1 where the machine has it).
    Ephemeral,
    /// This address for the control plane, the following ports for the instances in the scenario's order (free ports
    /// where this one's is 0).
    From(SocketAddr),
}

/// How to serve a simulation.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where to listen.
    pub listen: Listen,
    /// Redirect URIs that OAuth clients are registered with.
    pub redirect_uris: Vec<String>,
    /// How much of the control plane there is.
    pub control: Extent,
    /// With an authority the instances speak https too, on the same ports.
    pub authority: Option<Arc<Authority>>,
}

/// A server that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// TLS cannot be spoken with the authority given.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Files that say what is known of addresses, as the connections document names them.
#[derive(Clone, Debug)]
pub struct GeoFiles {
    /// City database.
    pub city: PathBuf,
    /// Autonomous systems.
    pub asn: PathBuf,
    /// Anonymous addresses.
    pub anonymous_ip: PathBuf,
    /// Addresses that are known to be bad.
    pub indicators: PathBuf,
}

/// A server that is running.
pub struct Running {
    sim: Arc<Simulation>,
    control: SocketAddr,
    apps: Vec<SocketAddr>,
    redirect_uris: Vec<String>,
    servers: Vec<Arc<InstanceServer>>,
    named: Option<Arc<NamedInstances>>,
    tls: Option<Acceptors>,
    stop: watch::Sender<bool>,
    control_tasks: JoinSet<()>,
    app_tasks: JoinSet<()>,
    proxy: Option<Arc<Proxy>>,
    /// Needed on the control plane by whoever is not on loopback.
    pub control_token: Option<String>,
}

/// Starts the listeners. They serve until [`Running::shutdown`], or until the value is dropped.
pub async fn start(sim: Arc<Simulation>, options: ServeOptions) -> Result<Running, ServeError> {
    let (stop, stopped) = watch::channel(false);
    let (mut control_tasks, mut app_tasks) = (JoinSet::new(), JoinSet::new());
    let address = |n: u16| match options.listen {
        Listen::Ephemeral => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        Listen::From(base) if base.port() == 0 => base,
        Listen::From(base) => SocketAddr::new(base.ip(), base.port().saturating_add(n)),
    };
    let (bound, listeners) = bind(address(0)).await?;
    let control = openable(bound);
    let mut redirect_uris = options.redirect_uris;
    redirect_uris.push(format!("http://{control}/_sim/callback"));
    for instance in &mut sim.state().instances {
        instance.tokens.set_redirect_uris(&redirect_uris);
    }
    let control_token = (!bound.ip().is_loopback()).then(seed::unguessable);
    let couriers = Arc::new(Couriers::new(&sim));
    // By hand a fault may be armed that nobody knew of when the listeners were opened.
    let by_hand = matches!(options.listen, Listen::From(_));
    let served = ServedWith { tls: options.authority.is_some(), elsewhere: by_hand };
    let origins = Origins::default();
    let router = control::router(
        Arc::clone(&sim),
        Arc::clone(&couriers),
        control_token.clone(),
        options.control,
        served,
        Arc::clone(&origins),
    );
    for listener in listeners {
        let (router, mut stopped) = (router.clone(), stopped.clone());
        control_tasks.spawn(async move {
            let until = async move { told_to_stop(&mut stopped).await };
            // Serving ends only by being told to: accept errors are retried inside.
            let _ = axum::serve(listener, router).with_graceful_shutdown(until).await;
        });
    }

    let tls = match &options.authority {
        Some(authority) => Some(Acceptors::of(authority)?),
        None => None,
    };
    let (mut apps, mut servers) = (Vec::new(), Vec::new());
    for index in 0..sim.scenario.apps.len() {
        let n = u16::try_from(index + 1).unwrap_or(u16::MAX);
        let (address, listeners) = bind(address(n)).await?;
        apps.push(openable(address));
        let index = AppIndex(index);
        let mut elsewhere = None;
        if by_hand || elsewhere::is_wanted(&sim.scenario, index) {
            let (address, listeners) = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
            elsewhere = Some(address);
            let server = Arc::new(Elsewhere::new(Arc::clone(&sim), index));
            for listener in listeners {
                app_tasks.spawn(accept(listener, Door::Elsewhere(Arc::clone(&server)), None, stopped.clone()));
            }
        }
        let given = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        let server = InstanceServer::new(Arc::clone(&sim), index, elsewhere, Arc::clone(&couriers), given);
        let server = Arc::new(server);
        for listener in listeners {
            app_tasks.spawn(accept(listener, Door::Instance(Arc::clone(&server)), tls.clone(), stopped.clone()));
        }
        servers.push(server);
    }
    let running = Running {
        sim,
        control,
        apps,
        redirect_uris,
        servers,
        named: None,
        tls,
        stop,
        control_tasks,
        app_tasks,
        proxy: None,
        control_token,
    };
    origins.get_or_init(|| (0..running.apps.len()).map(|app| running.addresses(app)).collect());
    Ok(running)
}

impl Running {
    /// Address of the control plane, as it can be opened on this machine.
    pub fn control_address(&self) -> SocketAddr {
        self.control
    }

    /// Address of an instance, as it can be opened on this machine.
    pub fn app_address(&self, name: &str) -> Option<SocketAddr> {
        self.sim.scenario.app(name).map(|(index, _)| self.apps[index.0])
    }

    /// The simulator's own OAuth callback, for consent without a stack: it shows the code.
    pub fn own_redirect_uri(&self) -> String {
        format!("http://{}/_sim/callback", self.control)
    }

    /// Opens a forward proxy on loopback that answers for these names, and forwards nothing.
    pub async fn open_proxy(&mut self, names: Names) -> Result<SocketAddr, ServeError> {
        let (address, listeners) = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let named = self.named(names);
        let proxy = Arc::new(Proxy::new(named, self.tls.clone()));
        self.open(listeners, &Door::Proxy(Arc::clone(&proxy)));
        self.proxy = Some(proxy);
        Ok(address)
    }

    /// Answers for these names at the ports of https and http on loopback: for a machine, or a namespace, whose names
    /// lead there.
    pub async fn open_names(&mut self, names: Names) -> Result<(), ServeError> {
        let door = Door::Named(self.named(names));
        for port in [443, 80] {
            let (_, listeners) = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
            self.open(listeners, &door);
        }
        Ok(())
    }

    /// Names that clients asked for and nobody here has.
    pub fn refused_names(&self) -> Vec<String> {
        self.named.as_ref().map(|named| named.refused()).unwrap_or_default()
    }

    fn named(&mut self, names: Names) -> Arc<NamedInstances> {
        let named = Arc::new(NamedInstances::new(names, self.servers.clone()));
        self.named = Some(Arc::clone(&named));
        named
    }

    fn open(&mut self, listeners: Vec<TcpListener>, door: &Door) {
        for listener in listeners {
            self.app_tasks.spawn(accept(listener, door.clone(), self.tls.clone(), self.stop.subscribe()));
        }
    }

    /// A policy as the stack is told: people whom it excepts by their ids in the directory, which no renaming changes.
    fn policy(&self, policy: &Policy) -> Value {
        let mut told = json!(policy.parameters);
        if let Some(keys) = policy.parameters.get("except").and_then(Value::as_array) {
            let scenario = &self.sim.scenario;
            let named = |person: &&Person| {
                let key = person.cast.map_or(person.key.as_str(), |member| scenario.cast[member].key.as_str());
                keys.iter().any(|wanted| wanted == key)
            };
            let id = |person: &Person| match scenario.directory().and_then(|app| person.accounts.get(&app)) {
                Some(account) => account.user_id.clone(),
                None => person.email.clone(),
            };
            told["except"] = self.sim.world.people.iter().filter(named).map(id).collect();
        }
        told
    }

    /// The connections document: all that a stack is told. Behind a proxy or in hosts mode the instances stand there
    /// with their vendors' names; those that have none, and all others, with the simulator's own addresses.
    pub fn connections(&self, geo: &GeoFiles) -> Value {
        let mut document = json!({ "version": 1 });
        let apps: Map<String, Value> = (0..self.apps.len())
            .map(|i| {
                let redirect = self.redirect_uris.first().map_or("", String::as_str);
                let entry = vendors::connection(&self.sim, AppIndex(i), &self.addresses(i), redirect);
                (self.sim.scenario.apps[i].name.clone(), entry)
            })
            .collect();
        let policies: Map<String, Value> =
            self.sim.scenario.policies.iter().map(|p| (p.name.clone(), self.policy(p))).collect();
        let networks: Vec<Value> = self
            .sim
            .world
            .networks
            .iter()
            .filter(|n| n.known)
            .map(|n| {
                let tags: Vec<&str> = n.tags.iter().map(|t| t.name()).collect();
                json!({ "name": n.name, "cidrs": [n.block.to_string()], "tags": tags })
            })
            .collect();
        document["apps"] = Value::Object(apps);
        document["policies"] = Value::Object(policies);
        document["networks"] = Value::Array(networks);
        if self.sim.coordinator().is_some() {
            document["clock_url"] = json!(format!("http://{}/_sim/clock", self.control));
        }
        document["geo"] = json!({ "city": geo.city, "asn": geo.asn, "anonymous_ip": geo.anonymous_ip });
        document["feeds"] = json!({ "indicators": geo.indicators, "urls": control::feed_addresses(self.control) });
        document["ca_file"] = Value::Null;
        document
    }

    fn addresses(&self, app: usize) -> Addresses {
        let instance = &self.sim.world.instances[app];
        let named = self.named.as_ref().map(|named| named.names());
        if named.is_some_and(|names| names.has_own(AppIndex(app), &instance.name, instance.vendor)) {
            return Addresses::Vendors;
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Addresses::One(format!("{scheme}://{}", self.apps[app]))
    }

    /// Closes the listeners, breaks off what is under way and waits until it has entered the journal.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        while self.app_tasks.join_next().await.is_some() {}
        // No connection is left that could open one more.
        if let Some(proxy) = &self.proxy {
            proxy.close_tunnels().await;
        }
        self.control_tasks.shutdown().await;
    }
}

/// How often a port is drawn that is free on 127.0.0.1 and on ::1.
const DRAWS: usize = 16;

/// Listens on an address, and on ::1 at the same port where the address is 127.0.0.1 and the machine has it: some
/// clients resolve `localhost` to ::1 and do not fall back. Where somebody else listens there they would be led to a stranger.
async fn bind(address: SocketAddr) -> Result<(SocketAddr, Vec<TcpListener>), ServeError> {
    let mut draws = if address.port() == 0 { DRAWS } else { 1 };
    loop {
        let first = TcpListener::bind(address).await.map_err(|source| ServeError::Bind { address, source })?;
        let bound = first.local_addr().map_err(|source| ServeError::Bind { address, source })?;
        if bound.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST) {
            return Ok((bound, vec![first]));
        }
        let beside = SocketAddr::from((Ipv6Addr::LOCALHOST, bound.port()));
        draws -= 1;
        match TcpListener::bind(beside).await {
            Ok(second) => return Ok((bound, vec![first, second])),
            Err(taken) if taken.kind() == ErrorKind::AddrInUse && draws > 0 => {}
            Err(source) if source.kind() == ErrorKind::AddrInUse => {
                return Err(ServeError::Bind { address: beside, source });
            }
            // A machine without IPv6.
            Err(_) => return Ok((bound, vec![first])),
        }
    }
}

/// An address that can be opened on this machine: whoever listens on all of them is found on loopback too.
fn openable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(ip, bound.port())
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the server's handle is gone, which is the same.
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn accept(listener: TcpListener, door: Door, tls: Option<Acceptors>, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // A client gone before it was accepted: the next one may do better. Out of descriptors: some time later.
                Err(_) => {
                    wall_sleep(UNACCEPTED_PAUSE).await;
                    continue;
                }
            },
            () = told_to_stop(&mut stopped) => {
                // Broken off, each exchange still enters the journal.
                connections.shutdown().await;
                return;
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        // Small answers should not wait for more to come.
        let _ = stream.set_nodelay(true);
        connections.spawn(connection::serve(stream, door.clone(), tls.clone()));
    }
}
