//! The room tests, and those that every vendor shares.
