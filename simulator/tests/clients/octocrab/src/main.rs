//! octocrab: a GitHub App and its installation; members, repositories and teams as typed values, page by page; a
//! membership, a block, a hook, a refusal, the rate limit.

use std::env::var;

use octocrab::models::{AppId, InstallationId};
use octocrab::service::middleware::retry::RetryConfig;
use octocrab::{Error, Octocrab};
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "a second provider")?;
    let document: Value = serde_json::from_slice(&std::fs::read(var("SIMULATOR_CONNECTIONS")?)?)?;
    let app = &document["apps"]["github"];
    let own_address = ["http", "https"].contains(&var("WAY")?.as_str());
    let number = |value: &Value| value.as_u64().ok_or("a number");
    let id = AppId(number(&app["github_app"]["app_id"])?);
    let key = app["github_app"]["private_key"].as_str().ok_or("a key")?;
    let base = if own_address { app["base_url"].as_str().ok_or("a base_url")? } else { "https://api.github.com" };
    let client = || Octocrab::builder().add_retry_config(RetryConfig::Simple(0)).base_uri(base);
    let signed = client()?.app_from_rsa_pem(id, key)?.build()?;
    let own = signed.apps().get().await?;
    check("the app is the one that signs", own.id == id)?;
    let installation = InstallationId(number(&app["github_app"]["installation_id"])?);
    let (_, token) = signed.installation_and_token(installation).await?;
    // A client of an installation sends its token to GitHub's own host only: next links would go without.
    let github = client()?.personal_token(token).build()?;

    let login = app["organization"].as_str().ok_or("a login")?;
    let organisation = github.orgs(login);
    check("the organisation is ours", organisation.get().await?.login == login)?;
    let first = organisation.list_members().per_page(5).send().await?;
    check("a page has the size asked for", first.items.len() == 5)?;
    let members = github.all_pages(first).await?;
    let mut logins: Vec<&str> = members.iter().map(|member| member.login.as_str()).collect();
    logins.sort_unstable();
    logins.dedup();
    check("every member comes once", logins.len() == members.len() && logins.len() >= 12)?;
    check("a member is one", organisation.check_membership(logins[0]).await?)?;
    check("nobody is none", !organisation.check_membership("nobody-at-all").await?)?;
    let repositories = github.all_pages(organisation.list_repos().per_page(5).send().await?).await?;
    check("there are repositories", !repositories.is_empty())?;
    let teams = github.teams(login).list().send().await?;
    check("there are teams", !teams.items.is_empty())?;

    organisation.remove_member(logins[1]).await?;
    organisation.block_user(logins[1]).await?;
    check("who is blocked is blocked", organisation.check_blocked_user(logins[1]).await?)?;
    organisation.unblock_user(logins[1]).await?;
    check("hooks are listed", github.all_pages(organisation.hooks().list().send().await?).await?.is_empty())?;

    let missing = github.orgs("no-organisation-of-ours").get().await;
    check(
        "who is not there is a 404",
        matches!(&missing, Err(Error::GitHub { source, .. }) if source.status_code == 404),
    )?;
    let rate = github.ratelimit().get().await?;
    check("the budget shrinks", rate.resources.core.remaining < rate.resources.core.limit)?;
    println!("{} members, {} repositories, blocked and unblocked, 404", members.len(), repositories.len());
    Ok(())
}

fn check(expectation: &str, holds: bool) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(format!("not so: {expectation}").into()) }
}
