//! The stack under test, from outside: its manifest, its process, its report, and the administrator who consents to it.
//!
//! | file | holds |
//! |---|---|
//! | [`manifest`] | `stack.yaml`, read and checked |
//! | [`setup`] | what has to be done once before it can be started |
//! | [`template`] | `{{ … }}` in it and in the files it names |
//! | [`find`](mod@find) | from `--stack NAME` to a folder |
//! | [`known`] | `known.yaml`: failures that are known, until a date |
//! | [`ports`] | addresses for its listeners |
//! | [`process`] | spawn, kill, tell to stop |
//! | `environment` | which variables of ours it is given |
//! | `warden` | ends it where this process is killed |
//! | [`crew`] | its processes as one |
//! | [`report_tail`] | its report, as it grows |
//! | [`bounds`] | how much is heard of it |
//! | [`translate`] | `map`: its own output in the contract's words |
//! | [`sink`] | what it may send its report to: a URL, an address for syslog |
//! | [`consent`] | the administrator's browser |

pub mod bounds;
pub mod capabilities;
pub mod consent;
pub mod crew;
mod environment;
pub mod find;
mod form;
pub mod known;
pub mod manifest;
pub mod ports;
mod problem;
pub mod process;
pub mod report_tail;
pub mod setup;
pub mod sink;
pub mod template;
pub mod translate;
mod warden;

pub use find::{find, nearest};
pub use manifest::{ExitStatus, Manifest, Mode, Ready, Transport, is_name, no_name};
pub use problem::ManifestError;
