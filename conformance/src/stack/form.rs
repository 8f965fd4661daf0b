//! Just enough HTML to fill in a consent form: the first `<form method="post">`, its inputs, selects and buttons.
//!
//! Tolerant of attribute order, quotes and case; it does not understand scripts, and need not.

use std::sync::LazyLock;

use regex::Regex;

/// A form as a browser would see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it is sent; empty means the page's own address.
    pub(super) action: String,
    /// Inputs in order: name and value (hidden ones among them).
    pub(super) inputs: Vec<(String, String)>,
    /// Selects: name and the values of their options.
    pub(super) selects: Vec<(String, Vec<String>)>,
}

static FORM: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?is)<form\b([^>]*)>(.*?)</form\s*>"#));
static TAG: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?is)<(/?)(input|button|select|option)\b((?:[^>"']|"[^"]*"|'[^']*')*)>"#));
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?is)([a-z_:][-a-z0-9_:.]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern, used by every test")
}

impl Form {
    /// The first form of a page that is sent by POST.
    pub(super) fn first_post(html: &str) -> Option<Self> {
        let form = FORM
            .captures_iter(html)
            .find(|form| attribute(&form[1], "method").is_some_and(|method| method.eq_ignore_ascii_case("post")))?;
        let mut read = Self { action: attribute(&form[1], "action").unwrap_or_default(), ..Self::default() };
        for tag in TAG.captures_iter(&form[2]).filter(|tag| tag[1].is_empty()) {
            let (kind, attributes) = (tag[2].to_ascii_lowercase(), &tag[3]);
            let value = attribute(attributes, "value").unwrap_or_default();
            match (kind.as_str(), attribute(attributes, "name")) {
                ("option", _) => {
                    if let Some((_, options)) = read.selects.last_mut() {
                        options.push(value);
                    }
                }
                ("select", Some(name)) => read.selects.push((name, Vec::new())),
                ("input", Some(name)) if attribute(attributes, "type").as_deref() == Some("hidden") => {
                    read.inputs.push((name, value));
                }
                // Visible inputs and buttons carry the user's own choices.
                _ => {}
            }
        }
        Some(read)
    }
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let found = ATTRIBUTE.captures_iter(attributes).find(|a| a[1].eq_ignore_ascii_case(name))?;
    let value = found.get(2).or(found.get(3)).or(found.get(4))?;
    Some(unescape(value.as_str()))
}

fn unescape(text: &str) -> String {
    // The ampersand comes last: `&amp;lt;` is the text `&lt;`.
    let named = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#x2f;", "/"),
        ("&#x3D;", "="),
        ("&#61;", "="),
        ("&amp;", "&"),
    ];
    named.into_iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_whatever_its_style() {
        let html = r#"<h1>Install?</h1><form method=get action="/search"><input name="q"></form>
            <FORM action='/oauth/decide?x=1&amp;y=2' METHOD="POST">
              <input type="hidden" name="state" value="a&quot;b > c"><input name='other' value='x'>
              <select name="user"><option value="it_admin">Ina</option><option selected value="alice">Al</option></select>
              <select name="team_id"><option value="345"></select>
              <button name="decision" value="allow">Allow</button>
            </FORM>"#;
        let form = Form::first_post(html).unwrap();
        assert_eq!(form.action, "/oauth/decide?x=1&y=2");
        assert_eq!(form.inputs, [("state".to_owned(), "a\"b > c".to_owned())]);
        let values = |options: &[&str]| options.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>();
        let expected = [("user".to_owned(), values(&["it_admin", "alice"])), ("team_id".to_owned(), values(&["345"]))];
        assert_eq!(form.selects, expected);
    }

    #[test]
    fn a_page_without_a_form_to_post_has_none() {
        assert_eq!(Form::first_post("<form method=get></form><p>no</p>"), None);
    }
}
