//! https beside http, and the vendors' names behind a proxy.

use std::net::SocketAddr;

use serde_json::Value;
use simulator::server::Names;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{AUDIT_LOG, Served, not_tested};

const COMPANY: &str = "title: An ordinary company\napps: { entra: {}, miro: {} }\n";

/// A served scenario with an authority, a client that trusts it and goes through a proxy to it.
async fn behind_proxy() -> (Served, reqwest::Client, SocketAddr) {
    let (mut served, trusting) = Served::with_tls(COMPANY).await;
    let names = Names::of(&served.sim.scenario, &[]).unwrap();
    let proxy = served.running.open_proxy(names).await.unwrap();
    let client = trusting.proxy(reqwest::Proxy::all(format!("http://{proxy}")).unwrap()).build().unwrap();
    (served, client, proxy)
}

/// What a proxy answers to a request's head, up to the end of its answer or of its patience.
async fn answer(proxy: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(proxy).await.unwrap();
    stream.write_all(format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut bytes = vec![0; 4096];
    let length = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[tokio::test]
async fn an_instance_speaks_both_schemes_on_one_port_and_gives_out_addresses_in_the_clients_own() {
    let (served, trusting) = Served::with_tls(COMPANY).await;
    let client = trusting.no_proxy().build().unwrap();
    let port = served.running.app_address("entra").unwrap().port();
    for origin in ["https://localhost", "https://127.0.0.1", "http://localhost", "https://[::1]"] {
        let url = format!("{origin}:{port}/v1.0/users?%24top=5");
        let sent = client.get(&url).bearer_auth(served.token("entra")).send().await;
        if origin.contains("[::1]") && sent.is_err() {
            not_tested("the address ::1: this machine has none");
            continue;
        }
        let page: Value = sent.unwrap().json().await.unwrap();
        let next = page["@odata.nextLink"].as_str().unwrap();
        assert!(next.starts_with(&format!("{origin}:{port}/v1.0/users?")), "{next}");
    }
    assert_eq!(served.connection("miro")["base_url"].as_str().unwrap().split(':').next(), Some("https"));
}

#[tokio::test]
async fn who_does_not_trust_the_authority_does_not_get_in() {
    let (served, _) = Served::with_tls(COMPANY).await;
    let port = served.running.app_address("miro").unwrap().port();
    let stranger = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    assert!(stranger.get(format!("https://localhost:{port}/")).send().await.unwrap_err().is_connect());
    assert!(served.sim.journal.entries().is_empty());
}

#[tokio::test]
async fn behind_the_proxy_the_vendors_own_names_are_answered() {
    let (served, client, _) = behind_proxy().await;
    let get = |app: &str, url: &str| client.get(url).bearer_auth(served.token(app)).send();
    let log = get("miro", &format!("https://api.miro.com{AUDIT_LOG}")).await.unwrap();
    assert_eq!(log.status(), 200);
    let page: Value =
        get("entra", "https://graph.microsoft.com/v1.0/users?$top=5").await.unwrap().json().await.unwrap();
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with("https://graph.microsoft.com/v1.0/users?"), "{next}");
    assert_eq!(get("entra", next).await.unwrap().status(), 200);
    let app = served.connection("entra");
    assert_eq!(app["base_url"], "https://graph.microsoft.com");
    assert!(app["token_url"].as_str().unwrap().starts_with("https://login.microsoftonline.com/"), "{app}");
    assert_eq!(served.connection("miro")["authorize_url"], "https://miro.com/oauth/authorize");
}

#[tokio::test]
async fn a_path_at_the_vendors_other_host_is_not_found_and_the_journal_says_where_it_is() {
    let (served, client, _) = behind_proxy().await;
    let request = client.get("https://login.microsoftonline.com/v1.0/users").bearer_auth(served.token("entra"));
    assert_eq!(request.send().await.unwrap().status(), 404);
    let reasons = served.last().reasons.join("; ");
    assert!(
        reasons.contains("login.microsoftonline.com does not serve /v1.0/users, graph.microsoft.com does"),
        "{reasons}"
    );
}

#[tokio::test]
async fn names_that_no_vendor_has_are_refused_and_never_reached() {
    let (served, client, proxy) = behind_proxy().await;
    #[rustfmt::skip]
    let cases = [
        // request                                           answer begins with     and names
        ("CONNECT registry.example:443 HTTP/1.1",            "HTTP/1.1 403 ",       "`registry.example:443`"),
        ("CONNECT registry.example:443 HTTP/1.0",            "HTTP/1.0 403 ",       "`registry.example:443`"),
        ("CONNECT 127.0.0.1:22 HTTP/1.1",                    "HTTP/1.1 403 ",       "`127.0.0.1:22`"),
        ("CONNECT api.miro.com:22 HTTP/1.1",                 "HTTP/1.1 403 ",       "`api.miro.com:22`"),
        ("GET http://registry.example/ HTTP/1.1",            "HTTP/1.1 421 ",       "`registry.example`"),
        ("GET / HTTP/1.1",                                   "HTTP/1.1 400 ",       "absolute addresses"),
        // What it does answer to, for comparison.
        ("CONNECT api.miro.com:443 HTTP/1.1",                "HTTP/1.1 200 ",       ""),
        ("CONNECT api.miro.com:443 HTTP/1.0",                "HTTP/1.0 200 ",       ""),
        ("GET http://api.miro.com/v1/oauth-token HTTP/1.1",  "HTTP/1.1 400 ",       "\"type\":\"error\""),
    ];
    for (request, begins, names) in cases {
        let answer = answer(proxy, request).await;
        assert!(answer.starts_with(begins) && answer.contains(names), "{request}: {answer}");
        if begins.contains("403") {
            let phrase = answer.lines().next().unwrap();
            assert!(phrase.contains("api.miro.com, miro.com"), "the phrase alone says who is here: {phrase}");
        }
    }
    assert!(client.get("https://registry.example/").send().await.is_err());
    assert_eq!(served.running.refused_names().len(), 4, "{:?}", served.running.refused_names());
}

#[tokio::test]
async fn a_bad_certificate_is_shown_while_the_fault_lasts_and_who_took_it_is_known() {
    for flaw in ["self_signed", "expired", "wrong_host"] {
        let (served, client) = Served::with_tls(&format!(
            "title: t\napps: {{ miro: {{}} }}\nfaults:\n  \
             - {{ route: miro, nth: 2..3, fault: bad_certificate, flaw: {flaw} }}\n"
        ))
        .await;
        let url = served.url("miro", "/v2/audit/logs").replace("http://", "https://");
        let trusting = client.build().unwrap();
        assert!(trusting.get(&url).send().await.is_ok(), "{flaw}: the first is right");
        assert!(trusting.get(&url).send().await.is_err(), "{flaw}");
        // The server learns of it after the client has gone.
        while served.sim.journal.entries().len() < 2 {
            tokio::task::yield_now().await;
        }
        let refused = served.last();
        assert_eq!(
            (refused.route.as_str(), refused.status, refused.fault.unwrap().kind.as_str()),
            ("miro.handshake", None, "bad_certificate")
        );
        let careless = reqwest::Client::builder()
            .tls_danger_accept_invalid_certs(true)
            .tls_danger_accept_invalid_hostnames(true)
            .build()
            .unwrap();
        assert!(careless.get(&url).send().await.is_ok(), "{flaw}");
        let misled = served.last();
        assert_eq!((misled.status, misled.fault.unwrap().kind.as_str()), (Some(401), "bad_certificate"));
        assert!(trusting.get(&url).send().await.is_ok(), "{flaw}: it is over");
    }
}

#[tokio::test]
async fn what_goes_on_inside_a_tunnel_has_entered_the_journal_when_the_server_is_gone() {
    let hanging = format!("{COMPANY}faults:\n  - {{ route: miro.audit_log, nth: 1, fault: hang }}\n");
    let (mut served, trusting) = Served::with_tls(&hanging).await;
    let names = Names::of(&served.sim.scenario, &[]).unwrap();
    let proxy = served.running.open_proxy(names).await.unwrap();
    let client = trusting.proxy(reqwest::Proxy::all(format!("http://{proxy}")).unwrap()).build().unwrap();
    let request = client.get(format!("https://api.miro.com{AUDIT_LOG}")).bearer_auth(served.token("miro"));
    let waits = tokio::spawn(request.send());
    while served.sim.fault_bites().iter().all(|(_, _, bites)| *bites == 0) {
        tokio::task::yield_now().await;
    }
    let sim = served.sim;
    served.running.shutdown().await;
    assert_eq!(sim.journal.entries().len(), 1);
    assert!(waits.await.unwrap().is_err());
}
