//! The page on which an administrator allows an application in, and the page that says why not.
//!
//! One page for every vendor: what differs is data. All text that came with the request is escaped.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use super::exchange::Answer;

const PAGE: &str = include_str!("consent.html");

/// What an administrator is asked.
#[derive(Debug)]
pub struct Consent<'a> {
    /// The vendor's name for people.
    pub vendor: &'a str,
    /// Name of the application.
    pub client: &'a str,
    /// Name of the organisation.
    pub organisation: &'a str,
    /// What the application asks for.
    pub scopes: &'a [String],
    /// Where the form goes.
    pub action: &'a str,
    /// Fields that the form carries back unseen.
    pub hidden: &'a [(&'a str, &'a str)],
    /// Who may consent: key and name.
    pub users: &'a [(String, String)],
    /// The teams to choose from: id and name.
    pub teams: &'a [(String, String)],
    /// Id of the team chosen at first.
    pub chosen_team: &'a str,
}

/// The consent page.
pub fn page(consent: &Consent<'_>) -> Answer {
    let html = render(context! {
        title => format!("{} · allow {}?", consent.vendor, consent.client),
        vendor => consent.vendor,
        client => consent.client,
        organisation => consent.organisation,
        scopes => Value::from(Serde(consent.scopes)),
        action => consent.action,
        hidden => Value::from(Serde(consent.hidden)),
        users => Value::from(Serde(consent.users)),
        teams => Value::from(Serde(consent.teams)),
        chosen_team => consent.chosen_team,
    });
    answer(StatusCode::OK, html)
}

/// A page that says why nobody is asked anything.
pub fn refusal(status: StatusCode, vendor: &str, why: &str) -> Answer {
    let title = format!("{vendor} cannot let this application in");
    answer(status, render(context! { title, vendor, refusal => why }))
}

fn render(values: Value) -> String {
    let mut environment = Environment::new();
    // Escapes every value, and only what HTML wants escaped: a URL in an attribute stays legible.
    environment.set_formatter(|out, _, value| Ok(out.write_str(&escape(&value.to_string()))?));
    environment.add_template("consent.html", PAGE).expect("the page is a template that was tested");
    let page = environment.get_template("consent.html").expect("it was added a line above");
    page.render(values).expect("every value that the page names is given")
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}

fn answer(status: StatusCode, html: String) -> Answer {
    Answer::bytes(status, "text/html; charset=utf-8", html)
        .with(CACHE_CONTROL, "no-store")
        .with(CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_came_with_the_request_becomes_markup() {
        let consent = Consent {
            vendor: "Miro",
            client: "stack",
            organisation: "Contoso",
            scopes: &["auditlogs:read".to_owned()],
            action: "/oauth/authorize",
            hidden: &[("state", "\"><script>alert(1)</script>")],
            users: &[("it_admin".to_owned(), "Ann <Admin>".to_owned())],
            teams: &[("1".to_owned(), "Design".to_owned())],
            chosen_team: "1",
        };
        let html = String::from_utf8(page(&consent).body.to_vec()).unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("Ann &lt;Admin&gt;"), "{html}");
        let html = refusal(StatusCode::BAD_REQUEST, "Miro", "no <b>client</b>").body;
        assert!(!String::from_utf8(html.to_vec()).unwrap().contains("<b>"));
    }
}
