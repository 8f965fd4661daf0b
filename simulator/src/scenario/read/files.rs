//! `files`: what people have made before the story.

use super::map_of;
use crate::scenario::fields::{Context, Fields};
use crate::scenario::model::{FileSpec, Holding, Sharing};
use crate::scenario::tables::FILE;
use crate::scenario::yaml::{Entry, clip};

/// `files`: those that can be read.
pub(super) fn files(top: &Fields<'_>, context: Context<'_>) -> Vec<FileSpec> {
    map_of(top, "files", context).iter().filter_map(|entry| file(entry, context)).collect()
}

fn file(entry: &Entry, context: Context<'_>) -> Option<FileSpec> {
    let what = format!("file \"{}\"", clip(&entry.key));
    let fields = Fields::open(&entry.value, &what, &[FILE], &[], context)?;
    let holds = fields.word("holds").map(|word| word.value);
    let sharing = fields.word("shared").map(|word| word.value);
    let holding = |word: &str| Holding::ALL.into_iter().find(|(_, name)| *name == word).map(|(holding, _)| holding);
    let shared = |word: &str| Sharing::ALL.into_iter().find(|(_, name)| *name == word).map(|(sharing, _)| sharing);
    Some(FileSpec {
        name: entry.key.clone(),
        app: fields.app("app")?.value.0,
        owner: fields.person("owner")?.value,
        holds: holds.and_then(holding).unwrap_or(Holding::Nothing),
        sharing: sharing.and_then(shared).unwrap_or(Sharing::Team),
        at: entry.key_span.at,
    })
}
