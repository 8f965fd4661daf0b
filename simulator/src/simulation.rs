//! One isolated simulation: a scenario's world with everything that changes in it.

use std::sync::Arc;

use crate::protocol::credentials::TokenStore;
use crate::protocol::limiter::Limiter;
use crate::scenario::Scenario;
use crate::timeline::Timeline;
use crate::world::World;

/// A scenario being played. Nothing is shared between two of them.
pub struct Simulation {
    /// What was written.
    pub scenario: Arc<Scenario>,
    /// What stands still.
    pub world: Arc<World>,
}

/// Everything that changes, behind one lock: exchanges happen one at a time, in order.
pub struct State {
    /// Activities, accounts, sessions.
    pub timeline: Timeline,
    /// By [`crate::scenario::AppIndex`].
    pub instances: Vec<InstanceState>,
}

/// What changes about one instance.
pub struct InstanceState {
    /// OAuth clients, codes and tokens.
    pub tokens: TokenStore,
    /// Buckets of the rate limiter.
    pub limiter: Limiter,
}
