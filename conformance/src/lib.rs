//! Runs connector-and-detection stacks against simulated SaaS vendors and says what they got wrong.
//!
//! The data's way, one folder a station:
//!
//! | station | from | to |
//! |---|---|---|
//! | [`scenario`] | YAML | the story, and what a stack owes in it |
//! | [`stack`] | `stack.yaml` | a process with a report, and the administrator who consents to it |
//! | [`runner`] | story and stack | a [`recording`]: what happened, what was asked, what the stack said |
//! | [`contract`] | a line of the report | the few facts that a judge needs |
//! | [`observe`] | a recording | what was said side by side with what is true |
//! | [`check`] | observations | findings, each with its evidence |
//! | [`judge`] | a recording | a [`verdict`] |
//! | [`report`], [`snapshot`] | verdicts | what people and machines read, and what was accepted before |
//!
//! [`score`] adds observations up to numbers, [`relations`] plays a scenario with something changed and compares.
//! [`compare`] puts stacks side by side. [`oracle`] is each detection by brute force: the answer to who says that the
//! labels are right. [`named`] says what lies where somebody named something else. [`generate`] writes scenarios of known
//! attacks, [`explain`] tells what a check means, [`cli`] is the command.
//!
//! # Words
//!
//! | word | means |
//! |---|---|
//! | script | a scenario as it is judged: the simulator's [`Scenario`](simulator::scenario::Scenario), plus what a stack owes in it |
//! | passage | one stack's way through one script, its control run included |
//! | stage | what all passages of a run share: the stack, the run's folder, whether somebody has stopped it |
//! | place | the folder of one passage, and what the stack is given there |
//! | subject | the stack's process while a passage goes on |
//! | heard | a line of the stack's report, and when the harness read it |
//! | said | what such a line says: an event, an alert, an action, a status |
//! | told | a status that was heard |
//! | claim | an action that the stack says it took |
//! | deed | a call by which the stack did something to an account, whatever it says; the journal's word |
//! | action | the kind of a deed, as a policy or an expectation writes it: `suspend` |
//! | taken | an event that the stack reported; due: a record that it had to report |
//! | court | what verdicts are measured against: declarations, known failures, accepted snapshots |
//! | settle | to judge one passage; conclude: to weigh all that were settled against what is known and accepted |
//! | lateness | how much later than its time a record may be shown and still be evaluated, as the stack declares it; `late` in a scenario is how much later the vendor shows it |
//!
//! Nothing here is needed by the simulator, and a stack knows it only by its wire.

/// Which judge this is: the version, and after a `+` a digest of the source of the judge and the simulator
/// (`conformance/build.rs`), as Semantic Versioning writes the metadata of a build. It is the same on every machine that builds
/// the same source.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("CONFORMANCE_SOURCE"));

pub mod check;
pub mod cli;
pub mod compare;
pub mod contract;
pub mod explain;
pub mod generate;
pub mod judge;
pub mod ladder;
pub mod named;
pub mod observe;
pub mod oracle;
pub mod printable;
#[cfg(feature = "reference")]
pub mod prove;
pub mod recording;
pub mod relations;
pub mod report;
pub mod runner;
pub mod scenario;
pub mod score;
pub mod secrets;
pub mod snapshot;
pub mod stack;
pub mod verdict;
pub mod walk;
