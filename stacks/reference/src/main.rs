//! The reference stack as a program of its own; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    reference_stack::run_cli(std::env::args_os())
}
