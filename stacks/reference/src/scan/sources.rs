//! Where each vendor keeps what people write.
//!
//! | vendor | what is walked through | whose it is |
//! |---|---|---|
//! | Miro | `GET /v2/boards`, of each `GET /v2/boards/{id}/items` | the board's owner |
//! | GitHub | `GET /orgs/{org}/repos`, of each `GET /repos/{org}/{repo}/git/trees/{branch}`, `…/git/blobs/{sha}` | the organisation's: a file names nobody |
//! | Workplace | `GET /community/groups`, of each `GET /{group}/feed` | whoever wrote the post |
//! | Defender for Cloud Apps | `POST /api/v1/files/`, those that a file policy of its own has matched | the file's owner |
//!
//! Defender gives out no content: what its own inspection has found is all there is to know.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{Scanner, Thing};
use crate::api::{Request, Trouble};
use crate::bug::{Bug, planted};
use crate::connectors::{Page, github, under, workplace};
use crate::http::{Answer, Failure};

/// Most boards, and most items, of a page.
const MIRO_PAGE: &str = "50";
const PAGE: usize = 100;
/// The branch that is scanned where a repository does not name its own.
const BRANCH: &str = "main";
/// What Defender's own inspection has matched.
const MATCHED: &str = "matched_by_file_policy";
/// The largest file that is looked into, in bytes.
const LARGEST: u64 = 1_000_000;

impl Scanner {
    /// Miro's boards.
    pub(super) async fn boards(&self) -> Result<(), Trouble> {
        let first = self.address(&["v2", "boards"], &[("limit", MIRO_PAGE)])?;
        for board in self.all(first, linked).await? {
            let (Some(uid), Some(mark)) = (text(&board["id"]), text(&board["modifiedAt"])) else { continue };
            let thing = Thing {
                name: text(&board["name"]).unwrap_or_default(),
                owner: text(&board["owner"]["id"]),
                email: None,
                changed_at: self.moment(&board["modifiedAt"]),
                uid,
            };
            if self.is_known(&thing, &mark)? {
                continue;
            }
            let first = self.address(&["v2", "boards", &thing.uid, "items"], &[("limit", MIRO_PAGE)])?;
            let items = self.all(first, linked).await?;
            // A text, a sticky note and a shape have a content, a card has a title and a description.
            let texts = items.iter().flat_map(|item| {
                ["content", "title", "description"].iter().filter_map(|field| item["data"][*field].as_str())
            });
            self.look_into(&thing, &mark, &texts.collect::<Vec<_>>().join("\n"))?;
        }
        Ok(())
    }

    /// The repositories of a GitHub organisation, as they stand on their branch.
    pub(super) async fn repositories(&self) -> Result<(), Trouble> {
        let organization = self.app.organization.as_deref().ok_or(Trouble::Nonsense("no organisation is named"))?;
        let per_page = PAGE.to_string();
        let first = self.address(&["orgs", organization, "repos"], &[("per_page", &per_page)])?;
        for repository in self.all(first, github::CONNECTOR.page).await? {
            let Some(name) = text(&repository["name"]) else { continue };
            let branch = text(&repository["default_branch"]).unwrap_or_else(|| BRANCH.to_owned());
            let of = ["repos", organization, &name, "git"];
            let tree = self.address(&[of.as_slice(), &["trees", &branch]].concat(), &[("recursive", "1")])?;
            let tree = match self.get(&tree).await {
                // An empty repository has no branch.
                Err(Trouble::Vendor(Failure::Refused { status: 404 | 409, .. })) => continue,
                other => other?,
            };
            for file in tree["tree"].as_array().into_iter().flatten() {
                let (Some(path), Some(sum)) = (text(&file["path"]), text(&file["sha"])) else { continue };
                if file["type"] != "blob" || file["size"].as_u64().unwrap_or_default() > LARGEST {
                    continue;
                }
                let thing = Thing {
                    uid: format!("{name}/{path}"),
                    name: path,
                    owner: None,
                    email: Some(organization.to_owned()),
                    changed_at: self.api.clock().now(),
                };
                if self.is_known(&thing, &sum)? {
                    continue;
                }
                let blob = self.get(&self.address(&[of.as_slice(), &["blobs", &sum]].concat(), &[])?).await?;
                self.look_into(&thing, &sum, &decoded(&blob["content"]))?;
            }
        }
        Ok(())
    }

    /// The posts in the groups of a Workplace community.
    pub(super) async fn posts(&self) -> Result<(), Trouble> {
        let limit = PAGE.to_string();
        let first = self.address(&["community", "groups"], &[("fields", "id,name"), ("limit", &limit)])?;
        for group in self.all(first, workplace::page).await? {
            let Some(id) = text(&group["id"]) else { continue };
            let asked = [("fields", "id,message,updated_time,from"), ("limit", limit.as_str())];
            for post in self.all(self.address(&[&id, "feed"], &asked)?, workplace::page).await? {
                let (Some(uid), Some(mark)) = (text(&post["id"]), text(&post["updated_time"])) else { continue };
                let thing = Thing {
                    name: text(&group["name"]).map_or_else(|| uid.clone(), |group| format!("a post in {group}")),
                    owner: text(&post["from"]["id"]),
                    email: None,
                    changed_at: self.moment(&post["updated_time"]),
                    uid,
                };
                if !self.is_known(&thing, &mark)? {
                    self.look_into(&thing, &mark, post["message"].as_str().unwrap_or_default())?;
                }
            }
        }
        Ok(())
    }

    /// The files that a policy of Defender's own has matched.
    pub(super) async fn matched_files(&self) -> Result<(), Trouble> {
        let url = self.address(&["api", "v1", "files", ""], &[])?;
        let matched = json!({"policy": {"isset": true}});
        let filters = if planted(Bug::LoseFilePolicy) { json!({}) } else { matched };
        let mut skip = 0;
        loop {
            let body = json!({"filters": filters, "sortField": "dateModified", "sortDirection": "asc", "skip": skip, "limit": PAGE});
            let ask = Request { method: Method::POST, url: url.clone().into(), body: Some(body), ..Request::default() };
            let page = self.api.ask(&self.who, &ask, |answer| answer.json::<Value>()).await?;
            let files = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
            for file in files {
                let Some(uid) = text(&file["_id"]) else { continue };
                let changed = file["modifiedDate"].as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok());
                let thing = Thing {
                    uid,
                    name: text(&file["name"]).unwrap_or_default(),
                    owner: None,
                    email: text(&file["ownerAddress"]),
                    changed_at: changed.unwrap_or_else(|| self.api.clock().now()),
                };
                let mark = file["modifiedDate"].to_string();
                if !self.is_known(&thing, &mark)? {
                    self.keep(&thing, &mark, &[MATCHED])?;
                }
            }
            if page["hasNext"] != true || files.is_empty() {
                return Ok(());
            }
            skip += files.len();
        }
    }

    fn address(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, Trouble> {
        let mut url = under(&self.app, path).ok_or(Trouble::Nonsense("the app has no address"))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// A time as a vendor writes it; now where it cannot be read.
    fn moment(&self, written: &Value) -> Timestamp {
        let text = written.as_str().unwrap_or_default();
        let read = text.parse().or_else(|_| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text));
        read.unwrap_or_else(|_| self.api.clock().now())
    }
}

/// A page whose `links.next` leads to the one that follows.
fn linked(answer: &Answer, _asked: &Url) -> Result<Page, Failure> {
    let mut body: Value = answer.json()?;
    let next = match body["links"]["next"].as_str().filter(|link| !link.is_empty()) {
        Some(link) => Some(Url::parse(link).map_err(|_| Failure::Unreadable("`links.next` is no link".to_owned()))?),
        None => None,
    };
    match body["data"].take() {
        Value::Array(items) => Ok(Page { items, next }),
        _ => Err(Failure::Unreadable("no list `data`".to_owned())),
    }
}

/// What stands in a blob; what is no text is none.
fn decoded(content: &Value) -> String {
    let lines: String = content.as_str().unwrap_or_default().split_whitespace().collect();
    BASE64_STANDARD.decode(lines).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::content;

    #[test]
    fn a_blob_comes_in_lines_and_what_is_no_text_is_none() {
        assert_eq!(decoded(&json!("QUtJ\nQUlP\n")), "AKIAIO");
        assert_eq!(decoded(&json!("//79")), "");
        assert!(content::kinds(&decoded(&json!(null))).is_empty());
    }
}
