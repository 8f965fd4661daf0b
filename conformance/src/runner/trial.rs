//! Furnishing a stack without starting it: for `conformance stack check`.

use std::path::Path;

use super::place::Place;
use crate::stack::Manifest;

/// Renders all that the manifest has to render, into a folder that is thrown away, and looks for the command. Gives back
/// the command as it would be run.
pub fn trial(manifest: &Manifest, exe: &Path) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for trying it out: {e}"))?;
    let place = Place::make(folder.path(), manifest, exe).map_err(|e| e.to_string())?;
    place.render_files(manifest).map_err(|e| e.to_string())?;
    place.ready_url(manifest).map_err(|e| e.to_string())?;
    let launch = place.launch(manifest, "UTC").map_err(|e| e.to_string())?;
    match launch.executable() {
        Some(_) => Ok(launch.command.join(" ")),
        None => Err(format!("`{}` is not there, or is not in PATH", launch.command[0])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(run: &str, template: &str) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.yaml"), template).unwrap();
        let manifest = format!(
            "name: mine\nrun: [{run}]\nclock: virtual\ncapabilities: [miro.audit_log]\n\
             declares: {{ poll_every: 1h, look_back: 6h, lateness: 60m }}\nready: {{ phase: ready }}\n\
             files: {{ config: config.yaml }}\nreport: stdout\n"
        );
        std::fs::write(dir.path().join("stack.yaml"), manifest).unwrap();
        trial(&Manifest::read(dir.path()).unwrap(), Path::new("/bin/conformance"))
    }

    #[test]
    fn a_sound_stack_shows_its_command() {
        assert_eq!(check("sh, -c, 'exit 0'", "every: {{ declares.poll_every }}\n").as_deref(), Ok("sh -c exit 0"));
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let error = check("./no-such-command", "").unwrap_err();
        assert_eq!(error, "`./no-such-command` is not there, or is not in PATH");
    }
}
