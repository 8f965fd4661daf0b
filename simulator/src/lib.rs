//! A stand-in for SaaS vendors.
//!
//! The data's way, one folder a station, each printed by a command:
//!
//! | station | from | to | printed by |
//! |---|---|---|---|
//! | [`scenario`] | YAML | what somebody wrote, every value with its line and column | `conformance lint` |
//! | [`world`] | scenario, seed | people, places, networks, accounts, addresses | `simulator serve` |
//! | [`timeline`] | world, script | labelled activities: a generated background and a small overlay | `simulator timeline` |
//! | [`vendors`] | activity | each vendor's record of it, pure functions | `simulator records` |
//! | [`server`] | record, fault | an HTTP exchange in the vendor's manner | `simulator serve` |
//! | [`journal`] | exchange | one entry, kept for whoever judges | `/_sim/journal` |
//!
//! The simulator never knows what is expected of a stack, never calls a vendor, and reads neither the wall clock nor
//! chance outside [`clock`] and [`seed`].

pub mod clock;
pub mod seed;
pub mod time;

pub mod scenario;
pub mod world;

pub mod attacks;
pub mod timeline;

pub mod protocol;
pub mod vendors;

pub mod cli;
pub mod control;
pub mod ending;
pub mod fault;
pub mod journal;
pub mod page;
pub mod private_network;
pub mod server;
pub mod shell;
pub mod tls;

mod simulation;
pub use simulation::{AnswerDelivery, InstanceState, Interceptor, RouteHit, Simulation, SimulationError, State};
