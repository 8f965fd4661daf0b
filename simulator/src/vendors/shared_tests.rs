//! What every vendor owes a client. Each vendor's `tests.rs` says how it is asked, and runs all of these.

use std::time::Duration;

use serde_json::Value;

use super::testing::{Reply, Room, at, step, story};
use crate::protocol::exchange::PageBend;
use crate::scenario::{AppIndex, Scenario, SignIn, Vendor, Verb};

/// How a vendor is asked.
pub(crate) struct Manner {
    pub(crate) vendor: Vendor,
    /// A verb that leaves one entry there.
    pub(crate) verb: Verb,
    /// First page of the log, three entries a page, for the whole of day 1.
    pub(crate) log: String,
    /// Where the entries stand in a page: a JSON pointer.
    pub(crate) entries: &'static str,
    /// What an entry's id is called.
    pub(crate) id: &'static str,
    /// The address of the next page, made from this page's address and the answer; none at the end.
    pub(crate) next: fn(&str, &Reply) -> Option<String>,
    /// A scope that does not open the log, and the status of its refusal.
    pub(crate) other_scope: (&'static str, u16),
    /// The status that answers a path under another method.
    pub(crate) other_method: u16,
    /// A path that nobody serves, and the route it nearly is.
    pub(crate) mistyped: (&'static str, &'static str),
    pub(crate) refusals: Refusals,
    /// What of the story is not as for every vendor.
    pub(crate) prepare: fn(&mut Scenario, AppIndex),
    /// Where the script happens; none: in the vendor's own instance.
    pub(crate) elsewhere: Option<Vendor>,
}

/// How a vendor refuses, where vendors differ.
pub(crate) struct Refusals {
    /// Status of a token that is not good.
    pub(crate) token: u16,
    /// Status of a cursor that leads nowhere.
    pub(crate) cursor: u16,
    /// Statuses of a used-up limit.
    pub(crate) limit: &'static [u16],
    /// How long to wait where the refusal does not tell.
    pub(crate) untold_wait: Option<Duration>,
    /// The header that tells when a limit is full again.
    pub(crate) reset: &'static str,
}

impl Refusals {
    /// What most vendors answer.
    pub(crate) const USUAL: Self =
        Self { token: 401, cursor: 400, limit: &[429], untold_wait: None, reset: "x-ratelimit-reset" };
}

impl Manner {
    pub(crate) fn run(&self) {
        self.an_expired_token_is_refused();
        self.a_missing_scope_is_refused();
        self.a_walk_gives_every_entry_once_in_order();
        self.ties_are_not_torn_at_a_page_boundary();
        self.a_scenario_can_make_pages_small();
        self.what_is_late_is_shown_late();
        self.an_empty_page_leads_on();
        self.a_repeated_cursor_leads_nowhere_else();
        self.two_cursors_lead_to_each_other();
        self.an_expired_cursor_is_refused_until_the_walk_begins_anew();
        self.an_empty_cursor_ends_the_walk();
        self.scopes_that_were_not_granted_open_nothing();
        self.a_429_tells_when_to_come_back();
        self.an_unknown_path_names_the_nearest_route();
        self.the_same_seed_gives_the_same_bytes();
    }

    /// Eight entries at different times, and four at the same instant.
    fn script(&self) -> Scenario {
        let mut scenario = story(SignIn::Password, &["ann", "bob"]);
        let place = |vendor| scenario.apps.iter().position(|a| a.vendor == vendor).map(AppIndex);
        let own = place(self.vendor).expect("every story has them all");
        let app = self.elsewhere.and_then(place).unwrap_or(own);
        (self.prepare)(&mut scenario, own);
        for n in 0..8 {
            let time = at("09:00:00") + Duration::from_secs(60 * n);
            scenario.script.push(step(time, usize::from(n % 2 == 1), self.verb, app));
        }
        let mut tie = step(at("10:00:00"), 0, self.verb, app);
        tie.times = 4;
        scenario.script.push(tie);
        scenario
    }

    fn room(&self) -> Room {
        Room::new(self.script(), self.vendor)
    }

    fn entries<'a>(&self, body: &'a Value) -> &'a Value {
        body.pointer(self.entries).expect("a page has entries")
    }

    /// Ids of the entries, page by page.
    #[track_caller]
    fn walk(&self, room: &mut Room, token: &str) -> Vec<Vec<String>> {
        let (mut url, mut pages) = (Some(self.log.clone()), Vec::new());
        while let Some(asked) = url {
            // Graph allows five requests in ten seconds.
            room.now = room.now + Duration::from_secs(10);
            let reply = room.get(&asked, token);
            let body = reply.expect(200);
            let entries = self.entries(&body).as_array().expect("a list of entries");
            let ids: Vec<String> = entries.iter().map(|e| e[self.id].as_str().expect("an id").to_owned()).collect();
            let note = reply.notes.page.clone().expect("a page is noted");
            pages.push(ids.clone());
            assert!(note.served.iter().map(|id| &**id).eq(&ids), "{:?} are not {ids:?}", note.served);
            assert_eq!((note.number as usize, reply.page as usize), (pages.len(), pages.len()), "{}", note.walk);
            assert!(pages.len() < 20, "the walk does not end");
            url = (self.next)(&asked, &reply);
            assert_eq!(url.is_some(), note.next.is_some());
        }
        pages
    }

    fn an_expired_token_is_refused(&self) {
        let mut scenario = self.script();
        scenario.apps.iter_mut().for_each(|a| a.token_life = Some(Duration::from_secs(600)));
        let mut room = Room::new(scenario, self.vendor);
        let token = room.token();
        assert_eq!(room.get(&self.log, &token).status, 200);
        room.now = room.now + Duration::from_secs(600);
        let refused = room.get(&self.log, &token);
        let status = self.refusals.token;
        assert_eq!(refused.status, status);
        assert!(refused.reasons[0].contains("has expired"), "{:?}", refused.reasons);
        assert_eq!(room.get(&self.log, "nobodys").status, status);
        assert_eq!(room.send(axum::http::Method::GET, &self.log, &[], "").status, status);
    }

    fn a_missing_scope_is_refused(&self) {
        let mut room = self.room();
        let token = room.token_with(&[self.other_scope.0]);
        let refused = room.get(&self.log, &token);
        assert_eq!(refused.status, self.other_scope.1);
        assert!(refused.reasons[0].starts_with("scope: wants one of ["), "{:?}", refused.reasons);
    }

    fn a_walk_gives_every_entry_once_in_order(&self) {
        let mut room = self.room();
        let token = room.token();
        let pages = self.walk(&mut room, &token);
        let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 3, 3], "a full last page is the last");
        let mut ids = pages.concat();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12);
    }

    fn ties_are_not_torn_at_a_page_boundary(&self) {
        let mut room = self.room();
        let token = room.token();
        let pages = self.walk(&mut room, &token);
        // In either direction a boundary falls into the four that happened at once.
        assert_eq!(pages.concat().len(), 12);
        assert_eq!(self.walk(&mut room, &token), pages, "and a second walk is the same");
    }

    fn a_scenario_can_make_pages_small(&self) {
        let mut scenario = self.script();
        scenario.apps.iter_mut().for_each(|a| a.page_size = Some(2));
        let mut room = Room::new(scenario, self.vendor);
        let token = room.token();
        assert_eq!(self.walk(&mut room, &token).len(), 6);
    }

    fn what_is_late_is_shown_late(&self) {
        let mut scenario = self.script();
        scenario.script[7].late = Some(Duration::from_secs(6 * 3_600));
        let mut room = Room::new(scenario, self.vendor);
        let token = room.token();
        assert_eq!(self.walk(&mut room, &token).concat().len(), 11);
        room.now = at("15:07:00");
        let later = self.walk(&mut room, &token).concat();
        assert_eq!(later.len(), 12, "and stands where it belongs");
        let at_noon = self.walk_at_noon();
        let late: Vec<usize> = (0..12).filter(|n| !at_noon.contains(&later[*n])).collect();
        // The eighth from one end, and the fifth from the other.
        assert!(late == [7] || late == [4], "{late:?}");
    }

    fn walk_at_noon(&self) -> Vec<String> {
        let mut scenario = self.script();
        scenario.script[7].late = Some(Duration::from_secs(6 * 3_600));
        let mut room = Room::new(scenario, self.vendor);
        let token = room.token();
        self.walk(&mut room, &token).concat()
    }

    fn an_empty_page_leads_on(&self) {
        let mut room = self.room();
        let token = room.token();
        let first = room.get(&self.log, &token);
        let second_url = (self.next)(&self.log, &first).expect("there is more");
        let (first, straight) = (first.json(), room.get(&second_url, &token).json());
        for url in [self.log.as_str(), second_url.as_str()] {
            room.now = room.now + Duration::from_secs(10);
            room.bend = Some(PageBend::Empty);
            let empty = room.get(url, &token);
            assert_eq!(self.entries(&empty.expect(200)), &serde_json::json!([]));
            room.bend = None;
            let detour = (self.next)(url, &empty).expect("it leads on");
            assert_ne!(detour, url, "a client must not take it for a loop");
            let body = room.get(&detour, &token).expect(200);
            let expected = if url == self.log { &first } else { &straight };
            assert_eq!(self.entries(&body), self.entries(expected));
        }
    }

    fn a_repeated_cursor_leads_nowhere_else(&self) {
        let mut room = self.room();
        let token = room.token();
        let first = room.get(&self.log, &token);
        let second_url = (self.next)(&self.log, &first).expect("there is more");
        room.bend = Some(PageBend::RepeatCursor);
        let bent = room.get(&second_url, &token);
        let again = (self.next)(&second_url, &bent).expect("there is a cursor");
        let again = room.get(&again, &token).expect(200);
        assert_eq!(self.entries(&again), self.entries(&bent.expect(200)));
    }

    /// The address and the body of each page, as a client has them that waits as long as it should.
    #[track_caller]
    fn pages(&self, room: &mut Room, token: &str) -> Vec<(String, Value)> {
        let (mut url, mut pages) = (Some(self.log.clone()), Vec::new());
        while let Some(asked) = url {
            room.now = room.now + Duration::from_secs(10);
            let reply = room.get(&asked, token);
            let body = reply.expect(200);
            let goes_on = reply.notes.page.as_ref().is_some_and(|page| page.next.is_some());
            url = (self.next)(&asked, &reply).filter(|_| goes_on);
            pages.push((asked, body));
            assert!(pages.len() < 20, "the walk does not end");
        }
        pages
    }

    fn two_cursors_lead_to_each_other(&self) {
        let mut room = self.room();
        let token = room.token();
        let pages = self.pages(&mut room, &token);
        let ((_, second), (third_url, third)) = (&pages[1], &pages[2]);
        room.bend = Some(PageBend::CycleCursor);
        room.now = room.now + Duration::from_secs(10);
        let bent = room.get(third_url, &token);
        assert_eq!(self.entries(&bent.expect(200)), self.entries(third));
        let back = (self.next)(third_url, &bent).expect("it leads on");
        room.bend = None;
        let again = room.get(&back, &token);
        assert_eq!(self.entries(&again.expect(200)), self.entries(second));
        assert_eq!((self.next)(&back, &again).as_ref(), Some(third_url), "and from there to the third again");
    }

    fn an_expired_cursor_is_refused_until_the_walk_begins_anew(&self) {
        let mut room = self.room();
        let token = room.token();
        let second_url = self.pages(&mut room, &token)[1].0.clone();
        let get = |room: &mut Room, url: &str| {
            room.now = room.now + Duration::from_secs(10);
            room.get(url, &token)
        };
        room.bend = Some(PageBend::ExpireCursor);
        let refused = get(&mut room, &second_url);
        let status = self.refusals.cursor;
        assert_eq!((refused.status, refused.reasons.as_slice()), (status, &["cursor: it has expired".to_owned()][..]));
        room.bend = None;
        assert_eq!(get(&mut room, &second_url).status, status, "it stays dead");
        assert_eq!(get(&mut room, &self.log).status, 200);
        assert_eq!(get(&mut room, &second_url).status, 200);
    }

    fn an_empty_cursor_ends_the_walk(&self) {
        let mut room = self.room();
        let token = room.token();
        let straight = self.pages(&mut room, &token);
        room.bend = Some(PageBend::EmptyCursor);
        let (last_url, last) = straight.last().expect("a page");
        room.now = room.now + Duration::from_secs(10);
        let reply = room.get(last_url, &token);
        let bent = reply.expect(200);
        assert_eq!(self.entries(&bent), self.entries(last));
        assert_eq!(reply.notes.page.and_then(|page| page.next), None);
        assert!(self.pages(&mut room, &token).len() == straight.len(), "on other pages nothing changes");
    }

    fn scopes_that_were_not_granted_open_nothing(&self) {
        let mut scenario = self.script();
        scenario.apps.iter_mut().for_each(|a| a.scopes = Some(vec![self.other_scope.0.to_owned()]));
        let mut room = Room::new(scenario, self.vendor);
        let token = room.token();
        assert_eq!(room.get(&self.log, &token).status, self.other_scope.1);
    }

    fn a_429_tells_when_to_come_back(&self) {
        let mut room = self.room();
        let token = room.token();
        let refused = (0..3_000).map(|_| room.get(&self.log, &token)).find(|r| r.status != 200);
        let refused = refused.expect("nothing is without limit");
        let refusals = &self.refusals;
        assert!(refusals.limit.contains(&refused.status), "{}", refused.text());
        let retry_after = refused.header("retry-after").map(|s| s.parse::<u64>().expect("whole seconds"));
        let reset = refused.header(refusals.reset).map(|s| s.parse::<i64>().expect("epoch seconds"));
        if let Some(wait) = refusals.untold_wait {
            assert_eq!((retry_after, reset), (None, None));
            room.now = room.now + wait;
            assert_eq!(room.get(&self.log, &token).status, 200);
            return;
        }
        let back = match (retry_after, reset) {
            (Some(seconds), _) => room.now + Duration::from_secs(seconds),
            (None, Some(second)) => crate::time::SimTime::from_ms(second * 1_000),
            (None, None) => panic!("it does not tell"),
        };
        assert!(back > room.now && back <= room.now + Duration::from_secs(60));
        room.now = back - Duration::from_millis(1);
        assert_eq!(room.get(&self.log, &token).status, 429, "not a moment too early");
        room.now = back;
        assert_eq!(room.get(&self.log, &token).status, 200);
    }

    fn an_unknown_path_names_the_nearest_route(&self) {
        let mut room = self.room();
        let token = room.token();
        let (path, nearest) = self.mistyped;
        let refused = room.get(path, &token);
        assert_eq!(refused.status, 404);
        assert_eq!(refused.reasons[1], format!("route: the nearest is {nearest}"));
        let refused = room.send(axum::http::Method::DELETE, nearest, &[], "");
        assert_eq!((refused.status, refused.header("allow").is_some()), (self.other_method, true));
    }

    fn the_same_seed_gives_the_same_bytes(&self) {
        let body = || {
            let mut room = self.room();
            let token = room.token();
            (room.get(&self.log, &token).body, token)
        };
        assert_eq!(body(), body());
    }
}
