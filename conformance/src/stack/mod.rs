//! The stack under test, from outside: its manifest, its process, its report, and the administrator who consents to it.
//!
//! | file | holds |
//! |---|---|
//! | [`manifest`] | `stack.yaml`, read and checked |
//! | [`template`] | `{{ … }}` in it and in the files it names |
//! | [`find`](mod@find) | from `--stack NAME` to a folder |
//! | [`known`] | `known.yaml`: failures that are known, until a date |
//! | [`ports`] | addresses for its listeners |
//! | [`process`] | spawn, kill, tell to stop |
//! | [`report_tail`] | its report, as it grows |
//! | [`consent`] | the administrator's browser |
//!
//! # Not built
//! Reports by HTTP sink or CEF syslog, and `map` (translating a stack's own output).

pub mod consent;
pub mod find;
mod form;
pub mod known;
pub mod manifest;
pub mod ports;
mod problem;
pub mod process;
pub mod report_tail;
pub mod template;

pub use find::{find, nearest};
pub use manifest::{Manifest, Mode, Ready, ReportTo};
pub use problem::ManifestError;
