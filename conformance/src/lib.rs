//! Drives a stack against simulated vendors and judges what it did.

pub mod generate;
pub mod oracle;
pub mod recording;
pub mod scenario;
pub mod verdict;
