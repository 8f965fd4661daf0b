//! `simulator attacks`, `faults` and `vendors`: the catalogues, printed from the declarations themselves.

use super::{CliError, print_line};
use crate::attacks;
use crate::protocol::exchange::Access;
use crate::scenario::FAULT_KINDS;
use crate::vendors as declared;

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

pub(super) fn vendors() -> Result<(), CliError> {
    for spec in declared::all() {
        print_line(&format!("{} ({})", spec.title, spec.vendor.name()))?;
        for route in spec.routes {
            let access = match route.access {
                Access::Public => "public".to_owned(),
                Access::Key(name) => format!("the {name} key"),
                Access::Token([]) => "any token".to_owned(),
                Access::Token(scopes) => scopes.join(" or "),
            };
            print_line(&format!(
                "  {:<26} {:<6} {:<52} {:<44} {}",
                route.name,
                route.method.as_str(),
                route.path,
                access,
                route.source
            ))?;
        }
        if let Some(webhooks) = spec.webhooks {
            let topics: Vec<&str> = webhooks.topics.iter().map(|topic| topic.name).collect();
            print_line(&format!(
                "  {:<26} {:<6} {:<52} {:<44} {}",
                webhooks.route,
                "POST",
                "to the stack",
                topics.join(", "),
                webhooks.source
            ))?;
        }
    }
    Ok(())
}
