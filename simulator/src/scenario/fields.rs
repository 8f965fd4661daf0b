//! Typed reading of a map's keys, checked against its tables.

use std::time::Duration;

use jiff::civil::Date;

use super::model::{AppIndex, Vendor, Who};
use super::names::Names;
use super::problem::Problems;
use super::table::{self, Key, Kind, Need, Of};
use super::tables::LAST_DAY;
use super::words::{duration_message, known_word, refuse_word, time_message};
use super::yaml::{Entry, Node, Span, Value, clip};
use crate::time::{Calendar, SimTime, parse_duration};
use crate::world::{PLACES, Place, place};

/// A value and where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub span: Span,
}

/// What every reader of one file shares.
#[derive(Clone, Copy, Debug)]
pub struct Context<'d> {
    /// What is named in the file.
    pub names: &'d Names,
    /// Where its days lie.
    pub calendar: Calendar,
    /// Where complaints go.
    pub problems: &'d Problems,
}

/// A map whose keys are known to be keys of its tables.
#[derive(Clone, Debug)]
pub struct Fields<'d> {
    node: &'d Node,
    tables: Vec<&'static [Key]>,
    /// Keys that are not written, and were probably meant by others that are.
    meant: Vec<String>,
    context: Context<'d>,
}

impl<'d> Fields<'d> {
    /// Opens a map: complains of keys that no table has (but for those of `skip`) and of keys that are missing.
    /// `what` names the entry in messages: `a step`, `app "miro"`.
    pub fn open(
        node: &'d Node,
        what: &str,
        tables: &[&'static [Key]],
        skip: &[&str],
        context: Context<'d>,
    ) -> Option<Self> {
        match &node.value {
            Value::Map(_) => {}
            Value::Refused => return None,
            Value::Scalar { text, .. } if text.is_empty() => {
                context
                    .problems
                    .add(node.span, format!("{what} is a map; found nothing (write `{{}}` for one without keys)"));
                return None;
            }
            _ => {
                context.problems.add(node.span, format!("{what} is a map; found {}", node.found()));
                return None;
            }
        }
        let mut fields = Self { node, tables: tables.to_vec(), meant: Vec::new(), context };
        for entry in node.entries() {
            match table::find(tables, &entry.key) {
                Some(key) if key.is_built() => {}
                Some(key) => {
                    context.problems.add(entry.key_span, format!("`{}` in {what} is not built yet", key.name));
                }
                None if skip.contains(&entry.key.as_str()) => {}
                None => fields.meant.extend(fields.unknown_key(entry, what, skip)),
            }
        }
        for key in fields.keys().filter(|key| key.need == Need::Mandatory) {
            if node.get(key.name).is_none() && !fields.is_meant(key.name) {
                context.problems.add(node.span, format!("{what} lacks `{}`: {}", key.name, key.meaning));
            }
        }
        Some(fields)
    }

    /// Opens a map that others read as well: nothing is said of its keys, known or not, missing or not.
    pub fn open_part(node: &'d Node, tables: &[&'static [Key]], context: Context<'d>) -> Self {
        Self { node, tables: tables.to_vec(), meant: Vec::new(), context }
    }

    /// Complains of a key; gives back which was probably meant.
    fn unknown_key(&self, entry: &Entry, what: &str, skip: &[&str]) -> Option<String> {
        let built = self.keys().filter(|key| key.is_built()).map(|key| key.name);
        let known: Vec<&str> = built.chain(skip.iter().copied()).collect();
        let mut message = format!("unknown key \"{}\" in {what}", clip(&entry.key));
        // `actor:alice` is one word to YAML.
        if let Some((key, value)) = entry.key.split_once(':').filter(|(key, _)| known.contains(key)) {
            self.context.problems.add_with(entry.key_span, message, Some(&format!("{key}: {}", clip(value))));
            return Some(key.to_owned());
        }
        let nearest = super::suggest::nearest(&entry.key, known.iter().copied());
        if nearest.is_none() {
            message.push_str(&format!("; its keys are {}", known.join(", ")));
        }
        self.context.problems.add_with(entry.key_span, message, nearest);
        nearest.map(str::to_owned)
    }

    /// Whether the key was probably meant by one that is written and unknown: of that nothing more is said.
    pub(crate) fn is_meant(&self, key: &str) -> bool {
        self.meant.iter().any(|meant| meant == key)
    }

    fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    /// Where the entry begins.
    pub fn span(&self) -> Span {
        self.node.span
    }

    /// The map itself.
    pub(crate) fn root(&self) -> &'d Node {
        self.node
    }

    /// Whether the key is written.
    pub fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some()
    }

    /// Where the key itself is written.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.node.entries().iter().find(|e| e.key == key).map(|e| e.key_span)
    }

    /// The value as it stands in the tree.
    pub fn node(&self, key: &str) -> Option<&'d Node> {
        self.node.get(key)
    }

    fn key(&self, name: &str) -> &'static Key {
        table::find(&self.tables, name).expect("readers ask only for keys of their own tables")
    }

    /// Complains at the value of `key`, or at the entry.
    pub fn complain(&self, key: &str, message: impl Into<String>) {
        self.context.problems.add(self.node(key).map_or(self.node.span, |n| n.span), message);
    }

    /// Complains at the key itself, or at the entry.
    pub fn complain_at_key(&self, key: &str, message: impl Into<String>) {
        self.context.problems.add(self.key_span(key).unwrap_or(self.node.span), message);
    }

    fn wrong(&self, key: &Key, node: &Node) {
        let hint = match (&node.value, key.kind) {
            (Value::Scalar { text, quoted: true }, Kind::Number { .. } | Kind::Flag) if !text.is_empty() => {
                " in quotes; take them off"
            }
            _ => "",
        };
        self.context
            .problems
            .add(node.span, format!("{} is {}; found {}{hint}", key.name, key.kind.expected(), node.found()));
    }

    /// A scalar's text; complains of everything else.
    fn scalar(&self, key: &Key, node: &'d Node) -> Option<Spanned<&'d str>> {
        match &node.value {
            Value::Scalar { text, .. } if !text.is_empty() => Some(Spanned { value: text.as_str(), span: node.span }),
            Value::Refused => None,
            _ => {
                self.wrong(key, node);
                None
            }
        }
    }

    /// A scalar that is not in quotes.
    fn plain(&self, key: &Key, node: &'d Node) -> Option<Spanned<&'d str>> {
        if matches!(node.value, Value::Scalar { quoted: true, .. }) {
            self.wrong(key, node);
            return None;
        }
        self.scalar(key, node)
    }

    /// One scalar, or a list of them.
    fn scalars(&self, key: &Key, node: &'d Node) -> Vec<Spanned<&'d str>> {
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| self.scalar(key, item)).collect(),
            _ => self.scalar(key, node).into_iter().collect(),
        }
    }

    /// [`Kind::Text`], [`Kind::NewName`] and the like: the text as written.
    pub fn text(&self, key: &str) -> Option<Spanned<&'d str>> {
        let text = self.scalar(self.key(key), self.node(key)?)?;
        refuse_word(text, "value", self.context.problems).then_some(text)
    }

    /// [`Kind::Texts`]: one or more.
    pub fn texts(&self, key: &str) -> Vec<Spanned<&'d str>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let texts = self.scalars(self.key(key), node);
        texts.into_iter().filter(|text| refuse_word(*text, "value", self.context.problems)).collect()
    }

    /// [`Kind::Number`].
    pub fn number(&self, key: &str) -> Option<Spanned<u64>> {
        let (key, node) = (self.key(key), self.node(key)?);
        let text = self.plain(key, node)?;
        let Kind::Number { min, max } = key.kind else { unreachable!("the table says that {} is a number", key.name) };
        let digits = !text.value.is_empty() && text.value.bytes().all(|b| b.is_ascii_digit());
        match text.value.parse::<u64>().ok().filter(|n| digits && (min..=max).contains(n)) {
            Some(value) => Some(Spanned { value, span: text.span }),
            None => {
                self.wrong(key, node);
                None
            }
        }
    }

    /// [`Kind::Number`] whose most fits 32 bits.
    pub fn small_number(&self, key: &str) -> Option<Spanned<u32>> {
        let n = self.number(key)?;
        Some(Spanned { value: u32::try_from(n.value).expect("the table's most fits"), span: n.span })
    }

    /// [`Kind::Flag`].
    pub fn flag(&self, key: &str) -> Option<Spanned<bool>> {
        let (key, node) = (self.key(key), self.node(key)?);
        let text = self.plain(key, node)?;
        match text.value {
            "true" => Some(Spanned { value: true, span: text.span }),
            "false" => Some(Spanned { value: false, span: text.span }),
            _ => {
                self.wrong(key, node);
                None
            }
        }
    }

    /// [`Kind::Duration`].
    pub fn duration(&self, key: &str) -> Option<Spanned<Duration>> {
        let (key, node) = (self.key(key), self.node(key)?);
        let text = self.scalar(key, node)?;
        let Kind::Duration { min, max } = key.kind else {
            unreachable!("the table says that {} is a duration", key.name)
        };
        let bound = |text| parse_duration(text).expect("bounds in tables are durations");
        match parse_duration(text.value) {
            Ok(value) if (bound(min)..=bound(max)).contains(&value) => Some(Spanned { value, span: text.span }),
            Ok(_) => {
                let message = format!("{} is from {min} to {max}; found \"{}\"", key.name, clip(text.value));
                self.context.problems.add(text.span, message);
                None
            }
            Err(error) => {
                self.context.problems.add(text.span, duration_message(&error, text.value));
                None
            }
        }
    }

    /// [`Kind::Shift`]: microseconds.
    pub fn shift(&self, key: &str) -> Option<Spanned<i64>> {
        let (key, node) = (self.key(key), self.node(key)?);
        let text = self.scalar(key, node)?;
        let Kind::Shift { most } = key.kind else { unreachable!("the table says that {} is a shift", key.name) };
        let most_length = parse_duration(most).expect("bounds in tables are durations");
        let (sign, length) = text.value.strip_prefix('-').map_or((1, text.value), |length| (-1, length));
        match parse_duration(length) {
            Ok(length) if (Duration::from_millis(1)..=most_length).contains(&length) => {
                let us = i64::try_from(length.as_micros()).expect("the table's most is a day");
                Some(Spanned { value: sign * us, span: text.span })
            }
            Ok(_) => {
                let message =
                    format!("{} is from -{most} to {most} and not 0; found \"{}\"", key.name, clip(text.value));
                self.context.problems.add(text.span, message);
                None
            }
            Err(error) => {
                self.context.problems.add(text.span, duration_message(&error, length));
                None
            }
        }
    }

    /// [`Kind::Days`]: how many.
    pub fn days(&self, key: &str) -> Option<Spanned<u32>> {
        const DAY: u64 = 86_400;
        let (key, node) = (self.key(key), self.node(key)?);
        let text = self.scalar(key, node)?;
        let Kind::Days { min, max } = key.kind else { unreachable!("the table says that {} is in days", key.name) };
        let length = match parse_duration(text.value) {
            Ok(length) => length,
            Err(error) => {
                self.context.problems.add(text.span, duration_message(&error, text.value));
                return None;
            }
        };
        let days = u32::try_from(length.as_secs() / DAY).unwrap_or(u32::MAX);
        if length != Duration::from_secs(u64::from(days) * DAY) {
            self.complain(key.name, format!("{} is in whole days; found \"{}\"", key.name, clip(text.value)));
            return None;
        }
        if !(min..=max).contains(&days) {
            self.complain(key.name, format!("{} is from {min}d to {max}d; found \"{}\"", key.name, clip(text.value)));
            return None;
        }
        Some(Spanned { value: days, span: text.span })
    }

    /// [`Kind::Date`].
    pub fn date(&self, key: &str) -> Option<Spanned<Date>> {
        let (key, node) = (self.key(key), self.node(key)?);
        let text = self.scalar(key, node)?;
        let shaped = text.value.len() == 10 && text.value.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        match text.value.parse::<Date>().ok().filter(|d| shaped && (2000..=2099).contains(&d.year())) {
            Some(value) => Some(Spanned { value, span: text.span }),
            None => {
                self.wrong(key, node);
                None
            }
        }
    }

    /// [`Kind::Time`].
    pub fn time(&self, key: &str) -> Option<Spanned<SimTime>> {
        let text = self.scalar(self.key(key), self.node(key)?)?;
        self.parse_time(text)
    }

    /// Reads `day 2 09:40`.
    pub(crate) fn parse_time(&self, text: Spanned<&str>) -> Option<Spanned<SimTime>> {
        let Context { calendar, problems, .. } = self.context;
        match calendar.parse(text.value) {
            Ok(value) if calendar.day_of(value).abs() <= LAST_DAY => Some(Spanned { value, span: text.span }),
            Ok(_) => {
                problems.add(text.span, format!("\"{}\" is too far away; days go to day {LAST_DAY}", clip(text.value)));
                None
            }
            Err(error) => {
                problems.add(text.span, time_message(&error, text.value));
                None
            }
        }
    }

    /// [`Kind::Word`].
    pub fn word(&self, key: &str) -> Option<Spanned<&'static str>> {
        let key = self.key(key);
        let text = self.scalar(key, self.node(key.name)?)?;
        let (Kind::Word(vocabulary) | Kind::Words(vocabulary)) = key.kind else {
            unreachable!("the table says that {} is a word", key.name)
        };
        known_word(vocabulary, text, self.context.problems)
    }

    /// [`Kind::Words`]: one or more, each once.
    pub fn words(&self, key: &str) -> Vec<Spanned<&'static str>> {
        let key = self.key(key);
        let Some(node) = self.node(key.name) else { return Vec::new() };
        let Kind::Words(vocabulary) = key.kind else { unreachable!("the table says that {} is words", key.name) };
        let texts = self.scalars(key, node);
        let words = texts.into_iter().filter_map(|text| known_word(vocabulary, text, self.context.problems)).collect();
        self.once_each(words)
    }

    fn once_each<T: PartialEq + Copy>(&self, values: Vec<Spanned<T>>) -> Vec<Spanned<T>> {
        let mut out: Vec<Spanned<T>> = Vec::new();
        for value in values {
            if out.iter().any(|o| o.value == value.value) {
                self.context.problems.add(value.span, "this is written twice in the list");
            } else {
                out.push(value);
            }
        }
        out
    }

    /// [`Of::Place`].
    pub fn place(&self, key: &str) -> Option<Spanned<&'static Place>> {
        let text = self.scalar(self.key(key), self.node(key)?)?;
        match place(text.value) {
            Some(value) => Some(Spanned { value, span: text.span }),
            None => {
                self.context.problems.unknown(text.span, "place", text.value, PLACES.iter().map(|p| p.name));
                None
            }
        }
    }

    /// [`Of::PlaceOrNetwork`].
    pub fn place_or_network(&self, key: &str) -> Option<Spanned<super::model::From>> {
        let text = self.scalar(self.key(key), self.node(key)?)?;
        let networks = &self.context.names.networks;
        let network = networks.iter().position(|n| n == text.value).map(super::model::From::Network);
        match network.or_else(|| place(text.value).map(super::model::From::Place)) {
            Some(value) => Some(Spanned { value, span: text.span }),
            None => {
                let known = PLACES.iter().map(|p| p.name).chain(networks.iter().map(String::as_str));
                self.context.problems.unknown(text.span, "place", text.value, known);
                None
            }
        }
    }

    /// [`Of::App`]: an instance and, unless its vendor could not be read, whose it is.
    pub fn app(&self, key: &str) -> Option<Spanned<(AppIndex, Option<Vendor>)>> {
        let text = self.scalar(self.key(key), self.node(key)?)?;
        self.context.names.app(text, self.context.problems)
    }

    /// A list of [`Of::App`].
    pub fn apps(&self, key: &str) -> Vec<Spanned<AppIndex>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let texts = self.scalars(self.key(key), node).into_iter();
        let apps = texts.filter_map(|text| self.context.names.app(text, self.context.problems));
        self.once_each(apps.map(|app| Spanned { value: app.value.0, span: app.span }).collect())
    }

    /// [`Of::Person`].
    pub fn person(&self, key: &str) -> Option<Spanned<Who>> {
        let text = self.scalar(self.key(key), self.node(key)?)?;
        self.context.names.person(text, self.context.problems)
    }

    /// A list of [`Of::Person`]: the keys of the cast.
    pub fn people(&self, key: &str) -> Vec<Spanned<&'d str>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let texts = self.scalars(self.key(key), node).into_iter();
        let known = texts.filter(|text| self.context.names.person(*text, self.context.problems).is_some());
        self.once_each(known.collect())
    }

    /// A name of a kind that is looked up by its text: [`Of::Attack`], [`Of::Policy`], [`Of::Step`]. Its index.
    pub fn name(&self, key: &str) -> Option<Spanned<usize>> {
        let key = self.key(key);
        let Kind::Name(of) = key.kind else { unreachable!("the table says that {} is a name", key.name) };
        let text = self.scalar(key, self.node(key.name)?)?;
        self.context.names.index(of, text, self.context.problems)
    }

    /// A list of [`Of::Step`]: the ids.
    pub fn steps(&self, key: &str) -> Vec<Spanned<&'d str>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let texts = self.scalars(self.key(key), node).into_iter();
        let known = texts.filter(|text| self.context.names.index(Of::Step, *text, self.context.problems).is_some());
        self.once_each(known.collect())
    }
}
