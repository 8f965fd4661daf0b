//! A client's way through the pages of a log or list: cursors, walks, and the page note in the journal.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::credentials::TokenStore;
use super::dialect::Failure;
use super::exchange::{Context, PageBend, Request};
use super::form::encode_pairs;
use crate::journal::PageNote;
use crate::seed::Seed;
use crate::simulation::InstanceState;
use crate::time::SimTime;

/// Most (walk, cursor) pairs remembered.
const CAPACITY: usize = 4_096;

/// A list that is served in pages, as data.
#[derive(Debug)]
pub struct Paging {
    /// Name of the list: a feed's, or `members`.
    pub list: &'static str,
    /// The query parameter that carries the cursor.
    pub cursor_parameter: &'static str,
    /// What a cursor looks like.
    pub cursor: CursorForm,
    /// How many items a page has.
    pub size: PageSize,
}

/// What a cursor looks like.
#[derive(Clone, Copy, Debug)]
pub enum CursorForm {
    /// The key of the last item of the page: usable with any window, for ever.
    Key {
        /// The place of a key in the list's order; none if the text is no key.
        place: fn(&str) -> Option<SimTime>,
        /// The key to give out for the last item of a page: its own, unless that names another place than the one it
        /// stands in (an entry that is shown a second time).
        key: fn(&Position, Order) -> String,
        /// A key that nobody has, right beside one that somebody has: a walk continued there begins with that one.
        beside: fn(&str, Order) -> String,
    },
    /// Made of the place of an item, readable to whoever knows the form, and so forgeable: it leads to any place, whether
    /// somebody was given it or not. The same text leads on in the list's own parameter and back in another one.
    Place {
        /// The query parameter in which it leads back.
        back: &'static str,
        /// Reads one; none if the text is none.
        read: fn(&str) -> Option<Position>,
        /// Writes one.
        write: fn(&Position) -> String,
    },
    /// The number of the page, from 1.
    Number,
    /// How many items stand before the page: a number that clients count up themselves.
    Offset,
    /// Opaque to the client, and checked: a forged, foreign or cut one is refused.
    Sealed,
}

/// Direction of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest key, or oldest, first.
    Ascending,
    /// Largest key, or newest, first.
    Descending,
}

impl Order {
    /// The other one.
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// How many items a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// The query parameter that asks for a size.
    pub parameter: &'static str,
    /// If it is not there.
    pub default: u32,
    /// The most.
    pub max: u32,
    /// What is done with more than the most.
    pub above: AboveMax,
}

/// What a vendor does when asked for more than it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AboveMax {
    /// Gives the most it has.
    Clamp,
    /// Refuses, in these words; `{}` stands for the size that was asked for.
    Refuse(&'static str),
}

impl PageSize {
    /// The size to serve: what was asked for within the vendor's bounds, and never more than `cap`, the scenario's
    /// `page_size`.
    pub fn read(self, asked: Option<&str>, cap: Option<u32>) -> Result<u32, Failure> {
        let size = match asked {
            None | Some("") => self.default,
            Some(text) => {
                let number = text.parse::<i64>().ok().filter(|n| *n >= 1);
                let refused = |words: &str| Failure::bad_parameter(self.parameter, words.replace("{}", text));
                match (number, self.above) {
                    (None, AboveMax::Refuse(words)) => return Err(refused(words)),
                    (None, AboveMax::Clamp) => return Err(refused("must be a whole number above 0")),
                    (Some(n), AboveMax::Refuse(words)) if n > i64::from(self.max) => return Err(refused(words)),
                    (Some(n), _) => u32::try_from(n).unwrap_or(u32::MAX).min(self.max),
                }
            }
        };
        Ok(size.min(cap.unwrap_or(u32::MAX)).max(1))
    }
}

/// A place in a list: the item before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Time of that item; the epoch in lists without time.
    pub at: SimTime,
    /// Its key.
    pub id: Arc<str>,
}

/// A cursor after reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Where to go on; none for the beginning.
    pub after: Option<Position>,
    /// Where to go back from: the page is the one that ends right before it.
    pub before: Option<Position>,
    /// Which page, where pages are numbered: from 0. Where items are counted: how many stand before it.
    page: usize,
    /// How many empty pages led here.
    hops: u32,
}

impl Paging {
    /// Reads the cursor of a request, if it has one.
    pub fn cursor(&self, ctx: &mut Context<'_>, request: &Request) -> Result<Cursor, Failure> {
        let bend = ctx.bend;
        let state = ctx.instance_state();
        let walk = || walk_of(&state.tokens, request, self.cursor_parameter);
        let bad = |why: &str| Failure::BadCursor { why: why.to_owned() };
        let back = match self.cursor {
            CursorForm::Place { back, .. } => cursor_text(request, back),
            _ => None,
        };
        let Some(text) = cursor_text(request, self.cursor_parameter).or(back) else {
            if !state.walks.expired.is_empty() {
                let walk = walk();
                state.walks.begin(walk);
            }
            return Ok(Cursor::default());
        };
        if bend == Some(PageBend::ExpireCursor) {
            let walk = walk();
            state.walks.expire(walk, text);
        }
        if !state.walks.expired.is_empty() && state.walks.expired.contains(&(walk().to_owned(), text.to_owned())) {
            return Err(bad("it has expired"));
        }
        match self.cursor {
            CursorForm::Key { place, .. } => {
                let at = place(text).ok_or_else(|| bad("it is not the key of an entry, or not all of one"))?;
                Ok(Cursor { after: Some(Position { at, id: text.into() }), ..Cursor::default() })
            }
            // Who asks for page 0, or for one that is no number, gets the first.
            CursorForm::Number => {
                Ok(Cursor { page: text.parse().unwrap_or(1_usize).saturating_sub(1), ..Cursor::default() })
            }
            // What is no number, or a negative one, begins at the beginning.
            CursorForm::Offset => Ok(Cursor { page: text.parse().unwrap_or(0), ..Cursor::default() }),
            CursorForm::Place { back, read, .. } => {
                let place = |parameter| {
                    let text = cursor_text(request, parameter);
                    text.map(|t| read(t).ok_or_else(|| bad("it names no place"))).transpose()
                };
                let (after, before) = (place(self.cursor_parameter)?, place(back)?);
                Ok(Cursor { after, before, ..Cursor::default() })
            }
            CursorForm::Sealed => unseal(text, &self.seal(ctx)).ok_or_else(|| bad("this list never gave it out")),
        }
    }

    /// What a sealed cursor is bound to: simulation, instance and list.
    fn seal(&self, ctx: &Context<'_>) -> Seal {
        Seal { seed: ctx.sim.scenario.seed, scope: format!("{}/{}", ctx.instance().name, self.list) }
    }

    /// The cursor that leads on from a place, where cursors are made of places.
    pub fn behind(&self, ctx: &Context<'_>, position: &Position) -> String {
        self.encode(ctx, &Cursor::default(), position, Order::Ascending, 0)
    }

    /// The cursor that leads on from `position`, the last of `served` items.
    fn encode(&self, ctx: &Context<'_>, current: &Cursor, position: &Position, order: Order, served: usize) -> String {
        match self.cursor {
            CursorForm::Key { key, .. } => key(position, order),
            CursorForm::Place { write, .. } => write(position),
            CursorForm::Number => (current.page + 2).to_string(),
            CursorForm::Offset => (current.page + served).to_string(),
            CursorForm::Sealed => self.seal(ctx).close(Some(position), 0),
        }
    }

    /// A cursor other than `current` that leads to the same items, of which `first` is the first.
    fn detour(&self, ctx: &Context<'_>, current: &Cursor, first: &Position, order: Order) -> String {
        match self.cursor {
            CursorForm::Key { beside, .. } => beside(&first.id, order),
            CursorForm::Place { write, .. } => write(&beside(first, order)),
            // The same number to whoever reads numbers, another text to whoever looks for loops.
            CursorForm::Number => format!("0{}", current.page + 1),
            CursorForm::Offset => format!("0{}", current.page),
            CursorForm::Sealed => self.seal(ctx).close(current.after.as_ref(), current.hops + 1),
        }
    }
}

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The cursor of the next; none on the last (or an empty one, by a fault).
    pub next: Option<String>,
    /// The cursor of the one before, in lists that can be walked back; none on the first.
    pub prev: Option<String>,
    /// How many pages there are, where pages are numbered.
    pub pages: Option<usize>,
}

/// What was asked for, as far as the page note tells.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The log's name, for logs.
    pub log: Option<&'static str>,
    /// Bounds of the window.
    pub window: (Option<SimTime>, Option<SimTime>),
    /// Direction; ascending unless said.
    pub order: Option<Order>,
}

/// Cuts a page from `items`, which hold at least one more than `size` if there is more (in front, for a page that is
/// reached by going back; all there are, where pages are numbered or items counted); bends it if a fault says so, and notes it.
/// `position` names an item's place.
pub fn cut<T>(
    ctx: &mut Context<'_>,
    request: &Request,
    paging: &Paging,
    asked: &Asked,
    mut items: Vec<T>,
    size: u32,
    position: impl Fn(&T) -> Position,
) -> Result<Page<T>, Failure> {
    let current = paging.cursor(ctx, request)?;
    let sent = cursor_text(request, paging.cursor_parameter).map(str::to_owned);
    let order = asked.order.unwrap_or(Order::Ascending);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut pages = None;
    if matches!(paging.cursor, CursorForm::Number) {
        pages = Some(items.len().div_ceil(size.max(1)));
        items.drain(..current.page.saturating_mul(size).min(items.len()));
    }
    if matches!(paging.cursor, CursorForm::Offset) {
        items.drain(..current.page.min(items.len()));
    }
    let more = items.len() > size;
    if current.before.is_some() {
        items.drain(..items.len().saturating_sub(size));
    } else {
        items.truncate(size);
    }
    let leads_on = more || current.before.is_some();
    let last = items.last().filter(|_| leads_on);
    let mut next = last.map(|last| paging.encode(ctx, &current, &position(last), order, items.len()));
    let prev = match paging.cursor {
        CursorForm::Number => (current.page > 0).then(|| current.page.to_string()),
        CursorForm::Place { write, .. } if current.after.is_some() || (current.before.is_some() && more) => {
            items.first().map(|first| write(&position(first)))
        }
        _ => None,
    };
    let walk = walk_of(&ctx.instance_state().tokens, request, paging.cursor_parameter);
    let first = items.first().filter(|_| ctx.bend.is_some());
    let detour = first.map(|first| paging.detour(ctx, &current, &position(first), order));
    match ctx.bend {
        None | Some(PageBend::ExpireCursor) => {}
        Some(PageBend::EmptyCursor) => next = next.or(Some(String::new())),
        Some(PageBend::ForeignLink) => next = next.or(detour),
        // The first two pages have none before them to lead back to: they lead on, or no circle would close.
        Some(PageBend::CycleCursor) => {
            next = ctx.instance_state().walks.before(walk, sent.as_deref()).or(next);
        }
        Some(PageBend::RepeatCursor) => next = sent.clone().or(detour),
        Some(PageBend::Empty) => {
            next = detour;
            items.clear();
        }
    }
    let walks = &mut ctx.instance_state().walks;
    let number = match paging.cursor {
        CursorForm::Number => u32::try_from(current.page + 1).unwrap_or(u32::MAX),
        _ => walks.number(walk, sent.as_deref()),
    };
    if let Some(next) = next.as_ref().filter(|next| !next.is_empty()) {
        walks.note(walk, next, number + 1);
    }
    ctx.notes.page = Some(PageNote {
        walk: walk.to_owned(),
        number,
        cursor: sent,
        next: next.clone().filter(|next| !next.is_empty()),
        log: asked.log.map(str::to_owned),
        served: items.iter().map(|i| position(i).id).collect(),
        from: asked.window.0,
        until: asked.window.1,
    });
    Ok(Page { items, next, prev, pages })
}

/// The page that a request asks for of `items`, which are all there are; `id` names one. A cursor that is an item's place
/// leads on behind it; if the item is gone meanwhile, behind those whose ids come before its own.
pub fn of_all<T>(
    ctx: &mut Context<'_>,
    request: &Request,
    paging: &Paging,
    mut items: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<Page<T>, Failure> {
    let cap = ctx.sim.scenario.apps[ctx.app.0].page_size;
    let size = paging.size.read(request.query(paging.size.parameter), cap)?;
    if let Some(last) = paging.cursor(ctx, request)?.after {
        let place = items.iter().position(|item| *id(item) == *last.id).map(|found| found + 1);
        items.drain(..place.unwrap_or_else(|| items.partition_point(|item| *id(item) <= *last.id)));
    }
    let position = |item: &T| Position { at: SimTime::from_us(0), id: id(item).into() };
    cut(ctx, request, paging, &Asked::default(), items, size, position)
}

/// The page that a request asks for, from 1: what a fault's `page` is compared with. `cursor_parameter` is the
/// vendor's.
pub fn asked_page(state: &InstanceState, request: &Request, cursor_parameter: &str) -> u32 {
    // Pages that are numbered say so themselves.
    if let Some(number) = cursor_text(request, "page").and_then(|page| page.parse().ok()) {
        return number;
    }
    let walk = walk_of(&state.tokens, request, cursor_parameter);
    state.walks.number(walk, cursor_text(request, cursor_parameter))
}

/// Which page of which walk each cursor leads to. Bounded: the oldest are forgotten.
#[derive(Debug, Default)]
pub struct Walks {
    pages: BTreeMap<(String, String), u32>,
    age: VecDeque<(String, String)>,
    /// Cursors that a fault has ended, until their walk begins anew.
    expired: BTreeSet<(String, String)>,
}

impl Walks {
    /// A walk that begins with a cursor (one kept from an earlier walk) begins with its page 1 all the same.
    fn number(&self, walk: &str, cursor: Option<&str>) -> u32 {
        let known = cursor.and_then(|c| self.pages.get(&(walk.to_owned(), c.to_owned())));
        known.copied().unwrap_or(1)
    }

    /// A cursor that led to the page before the one that `cursor` leads to; none if that is the first or second page.
    fn before(&self, walk: &str, cursor: Option<&str>) -> Option<String> {
        let wanted = self.number(walk, cursor).checked_sub(1)?;
        let of_walk = self.pages.range((walk.to_owned(), String::new())..).take_while(|((w, _), _)| w == walk);
        of_walk.filter(|(_, number)| **number == wanted).map(|((_, c), _)| c.clone()).next()
    }

    fn expire(&mut self, walk: &str, cursor: &str) {
        self.expired.insert((walk.to_owned(), cursor.to_owned()));
    }

    /// A walk that begins anew may use its cursors again.
    fn begin(&mut self, walk: &str) {
        self.expired.retain(|(of, _)| of != walk);
    }

    fn note(&mut self, walk: &str, cursor: &str, number: u32) {
        let key = (walk.to_owned(), cursor.to_owned());
        if self.pages.contains_key(&key) {
            return;
        }
        if self.age.len() == CAPACITY
            && let Some(oldest) = self.age.pop_front()
        {
            self.pages.remove(&oldest);
        }
        self.age.push_back(key.clone());
        self.pages.insert(key, number);
    }
}

/// Path parameters that name the customer. An instance has one, so they tell no walks apart, and a next link may spell
/// them differently (GitHub's name the organisation by number).
const CUSTOMER: [&str; 5] = ["org", "org_id", "enterprise", "tenant", "community"];

/// Tells a walk: the grant (a walk goes on with a refreshed token), the route with what its path names, and the query
/// without its cursor and without what is empty.
fn walk_of<'a>(tokens: &TokenStore, request: &'a Request, cursor_parameter: &str) -> &'a str {
    request.walk.get_or_init(|| name_walk(tokens, request, cursor_parameter))
}

fn name_walk(tokens: &TokenStore, request: &Request, cursor_parameter: &str) -> String {
    let kept = request.query.iter().filter(|(k, v)| k != cursor_parameter && k != "access_token" && !v.is_empty());
    let named = request.params.iter().filter(|(k, _)| !CUSTOMER.contains(&k.as_str()));
    let path = encode_pairs(named.map(|(k, v)| (k.as_str(), v.as_str())));
    let query = encode_pairs(kept.map(|(k, v)| (k.as_str(), v.as_str())));
    let grant = tokens.grant_presented(&request.headers, &request.query).unwrap_or_default();
    format!("{grant} {} {path}?{query}", request.route.name)
}

fn cursor_text<'a>(request: &'a Request, parameter: &str) -> Option<&'a str> {
    request.query(parameter).filter(|c| !c.is_empty())
}

/// What a sealed cursor is bound to.
struct Seal {
    seed: Seed,
    scope: String,
}

impl Seal {
    fn close(&self, after: Option<&Position>, hops: u32) -> String {
        let place = after.map_or_else(|| "-|".to_owned(), |p| format!("{}|{}", p.at.us(), p.id));
        let payload = format!("{hops}|{place}");
        BASE64_URL_SAFE_NO_PAD.encode(format!("{:016x}{payload}", self.tag(&payload)))
    }

    fn tag(&self, payload: &str) -> u64 {
        self.seed.number(&["cursor", &self.scope, payload])
    }
}

fn unseal(text: &str, seal: &Seal) -> Option<Cursor> {
    let opened = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (tag, payload) = (opened.get(..16)?, opened.get(16..)?);
    if u64::from_str_radix(tag, 16).ok()? != seal.tag(payload) {
        return None;
    }
    let mut parts = payload.splitn(3, '|');
    let hops = parts.next()?.parse().ok()?;
    let after = match (parts.next()?, parts.next()?) {
        ("-", _) => None,
        (at, id) => Some(Position { at: SimTime::from_us(at.parse().ok()?), id: id.into() }),
    };
    Some(Cursor { after, hops, ..Cursor::default() })
}

/// A place that nothing stands in, right in front of an item in this order.
fn beside(first: &Position, order: Order) -> Position {
    let mut id = first.id.to_string();
    match order {
        // Ids of one length: none stands between one and itself without its last character.
        Order::Ascending => drop(id.pop()),
        Order::Descending => id.push('~'),
    }
    Position { at: first.at, id: id.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_cursor_opens_only_where_it_was_closed() {
        let seal = |scope: &str| Seal { seed: Seed(7), scope: scope.to_owned() };
        let position = Position { at: SimTime::from_ms(5), id: "a|b".into() };
        let text = seal("entra/sign_ins").close(Some(&position), 2);
        assert_eq!(
            unseal(&text, &seal("entra/sign_ins")),
            Some(Cursor { after: Some(position), hops: 2, ..Cursor::default() })
        );
        assert_eq!(unseal(&text, &seal("entra/users")), None);
        assert_eq!(unseal(&text[..text.len() - 2], &seal("entra/sign_ins")), None);
        assert_eq!(unseal("", &seal("entra/sign_ins")), None);
    }

    #[test]
    fn page_sizes_stay_within_the_vendors_bounds_and_the_scenarios_cap() {
        let clamp = PageSize { parameter: "limit", default: 100, max: 100, above: AboveMax::Clamp };
        let refuse = PageSize { parameter: "$top", default: 100, max: 999, above: AboveMax::Refuse("no: '{}'") };
        let no = |text: &str| Err(Failure::bad_parameter("$top", format!("no: '{text}'")));
        #[rustfmt::skip]
        let cases = [
            // rule   asked          cap        expected
            (clamp,  None,          None,      Ok(100)),
            (clamp,  Some("7"),     None,      Ok(7)),
            (clamp,  Some("5000"),  None,      Ok(100)),
            (clamp,  Some("50"),    Some(10),  Ok(10)),
            (clamp,  Some("0"),     None,      Err(Failure::bad_parameter("limit", "must be a whole number above 0"))),
            (refuse, Some("999"),   None,      Ok(999)),
            (refuse, Some("1000"),  None,      no("1000")),
            (refuse, Some("many"),  None,      no("many")),
        ];
        for (rule, asked, cap, expected) in cases {
            assert_eq!(rule.read(asked, cap), expected, "{asked:?} capped at {cap:?}");
        }
    }

    #[test]
    fn walks_forget_the_oldest_cursors_first() {
        let mut walks = Walks::default();
        for n in 0..=CAPACITY {
            walks.note("w", &n.to_string(), 9);
        }
        assert_eq!(walks.number("w", Some("0")), 1);
        assert_eq!(walks.number("w", Some("1")), 9);
    }
}
