//! From `--stack NAME` or a folder to the folder that holds the manifest.

use std::path::{Path, PathBuf};

use super::manifest::FILE_NAME;

/// The stack that is run when none is named.
pub const DEFAULT: &str = "reference";

/// No such stack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no stack `{named}`: {why}")]
pub struct NoSuchStack {
    named: String,
    why: String,
}

/// The folder of a stack: `named` is a folder with a manifest, the manifest itself, or a name in the `stacks` folder of
/// `from` or of its nearest ancestor that has one.
pub fn find(named: &str, from: &Path) -> Result<PathBuf, NoSuchStack> {
    let as_folder = from.join(named);
    if as_folder.join(FILE_NAME).is_file() {
        return Ok(as_folder);
    }
    if as_folder.ends_with(FILE_NAME) && as_folder.is_file() {
        return Ok(as_folder.parent().unwrap_or(from).to_owned());
    }
    let wrong = |why: String| Err(NoSuchStack { named: named.to_owned(), why });
    // A bare name that leads nowhere from here is a name in `stacks`; whatever is there was meant.
    let here = match (as_folder.is_dir(), as_folder.exists()) {
        (true, _) => format!("{} has no {FILE_NAME}; ", as_folder.display()),
        (false, true) => format!("{} is a file, and a stack is a folder with a {FILE_NAME}; ", as_folder.display()),
        (false, false) if named.contains('/') => format!("{} is not there; ", as_folder.display()),
        (false, false) => String::new(),
    };
    let Some(stacks) = nearest(from, "stacks") else {
        // Nobody may have asked for it.
        if named == DEFAULT {
            let advice = "say which with `--stack DIR`; `conformance stack new DIR` makes one";
            return wrong(format!("no folder `stacks` lies here or above; {advice}"));
        }
        return wrong(format!(
            "{here}no folder `stacks` lies here or above; `conformance stack new {named}` makes one"
        ));
    };
    let dir = stacks.join(named);
    if dir.join(FILE_NAME).is_file() {
        return Ok(dir);
    }
    let mut there: Vec<String> = std::fs::read_dir(&stacks)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().join(FILE_NAME).is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    there.sort();
    wrong(format!(
        "{here}{} holds {}",
        stacks.display(),
        if there.is_empty() { "none".to_owned() } else { there.join(", ") }
    ))
}

/// The folder called `name` in `from` or in its nearest ancestor that has one.
pub fn nearest(from: &Path, name: &str) -> Option<PathBuf> {
    let from = std::path::absolute(from).ok()?;
    from.ancestors().map(|dir| dir.join(name)).find(|dir| dir.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(root: &Path, path: &str) -> PathBuf {
        let dir = root.join(path);
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(FILE_NAME), "").unwrap();
        dir
    }

    #[test]
    fn a_name_is_looked_up_in_the_nearest_stacks_folder_above() {
        let root = tempfile::tempdir().unwrap();
        let dir = stack(root.path(), "stacks/reference");
        std::fs::create_dir_all(root.path().join("scenarios/deep")).unwrap();
        assert_eq!(find("reference", &root.path().join("scenarios/deep")), Ok(dir));
    }

    #[test]
    fn a_folder_with_a_manifest_is_taken_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let dir = stack(root.path(), "elsewhere/mine");
        assert_eq!(find("elsewhere/mine", root.path()), Ok(dir.clone()));
        assert_eq!(find("elsewhere/mine/stack.yaml", root.path()), Ok(dir.clone()));
        assert_eq!(find(dir.to_str().unwrap(), Path::new("/")), Ok(dir));
    }

    #[test]
    fn where_no_stack_is_named_and_none_lies_above_it_is_told_how_to_name_one() {
        let root = tempfile::tempdir().unwrap();
        let error = find(DEFAULT, root.path()).unwrap_err().to_string();
        assert!(error.ends_with("say which with `--stack DIR`; `conformance stack new DIR` makes one"), "{error}");
    }

    #[test]
    fn a_name_that_is_not_there_is_answered_with_those_that_are() {
        let root = tempfile::tempdir().unwrap();
        stack(root.path(), "stacks/reference");
        stack(root.path(), "stacks/other");
        let error = find("refrence", root.path()).unwrap_err().to_string();
        assert!(error.ends_with("holds other, reference"), "{error}");
    }
}
