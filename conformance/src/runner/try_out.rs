//! Furnishing a stack without starting it: for `conformance stack check`.

use std::path::Path;

use super::place::Place;
use crate::stack::Manifest;
use crate::stack::process::Launch;

/// Renders all that the manifest has to render, into a folder that is thrown away, and looks for the commands. Gives back
/// the commands as they would be run, each with the name of its process.
pub fn try_out(manifest: &Manifest, exe: &Path) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for trying it out: {e}"))?;
    let place = Place::make(folder.path(), manifest, exe).map_err(|e| e.to_string())?;
    place.render_files(manifest).map_err(|e| e.to_string())?;
    place.ready_url(manifest).map_err(|e| e.to_string())?;
    let launches = place.launches(manifest, "UTC", None).map_err(|e| e.to_string())?;
    // What the set-up has still to bring cannot be there yet.
    let is_set_up = manifest.setup.is_done(&manifest.name).map_err(|e| e.to_string())?;
    let command = |launch: &Launch| {
        // A word that is a path into the stack's own folder means a file that its author has to write.
        let own: Vec<&Path> =
            launch.command.iter().map(Path::new).filter(|word| word.starts_with(&launch.stack_dir)).collect();
        if let Some(missing) = own.iter().find(|word| !word.exists()) {
            return Err(format!("`{}` is not there", missing.display()));
        }
        if let Some(unwritten) = own.iter().find(|word| is_template(word)) {
            return Err(format!("`{}` is still the template: {NEXT}", unwritten.display()));
        }
        if is_set_up && launch.executable().is_none() {
            return Err(format!("`{}` is not there, or is not in PATH", launch.command[0]));
        }
        let name = launch.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        Ok(name + &launch.command.join(" "))
    };
    launches.iter().map(command).collect()
}

/// Stands in the program that `conformance stack new` writes, until its author puts another in its place.
const TEMPLATE: &str = "this is still the template of 'conformance stack new'";
/// What its author does next.
const NEXT: &str = "\
put a program in its place that asks the apps of its first argument (JSON) for what is new, and appends each record to its \
second as a line of the contract (`conformance schema report`), or name your own program under `run`. \
docs/src/bring-a-stack.md has one of five lines (a first verdict)";

/// Whether the file holds the program of a new stack, in which nothing is written yet.
fn is_template(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(TEMPLATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(run: &str, template: &str) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.yaml"), template).unwrap();
        let manifest = format!(
            "name: mine\nrun: {run}\nclock: virtual\ncapabilities: [miro.audit_log]\n\
             declares: {{ poll_every: 1h, look_back: 6h, lateness: 60m }}\nready: {{ phase: ready }}\n\
             files: {{ config: config.yaml }}\nreport: stdout\n"
        );
        std::fs::write(dir.path().join("stack.yaml"), manifest).unwrap();
        try_out(&Manifest::read(dir.path()).unwrap(), Path::new("/bin/conformance"))
    }

    #[test]
    fn a_sound_stack_shows_its_command() {
        let template = "every: {{ declares.poll_every }}\nfrom: {{ connections.apps.miro.base_url }}\n";
        assert_eq!(check("[sh, -c, 'exit 0']", template), Ok(vec!["sh -c exit 0".to_owned()]));
    }

    #[test]
    fn each_of_several_processes_shows_its_command() {
        let commands = check("{ collector: [sh, a.sh], actor: [sh, b.sh] }", "").unwrap();
        assert_eq!(commands, ["collector: sh a.sh", "actor: sh b.sh"]);
    }

    #[test]
    fn a_file_of_the_stacks_own_that_is_not_there_is_named() {
        let error = check("[sh, '{{ stack.dir }}/run.sh']", "").unwrap_err();
        assert!(error.ends_with("/run.sh` is not there"), "{error}");
    }

    #[test]
    fn the_program_of_a_new_stack_is_the_template() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("run.sh");
        std::fs::write(&program, include_str!("../stack/skeleton.sh")).unwrap();
        assert!(is_template(&program));
        std::fs::write(&program, "exec my-connector \"$1\" \"$2\"\n").unwrap();
        assert!(!is_template(&program) && !is_template(folder.path()));
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let error = check("[./no-such-command]", "").unwrap_err();
        assert_eq!(error, "`./no-such-command` is not there, or is not in PATH");
    }
}
