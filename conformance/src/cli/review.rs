//! `conformance review`: snapshots that differ, one by one.

use std::path::{Path, PathBuf};

use clap::Args;
use console::Term;

use super::{CliError, here};
use crate::named::Misnamed;
use crate::report::Paint;
use crate::runner::folder;
use crate::runner::outcome::Exit;
use crate::snapshot::{self, Look};

/// Which snapshots.
#[derive(Args, Debug)]
pub(super) struct ReviewArgs {
    /// Scenarios, or folders of them: `travel/london-madrid-84m`, `travel`; all without any.
    #[arg(value_name = "ID")]
    only: Vec<String>,
    /// Where they lie; the nearest `snapshots` here or above without it.
    #[arg(long, value_name = "DIR")]
    snapshots: Option<PathBuf>,
}

pub(super) fn review(args: &ReviewArgs) -> Result<Exit, CliError> {
    let root = folder::snapshots(args.snapshots.as_deref(), &here()?)
        .ok_or_else(|| CliError::wrong("there is no folder `snapshots` here or above; --snapshots DIR says where"))?;
    if !root.is_dir() {
        return Err(CliError::wrong(Misnamed::new(&root, instead(&root), "the folder of accepted snapshots")));
    }
    if let Some(id) = args.only.iter().find(|id| !root.join(id).exists()) {
        let expected = "a scenario that has left snapshots, or a folder of them: `travel/london-madrid-84m`, `travel`";
        return Err(CliError::wrong(Misnamed::new(Path::new(id), format!("is not in {}", root.display()), expected)));
    }
    let columns = Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    let look = Look { paint: Paint::for_stdout(), columns };
    let (answers, shown) = (std::io::stdin().lock(), std::io::stdout().lock());
    let reviewed = snapshot::review(answers, shown, &root, &args.only, look).map_err(CliError::ours)?;
    Ok(if reviewed.skipped + reviewed.refused == 0 { Exit::Pass } else { Exit::Fail })
}

/// What is there in place of a folder.
fn instead(path: &Path) -> &'static str {
    if path.exists() { "is a file" } else { "is not there" }
}
