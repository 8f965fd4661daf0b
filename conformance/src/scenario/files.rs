//! Which files are scenarios, and what they are called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use simulator::scenario::ScenarioErrors;

use super::Script;
use crate::named::Misnamed;
use crate::printable;
use crate::walk::{self, Links};

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its name in every report: the path below `scenarios/`, without extension, with `/`, fit to be printed.
    pub id: String,
    /// Where it is, as it was asked for.
    pub path: PathBuf,
}

impl Found {
    /// Reads it.
    pub fn read(&self) -> Result<Script, ScenarioErrors> {
        super::read::read_file(&self.path, &self.id)
    }
}

/// A path that leads to no scenario.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Misnamed),
    /// A folder without one.
    #[error("{}: no scenario (.yaml) in this folder", .0.display())]
    Empty(PathBuf),
    /// Two files of one name: what was played, accepted and reported of one would be the other's too.
    #[error("{} and {} would both be called `{id}`: rename one, or put them into a folder `scenarios`", one.display(), other.display())]
    SameId {
        /// The name.
        id: String,
        /// A file.
        one: PathBuf,
        /// The other file.
        other: PathBuf,
    },
}

/// The scenarios at and below some paths, in order of id, each once.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Found>, FindError> {
    let mut found: BTreeMap<PathBuf, Found> = BTreeMap::new();
    for path in paths {
        let unreadable = |error| Misnamed::met(path, &error, "a scenario (.yaml), or a folder of them");
        let files = if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            let files = below(path).map_err(unreadable)?;
            if files.is_empty() {
                return Err(FindError::Empty(path.clone()));
            }
            files
        } else {
            vec![path.clone()]
        };
        for file in files {
            let real = std::fs::canonicalize(&file).map_err(unreadable)?;
            let id = id_of(&standing(&file).map_err(unreadable)?, &file, path);
            found.entry(real).or_insert(Found { id, path: file });
        }
    }
    let mut found: Vec<Found> = found.into_values().collect();
    found.sort();
    match found.windows(2).find(|pair| pair[0].id == pair[1].id) {
        None => Ok(found),
        Some(pair) => {
            let (one, other) = (&pair[0], &pair[1]);
            Err(FindError::SameId { id: one.id.clone(), one: one.path.clone(), other: other.path.clone() })
        }
    }
}

/// The scenario files below a folder.
fn below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut files, mut failed) = (Vec::new(), None);
    walk::visit(folder, Links::Files, &|path| !walk::is_hidden(path), &mut |path, found| match found {
        Ok(()) if is_scenario(path) => files.push(path.to_owned()),
        Ok(()) => {}
        Err(error) => failed = Some(std::io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    });
    failed.map_or(Ok(files), Err)
}

/// What a single file is called: as [`find`] says, if it is there.
pub fn found_at(path: &Path) -> Found {
    let real = standing(path).unwrap_or_else(|_| path.to_owned());
    Found { id: id_of(&real, path, path), path: path.to_owned() }
}

/// The scenario files in the folder of `path`, in order.
pub(super) fn beside(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|e| path.with_file_name(e.file_name())).filter(|p| is_scenario(p)).collect();
    files.sort();
    files
}

fn is_scenario(path: &Path) -> bool {
    !walk::is_hidden(path) && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Where a file stands, whatever leads to its folder. A link stands where it is, not where it leads.
fn standing(file: &Path) -> std::io::Result<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(std::fs::canonicalize(folder)?.join(file.file_name().unwrap_or_default()))
}

/// Below the innermost folder called `scenarios`, or below what was asked for.
fn id_of(real: &Path, file: &Path, asked: &Path) -> String {
    let parts: Vec<String> = real.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let root = parts.iter().take(parts.len().saturating_sub(1)).rposition(|part| part == "scenarios");
    let below = match (root, file.strip_prefix(asked)) {
        (Some(root), _) => parts[root + 1..].join("/"),
        (None, Ok(below)) if !below.as_os_str().is_empty() => {
            let below: Vec<String> =
                below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            below.join("/")
        }
        _ => parts.last().cloned().unwrap_or_default(),
    };
    let id = match below.rsplit_once('.') {
        Some((id, _)) if !id.is_empty() => id,
        _ => &below,
    };
    printable::line(id).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(files: &[&str]) -> tempfile::TempDir {
        let house = tempfile::tempdir().unwrap();
        for file in files {
            let path = house.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        house
    }

    fn ids(paths: &[PathBuf]) -> Vec<String> {
        find(paths).unwrap().into_iter().map(|found| found.id).collect()
    }

    #[test]
    fn a_link_to_a_scenario_is_one_and_is_called_after_where_it_stands() {
        let house = house(&["scenarios/..2026_03_02/travel.yaml"]);
        let root = house.path().join("scenarios");
        std::os::unix::fs::symlink("..2026_03_02", root.join("..data")).unwrap();
        std::os::unix::fs::symlink("..data/travel.yaml", root.join("travel.yaml")).unwrap();
        assert_eq!(ids(std::slice::from_ref(&root)), ["travel"]);
        assert_eq!(found_at(&root.join("travel.yaml")).id, "travel");
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let house = house(&["a/s.yaml", "b/s.yaml", "scenarios/x.yaml", "scenarios/x.yml", "scenarios/y.yaml"]);
        let at = |path: &str| house.path().join(path);
        for paths in [vec![at("a"), at("b")], vec![at("scenarios")]] {
            let error = find(&paths).unwrap_err();
            assert!(matches!(&error, FindError::SameId { id, .. } if id == "s" || id == "x"), "{error}");
        }
        assert_eq!(ids(&[at("a"), at("scenarios/x.yaml")]), ["s", "x"]);
    }

    #[test]
    fn an_id_is_the_path_below_scenarios_however_it_is_asked_for() {
        let house =
            house(&["scenarios/travel/b.yaml", "scenarios/travel/a.yml", "scenarios/x.json", "scenarios/.y.yaml"]);
        let root = house.path().join("scenarios");
        assert_eq!(ids(std::slice::from_ref(&root)), ["travel/a", "travel/b"]);
        assert_eq!(ids(&[root.join("travel")]), ["travel/a", "travel/b"]);
        assert_eq!(ids(&[root.join("travel/b.yaml"), root.clone()]), ["travel/a", "travel/b"]);
        assert_eq!(found_at(&root.join("travel/b.yaml")).id, "travel/b");
    }

    #[test]
    fn elsewhere_an_id_is_the_path_below_what_was_asked_for() {
        let house = house(&["mine/deep/a.yaml"]);
        assert_eq!(ids(&[house.path().join("mine")]), ["deep/a"]);
        assert_eq!(ids(&[house.path().join("mine/deep/a.yaml")]), ["a"]);
    }

    #[test]
    fn a_path_that_leads_to_no_scenario_is_an_error() {
        let house = house(&["empty/x.txt"]);
        assert!(matches!(find(&[house.path().join("empty")]), Err(FindError::Empty(_))));
        assert!(matches!(find(&[house.path().join("none")]), Err(FindError::Unreadable(_))));
    }
}
