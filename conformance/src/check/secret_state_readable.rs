//! `secret/state-readable`.

use crate::observe::Facts;
use crate::observe::wording::few;
use crate::recording::OpenFile;
use crate::verdict::Finding;

use super::{Check, Judged};

/// A secret in a file that everybody can read.
pub(super) const CHECK: Check = Check {
    id: "secret/state-readable",
    title: "a secret lies in a file of the state that everybody on the machine can read",
    explanation: "\
A stack has to keep tokens over a restart, and its state folder is where they belong. But whoever has an account on that \
machine, and every other service there, reads what is `0644`. When the run is over, the harness looks at the files of the \
state folder: one that others than its owner and his group can read, through folders that others can enter, and in which a \
secret of the run is found, is named with its permissions. The secret is searched for as by `secret/leaked`. What holds no \
secret may be open; a state that is kept elsewhere than in the run's folder is not looked at.

Usual causes: a file is created with the permissions that the umask leaves, mostly `0644`; a file is written anew beside \
the old one and moved over it, and the new one was never made private; a database is private and its journal is not.

Source: https://cwe.mitre.org/data/definitions/732.html (incorrect permission assignment for critical resource).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let telling: Vec<&OpenFile> = facts.recording.open_state.iter().filter(|file| !file.secrets.is_empty()).collect();
    let Some(first) = telling.first() else { return Vec::new() };
    let observed = format!("{} is {:04o} and holds {}", first.name, first.mode, first.secrets[0]);
    let rows = telling.iter().map(|file| format!("{} ({:04o}): {}", file.name, file.mode, file.secrets.join(", ")));
    let found = CHECK.fail("what holds a secret can be read by the stack's own user alone", observed);
    vec![found.evidence(few(rows)).done()]
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;
    use crate::recording::OpenFile;

    fn open(secrets: &[&str]) -> Example {
        let mut run = Example::travel();
        let secrets = secrets.iter().map(|name| (*name).to_owned()).collect();
        run.recording.open_state.push(OpenFile { name: "tokens.json".to_owned(), mode: 0o644, secrets });
        run
    }

    #[test]
    fn what_holds_no_secret_may_be_open() {
        open(&[]).passes(&CHECK);
    }

    #[test]
    fn a_token_in_an_open_file_is_named_with_the_files_permissions() {
        let finding = open(&["<token:miro/stack#1>"]).fails(&CHECK);
        assert_eq!(finding.observed, "tokens.json is 0644 and holds <token:miro/stack#1>");
    }
}
