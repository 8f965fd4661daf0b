//! From a scenario and a stack to a recording.
//!
//! | file | holds |
//! |---|---|
//! | [`play`](mod@play) | one passage: world, vendors, process, recording |
//! | [`place`] | its folder, and what the stack is given there |
//! | [`subject`] | the stack while it is played |
//! | [`jump`] | a run under the virtual clock |
//! | [`wall`] | a run under the machine's clock |
//! | [`agenda`], [`faults`] | what the harness does at simulated times; kill and stop |
//! | [`end`](mod@end) | how long a run lasts |
//! | [`truth`] | what was true, written down |

mod agenda;
mod end;
mod error;
mod faults;
mod jump;
mod place;
mod play;
mod subject;
mod truth;
mod wall;

pub use end::run_end;
pub use error::RunError;
pub use play::{Order, play};
pub use wall::needs_virtual_time;
