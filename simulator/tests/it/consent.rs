//! OAuth as a browser and a stack walk it.

use serde_json::Value;

use crate::support::{AUDIT_LOG, REDIRECT, Served};

const COMPANY: &str = "title: An ordinary company\napps: { entra: {}, miro: {} }\n";

/// Gives consent as the administrator; the address the browser is sent to.
async fn consent(served: &Served, decision: &str) -> url::Url {
    let app = served.connection("miro");
    let query = [
        ("response_type", "code"),
        ("client_id", app["client_id"].as_str().unwrap()),
        ("redirect_uri", REDIRECT),
        ("state", "a state"),
    ];
    let page = served.http.get(app["authorize_url"].as_str().unwrap()).query(&query).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let html = page.text().await.unwrap();
    assert!(html.contains("<form") && html.contains("it_admin"), "{html}");
    let team = app["team_id"].as_str().unwrap();
    let mut form: Vec<(&str, &str)> = query.to_vec();
    form.extend([("user", "it_admin"), ("team_id", team), ("decision", decision)]);
    let answer = served.http.post(app["authorize_url"].as_str().unwrap()).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
    url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
}

fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
}

async fn exchange(served: &Served, form: &[(&str, &str)]) -> (u16, Value) {
    let app = served.connection("miro");
    let client = [
        ("client_id", app["client_id"].as_str().unwrap()),
        ("client_secret", app["client_secret"].as_str().unwrap()),
        ("redirect_uri", REDIRECT),
    ];
    let form: Vec<_> = client.iter().chain(form).collect();
    let answer = served.http.post(app["token_url"].as_str().unwrap()).form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_code_buys_one_token_pair_and_every_refresh_ends_the_pair_before() {
    let served = Served::new(COMPANY).await;
    let back = consent(&served, "allow").await;
    assert_eq!(parameter(&back, "state").as_deref(), Some("a state"));
    let code = parameter(&back, "code").unwrap();
    let grant = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let (status, first) = exchange(&served, &grant).await;
    assert_eq!(status, 200, "{first}");
    assert_eq!(exchange(&served, &grant).await.0, 401, "a code is for once");

    let read = async |token: &Value| {
        let request = served.http.get(served.url("miro", AUDIT_LOG)).bearer_auth(token.as_str().unwrap());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(read(&first["access_token"]).await, 200);
    let refresh = first["refresh_token"].as_str().unwrap();
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, second) = exchange(&served, &again).await;
    assert_eq!(status, 200, "{second}");
    assert_eq!(read(&first["access_token"]).await, 401, "the old access token ended with the refresh");
    assert_eq!(read(&second["access_token"]).await, 200);
    assert_eq!(exchange(&served, &again).await.0, 401, "the old refresh token too");
}

#[tokio::test]
async fn without_a_stack_the_page_says_where_the_code_is_exchanged_and_a_token_can_be_had_without_it() {
    let served = Served::new(COMPANY).await;
    let code = parameter(&consent(&served, "allow").await, "code").unwrap();
    let control = served.running.control_address();
    let get = async |path: String| served.http.get(format!("http://{control}{path}")).send().await.unwrap();
    let page = get(format!("/_sim/callback?code={code}")).await.text().await.unwrap();
    let token_url = served.url("miro", "/v1/oauth/token").replace('/', "&#x2f;");
    assert!(page.contains(&format!("miro's token endpoint <code>{token_url}</code>")), "{page}");
    let foreign = get("/_sim/callback?code=made-up".to_owned()).await.text().await.unwrap();
    assert!(foreign.contains("the token endpoint of the instance that gave it"), "{foreign}");

    let token = get("/_sim/token/miro".to_owned()).await.text().await.unwrap();
    assert_eq!(token, served.token("miro"));
    let unknown = get("/_sim/token/mire".to_owned()).await;
    assert_eq!(
        (unknown.status().as_u16(), unknown.text().await.unwrap()),
        (404, "there is no app `mire`; there are entra, miro\n".to_owned())
    );
}

#[tokio::test]
async fn whoever_declines_is_sent_back_with_the_refusal() {
    let served = Served::new(COMPANY).await;
    let back = consent(&served, "deny").await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "code"), None);
}

#[tokio::test]
async fn a_foreign_redirect_address_meets_an_error_page_and_no_redirect() {
    let served = Served::new(COMPANY).await;
    let app = served.connection("miro");
    let id = app["client_id"].as_str().unwrap();
    let query = [("response_type", "code"), ("client_id", id), ("redirect_uri", "http://evil.example/")];
    let page = served.http.get(app["authorize_url"].as_str().unwrap()).query(&query).send().await.unwrap();
    assert!(page.status().is_client_error(), "{}", page.status());
    assert!(page.headers().get("location").is_none());
}
