//! Who may use the control plane.
//!
//! On loopback everybody on the machine, but no page of another origin that happens to be open in a browser there: what a
//! browser sends says where it comes from, and a name that leads to loopback is not loopback's own. Elsewhere a token is
//! wanted, as `Authorization: Bearer` or, for a browser, once in the address: `/_sim/?token=…` becomes a cookie.
//!
//! # Sources
//! Fetch Standard, `Origin` header (sent with every POST of a browser); RFC 6265bis, `SameSite`.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const COOKIE: &str = "simulator_control";

/// Where a browser is sent after a consent.
pub(super) const CALLBACK: &str = "/_sim/callback";

/// Lets a request through, or says why not. Without a token none is wanted.
pub(super) async fn check(token: Option<String>, request: Request, next: Next) -> Response {
    if let Err(why) = own_page(request.method(), request.headers()) {
        return (StatusCode::FORBIDDEN, format!("{why}\n")).into_response();
    }
    // The redirect of a consent comes from the vendor's page: it shows no more than stands in its own address.
    let Some(token) = token.filter(|_| request.uri().path() != CALLBACK) else { return next.run(request).await };
    if presented(request.headers(), &token) {
        return next.run(request).await;
    }
    if request.method() == Method::GET && request.uri().query() == Some(&format!("token={token}")) {
        let cookie = format!("{COOKIE}={token}; Path=/_sim; HttpOnly; SameSite=Strict");
        let to = request.uri().path().to_owned();
        return (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, to)]).into_response();
    }
    let why = "the control plane wants the token that `simulator serve` printed; a browser says it once, as ?token=…\n";
    (StatusCode::UNAUTHORIZED, why).into_response()
}

fn presented(headers: &HeaderMap, token: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cookies = text(header::COOKIE).split(';').map(str::trim);
    text(header::AUTHORIZATION) == format!("Bearer {token}")
        || cookies.filter_map(|cookie| cookie.split_once('=')).any(|pair| pair == (COOKIE, token))
}

/// Whether a browser's request comes from a page of ours; what no browser sent has nothing to say about that.
fn own_page(method: &Method, headers: &HeaderMap) -> Result<(), &'static str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (origin, site) = (text("origin"), text("sec-fetch-site"));
    if origin.is_none() && site.is_none() {
        return Ok(());
    }
    let host = text("host").unwrap_or_default();
    if !is_address(host) {
        return Err(
            "a browser reaches the control plane by its address, or as localhost: another name may be anybody's",
        );
    }
    let is_ours = |origin: &str| origin.strip_prefix("http://").is_some_and(|of| of == host);
    match (method, origin) {
        (&Method::GET | &Method::HEAD, None) => Ok(()),
        (_, Some(origin)) if is_ours(origin) => Ok(()),
        _ => Err("a page of another origin may not use the control plane"),
    }
}

/// An address or `localhost`, with or without a port.
fn is_address(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_origins_are_kept_out_and_programs_let_in() {
        type Row<'a> = (&'a str, Method, &'a [(&'a str, &'a str)], bool);
        #[rustfmt::skip]
        let cases: [Row<'_>; 9] = [
            ("a program",              Method::POST, &[("host", "127.0.0.1:4100")], true),
            ("a program by name",      Method::POST, &[("host", "host.docker.internal:4100")], true),
            ("our page",               Method::POST, &[("host", "127.0.0.1:4100"), ("origin", "http://127.0.0.1:4100")], true),
            ("our page on ::1",        Method::POST, &[("host", "[::1]:4100"), ("origin", "http://[::1]:4100")], true),
            ("looking at it",          Method::GET,  &[("host", "localhost:4100"), ("sec-fetch-site", "none")], true),
            ("another page",           Method::POST, &[("host", "127.0.0.1:4100"), ("origin", "https://evil.example")], false),
            ("a page without origin",  Method::POST, &[("host", "127.0.0.1:4100"), ("origin", "null")], false),
            ("another page reads",     Method::GET,  &[("host", "127.0.0.1:4100"), ("origin", "http://evil.example")], false),
            ("a name led to loopback", Method::GET,  &[("host", "evil.example:4100"), ("sec-fetch-site", "same-origin")], false),
        ];
        for (name, method, headers, expected) in cases {
            let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let headers: HeaderMap = pairs.collect();
            assert_eq!(own_page(&method, &headers).is_ok(), expected, "{name}");
        }
    }

    #[test]
    fn the_token_is_taken_from_the_header_or_the_cookie() {
        let with = |name: header::HeaderName, value: &str| HeaderMap::from_iter([(name, value.parse().unwrap())]);
        assert!(presented(&with(header::AUTHORIZATION, "Bearer t"), "t"));
        assert!(presented(&with(header::COOKIE, "a=b; simulator_control=t"), "t"));
        assert!(!presented(&with(header::COOKIE, "simulator_control=u"), "t"));
        assert!(!presented(&HeaderMap::new(), "t"));
    }
}
