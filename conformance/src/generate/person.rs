//! A generated story that happens to somebody who was named, in place of somebody who was drawn.

use simulator::attacks::{Generated, Story};

/// Who a story happens to: whoever does its last line. None where that is the administrator, who is always there.
pub(super) fn victim(story: &Story) -> Option<&str> {
    let actor = story.script.last()?.actor.as_str();
    story.cast.iter().any(|(key, _)| key == actor).then_some(actor)
}

/// The same story and twin with `to` in place of `from`, names of the files included.
pub(super) fn renamed(generated: Generated, from: &str, to: &str) -> Generated {
    let Generated { name, story, twin_name, twin } = generated;
    let file = |name: &str| in_place(name, from, &to.replace('_', "-"));
    Generated {
        name: file(&name),
        story: story_of(story, from, to),
        twin_name: file(&twin_name),
        twin: story_of(twin, from, to),
    }
}

fn story_of(mut story: Story, from: &str, to: &str) -> Story {
    story.title = in_place(&story.title, from, to);
    for (key, _) in story.cast.iter_mut().filter(|(key, _)| key == from) {
        *key = to.to_owned();
    }
    for line in &mut story.script {
        line.actor = in_place(&line.actor, from, to);
        for (_, value) in &mut line.keys {
            *value = in_place(value, from, to);
        }
    }
    story
}

/// The text with one word in place of another, written small or with a capital.
fn in_place(text: &str, from: &str, to: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.len() - rest.trim_start_matches(is_word).len();
        let (head, tail) = rest.split_at(word.max(rest.chars().next().map_or(1, char::len_utf8)));
        match head {
            head if head == from => out.push_str(to),
            head if head == capital(from) => out.push_str(&capital(to)),
            head => out.push_str(head),
        }
        rest = tail;
    }
    out
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_renamed_and_parts_of_words_are_not() {
        for (text, expected) in [
            ("Chen works in Chennai", "Zoe works in Chennai"),
            ("files-51-by-chen", "files-51-by-zoe"),
            ("chen_2, chen", "chen_2, zoe"),
            ("München", "München"),
        ] {
            assert_eq!(in_place(text, "chen", "zoe"), expected);
        }
    }
}
