//! `simulator attacks` and `faults`: the catalogues, printed from the declarations themselves.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, FOREIGN, attack_page, print_line};
use crate::attacks;
use crate::scenario::FAULT_KINDS;

#[derive(Args)]
pub(super) struct AttacksArgs {
    /// As a page in Markdown, with the scenarios in which they happen.
    #[arg(long)]
    markdown: bool,
    /// The folder of the scenarios that the page names.
    #[arg(long, default_value = "scenarios", requires = "markdown")]
    library: PathBuf,
}

pub(super) fn attacks(args: &AttacksArgs) -> Result<(), CliError> {
    if args.markdown {
        return print_line(attack_page::page(&args.library)?.trim_end());
    }
    for attack in attacks::ALL {
        print_line(&format!("{}  {} (ATT&CK {})", attack.name, attack.title, attack.technique))?;
        print_line(&format!("    {}", attack.about))?;
        for parameter in attack.parameters {
            print_line(&format!("    {:<12} {} (default {})", parameter.name, parameter.about, parameter.default))?;
        }
    }
    Ok(())
}

pub(super) fn faults() -> Result<(), CliError> {
    for kind in FAULT_KINDS {
        print_line(&format!("{:<14} {}", kind.name, kind.meaning))?;
        for key in kind.keys {
            print_line(&format!("    {:<12} {}", key.name, key.meaning))?;
        }
    }
    print_line(&format!("\nnot the simulator's, but carried out by `conformance run`: {}", FOREIGN.faults.join(", ")))
}
