//! `simulator attacks` and `faults`: the catalogues, printed from the declarations themselves.

use super::{CliError, print_line};
use crate::attacks;
use crate::scenario::FAULT_KINDS;

pub(super) fn attacks() -> Result<(), CliError> {
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
    Ok(())
}
