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
//! [`oracle`] is each detection by brute force: the answer to who says that the labels are right. [`generate`] writes
//! scenarios of known attacks, [`explain`] tells what a check means, [`cli`] is the command.
//!
//! Nothing here is needed by the simulator, and a stack knows it only by its wire.

pub mod check;
pub mod cli;
pub mod contract;
pub mod explain;
pub mod generate;
pub mod judge;
pub mod observe;
pub mod oracle;
pub mod recording;
pub mod report;
pub mod runner;
pub mod scenario;
pub mod secrets;
pub mod snapshot;
pub mod stack;
pub mod verdict;
