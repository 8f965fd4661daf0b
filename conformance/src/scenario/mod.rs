//! Scenarios as a judge of stacks sees them: the simulator's story, and beside it what a stack owes.
//!
//! The simulator reads world, script and faults on the wire; here `expect`, `level`, `twin_of` and the faults of the
//! process are read from the same text with the same tools, and all complaints are told together.
//!
//! | for authors | |
//! |---|---|
//! | [`lint`] | errors, and warnings of what is probably a mistake |
//! | [`schema`] | the language as JSON Schema, from the tables that the reader uses |
//! | [`list`] | what there is, without running it |

mod files;
mod model;
mod read;

pub mod lint;
pub mod list;
pub mod schema;
pub mod tables;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use files::{FindError, Found, find, found_at};
pub use model::*;
pub use read::{FOREIGN, read_text};
use simulator::scenario::ScenarioErrors;

/// Reads a scenario file. Its id is the path below `scenarios/`, or the file's name.
pub fn read(path: &Path) -> Result<Script, ScenarioErrors> {
    found_at(path).read()
}
