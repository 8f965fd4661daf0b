//! Drives a stack against simulated vendors and judges what it did.
pub mod check;
pub mod contract;
pub mod explain;
pub mod judge;
pub mod observe;
pub mod recording;
pub mod report;
pub mod scenario;
pub mod snapshot;
pub mod verdict;
