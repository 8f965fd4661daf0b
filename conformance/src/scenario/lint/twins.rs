//! Every attack has a twin that is nearly one and must stay silent.

use std::path::{Path, PathBuf};

use simulator::scenario::yaml::{Node, Span, Value};
use simulator::scenario::{Document, Problems};

use super::{Remark, Subject};
use crate::scenario::{Kind, What, files};

/// Keys that a twin may write otherwise: what happens and what is owed. What a file says about itself is no difference.
const MAY_DIFFER: [&str; 9] =
    ["title", "networks", "files", "script", "attacks", "expect", "twin_of", "about", "source"];

pub(super) fn remarks(subject: &Subject, path: &Path) -> Vec<Remark> {
    match &subject.script.twin_of {
        Some(original) => as_twin(subject, &path.with_file_name(original)),
        None => without_twin(subject, path).into_iter().collect(),
    }
}

fn tree(path: &Path) -> Option<Node> {
    Document::open(path, Problems::default()).ok().map(|(document, _)| document.root)
}

/// An attack that no file beside this one is the near miss of.
fn without_twin(subject: &Subject, path: &Path) -> Option<Remark> {
    let first = subject.root.get("attacks")?.entries().first()?;
    let name = path.file_name()?.to_str()?;
    let names_this = |file: &PathBuf| {
        let root = tree(file);
        matches!(root.as_ref().and_then(|r| r.get("twin_of")).map(|n| &n.value), Some(Value::Scalar { text, .. }) if text == name)
    };
    let has_twin = files::beside(path).iter().filter(|file| file.file_name() != path.file_name()).any(names_this);
    let message = "no twin: no file beside this one says that it is the near miss of this attack";
    (!has_twin).then(|| Remark::warning(first.key_span, format!("{message} (`twin_of: {name}`)")))
}

/// A twin differs from its original in what happens and in nothing else, and stays silent.
fn as_twin(subject: &Subject, original: &Path) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let name = original.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(root) = tree(original) {
        let mut keys: Vec<(&str, Option<Span>)> = Vec::new();
        keys.extend(subject.root.entries().iter().map(|entry| (entry.key.as_str(), Some(entry.key_span))));
        keys.extend(
            root.entries().iter().map(|e| (e.key.as_str(), None)).filter(|(key, _)| subject.root.get(key).is_none()),
        );
        for (key, span) in keys.into_iter().filter(|(key, _)| !MAY_DIFFER.contains(key)) {
            match (span, root.get(key), subject.root.get(key)) {
                (_, Some(theirs), Some(ours)) if theirs.says_the_same(ours) => {}
                (Some(span), Some(_), _) => {
                    remarks.push(Remark::warning(span, format!("`{key}` differs from {name}, whose twin this is")));
                }
                (Some(span), None, _) => {
                    remarks
                        .push(Remark::warning(span, format!("`{key}` is not written in {name}, whose twin this is")));
                }
                (None, ..) => {
                    let span = subject.root.get("twin_of").map(|node| node.span).unwrap_or_default();
                    remarks.push(Remark::warning(span, format!("`{key}` is written in {name} and missing here")));
                }
            }
        }
    }
    let owed = subject.script.expect.iter().filter(|e| e.kind == Kind::Must && e.what == What::Alert);
    let message = "a twin must stay silent, and here an alert is owed";
    remarks.extend(owed.map(|e| Remark::warning(Span { at: e.at, length: 1 }, message)));
    remarks
}
