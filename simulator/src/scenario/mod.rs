//! Scenario YAML: what somebody wrote, read into values that know their line and column.

mod model;

pub use model::*;
