//! From a scenario and a stack to a recording.
//!
//! | file | holds |
//! |---|---|
//! | [`run`] | a whole run: played, judged, written down |
//! | [`schedule`] | a scenario with its control run, and many of them |
//! | [`side_by_side`](mod@side_by_side) | so many pieces of work at a time |
//! | [`select`] | which, and why the others not |
//! | [`folder`] | what a run leaves |
//! | [`court`] | judged, held against what is known and what was accepted |
//! | [`outcome`] | what came of it, and the exit status |
//! | [`play`](mod@play) | one passage: world, vendors, process, recording |
//! | [`place`] | its folder, and what the stack is given there |
//! | [`keep`] | what it keeps: its state, removed or looked at |
//! | [`apart`] | the same in a private network |
//! | [`interception`] | how it is led to the vendors' names |
//! | [`printed`] | what it prints, read as it comes |
//! | [`subject`] | the stack while it is played |
//! | [`jump`] | a run under the virtual clock |
//! | [`wall`] | a run under the machine's clock |
//! | [`agenda`], [`faults`] | what the harness does at simulated times; kill, stop and the like |
//! | [`end`](mod@end) | how long a run lasts |
//! | [`truth`] | what was true, written down |

mod agenda;
mod apart;
pub mod court;
mod end;
mod error;
mod faults;
pub mod folder;
mod interception;
mod jump;
mod keep;
pub mod outcome;
mod place;
mod play;
mod printed;
pub mod run;
pub mod schedule;
pub mod select;
pub mod side_by_side;
mod subject;
mod truth;
mod try_out;
mod wall;

pub use end::run_end;
pub use error::RunError;
pub use play::{Order, play, story_end};
pub use try_out::try_out;
pub use wall::{needs_virtual_time, placed_before};
