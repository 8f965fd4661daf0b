//! What of this process's environment a stack under test is given.
//!
//! The rest stays here: a CI keeps its secrets in variables, and a stack is somebody else's program. `docs/src/bring-a-stack.md`
//! says so to whoever brings one.

use std::ffi::OsString;

use simulator::tls::PROXIES;

/// Variables that programs need to be found, to know whom they work for, where to put what they keep, and in which words to
/// speak.
const ALLOWED: [&str; 10] =
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];
/// What begins so belongs to one of these families: the words of messages, and the folders of the XDG base directories.
const FAMILIES: [&str; 2] = ["LC_", "XDG_"];

/// Variables that are the harness's to set: how the vendors are reached, and where the day begins.
fn is_ours(name: &str) -> bool {
    name == "TZ" || name.eq_ignore_ascii_case("no_proxy") || PROXIES.contains(&name)
}

/// Why a manifest may not ask for the variable, if it may not.
pub(super) fn refused(name: &str) -> Option<String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(fine) {
        return Some(format!("`{name}` is not the name of a variable; values are not written here"));
    }
    is_ours(name)
        .then(|| format!("`{name}` is set for each run: proxies lead to the simulator, `TZ` is the scenario's"))
}

/// The variables that a stack whose manifest asks for `wanted` is given, of `all` there are.
pub(super) fn given(
    all: impl Iterator<Item = (OsString, OsString)>,
    wanted: &[String],
) -> impl Iterator<Item = (OsString, OsString)> {
    all.filter(|(name, _)| {
        let Some(name) = name.to_str() else { return false };
        let allowed = ALLOWED.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family));
        allowed || wanted.iter().any(|wanted| wanted == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_need_is_handed_on_and_what_the_manifest_names_and_nothing_else() {
        let all = [
            ("PATH", "/bin"),
            ("HOME", "/home/ana"),
            ("LC_ALL", "C"),
            ("XDG_CACHE_HOME", "/cache"),
            ("LICENCE", "x"),
            ("GITHUB_TOKEN", "secret"),
            ("HTTPS_PROXY", "http://proxy.example"),
            ("TZ", "UTC"),
            ("XDGISH", "x"),
        ];
        let all = all.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let given: Vec<OsString> =
            given(all.into_iter(), &["LICENCE".to_owned(), "ABSENT".to_owned()]).map(|(name, _)| name).collect();
        assert_eq!(given, ["PATH", "HOME", "LC_ALL", "XDG_CACHE_HOME", "LICENCE"]);
    }

    #[test]
    fn what_is_no_name_or_is_ours_to_set_cannot_be_asked_for() {
        assert_eq!(["JAVA_HOME", "_x", "a1"].map(refused), [None, None, None]);
        for name in ["", "1A", "TOKEN=x", "A B", "TZ", "https_proxy", "NO_PROXY"] {
            assert!(refused(name).is_some(), "{name}");
        }
    }
}
