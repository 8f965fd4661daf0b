//! World and script become an ordered, labelled run of activities, and each activity the records that vendors keep of it.

mod activity;

pub use activity::*;
