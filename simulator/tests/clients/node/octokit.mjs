// octokit and @octokit/webhooks: the web flow and the device flow, a GitHub App's installation; pages, a conditional
// request, a limit that it waits out; a hook whose deliveries are verified, one asked for again. All answers as described.

import { createServer } from "node:http";

import { Description } from "./described.mjs";
import { apps, check, consent, fillIn, installed, ownAddress, refused, statuses } from "./desk.mjs";

const { App, Octokit, OAuthApp } = installed("octokit");
const { Webhooks, createNodeMiddleware } = installed("@octokit/webhooks");
const app = apps.github;
const org = app.organization;
const description = new Description(process.env.GITHUB_DESCRIPTION, {
  "GET /app/installations": "an account cannot be a person and an enterprise at once",
});
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const Client = Octokit.plugin((octokit) => void description.watch(octokit)).defaults({
  log: quiet,
  ...(ownAddress && { baseUrl: app.base_url }),
});

const oauth = new OAuthApp({ clientId: app.client_id, clientSecret: app.client_secret, Octokit: Client });
const scopes = ["admin:org", "admin:org_hook", "read:audit_log", "repo", "read:user", "admin:enterprise"];
const { url } = oauth.getWebFlowAuthorizationUrl({ scopes, redirectUrl: app.redirect_uri });
const { searchParams } = new URL(await consent(url));
const { authentication } = await oauth.createToken({ code: searchParams.get("code") });
// It splits at spaces, GitHub joins with commas.
check("the scopes are granted", authentication.scopes.join().split(",").includes("admin:org"), authentication.scopes);
const octokit = new Client({ auth: authentication.token });

// The device asks again in five seconds; meanwhile the rest goes on.
const onVerification = async ({ verification_uri, user_code }) => {
  const answer = await fillIn(`${verification_uri}?user_code=${user_code}`);
  check("the code is taken", answer.ok, answer.status);
};
const device = oauth.createToken({ scopes: ["read:org"], onVerification });

const members = await octokit.paginate("GET /orgs/{org}/members", { org, per_page: 5 });
check("every member comes once", members.length >= 12 && new Set(members.map((m) => m.login)).size === members.length, members.length);
const log = { org, per_page: 10, include: "all", phrase: "created:>=2020-01-01" };
const entries = await octokit.paginate("GET /orgs/{org}/audit-log", log);
const ids = new Set(entries.map((entry) => entry._document_id));
check("every entry of the audit log comes once", entries.length > 20 && ids.size === entries.length, [ids.size, entries.length]);
const phrase = "action:repo created:>=2020-01-01";
const ofRepositories = await octokit.paginate("GET /orgs/{org}/audit-log", { ...log, per_page: 3, phrase });
check("a phrase holds on every page", ofRepositories.every((entry) => entry.action.startsWith("repo.")), ofRepositories.length);

const { headers } = await octokit.request("GET /orgs/{org}/teams", { org });
const same = await refused(() => octokit.request("GET /orgs/{org}/teams", { org, headers: { "if-none-match": headers.etag } }));
check("what has not changed is a 304", same.status === 304, same);
const missing = await refused(() => octokit.rest.orgs.get({ org: "no-organisation-of-ours" }));
check("who is not there is a 404", missing.status === 404, missing);
await octokit.rest.orgs.get({ org });
await octokit.rest.orgs.get({ org });
const seen = await statuses("github.organization");
check("the limit was waited out", seen.includes(403) && seen.filter((status) => status === 200).length === 2, seen);

const installation = Number(app.github_app.installation_id);
const github = new App({ appId: app.github_app.app_id, privateKey: app.github_app.private_key, Octokit: Client });
const installedApp = await github.getInstallationOctokit(installation);
await github.octokit.request("GET /app");
await github.octokit.request("GET /app/installations");

/** Every list and thing that is to be read, by path. */
const paths = [
  "/user", "/user/orgs", "/user/memberships/orgs", "/rate_limit", "/meta", "/orgs/{org}/outside_collaborators",
  "/orgs/{org}/blocks", "/orgs/{org}/teams", "/orgs/{org}/teams/everyone", "/orgs/{org}/teams/everyone/members",
  "/orgs/{org}/installations", "/orgs/{org}/credential-authorizations", "/orgs/{org}/hooks", "/orgs/{org}/repos",
  "/enterprises/{enterprise}/audit-log", "/users/{login}", "/orgs/{org}/members/{login}", "/orgs/{org}/memberships/{login}",
  "/scim/v2/organizations/{org}/Users", "/repos/{org}/{repo}", "/repos/{org}/{repo}/branches", "/repos/{org}/{repo}/readme",
];
const { login } = members[0];
const [{ name: repo }] = (await octokit.rest.repos.listForOrg({ org })).data;
const named = { org, login, repo, enterprise: app.enterprise };
/** Asks for a path with names in it; the body of the answer. */
const ask = async (client, route, body = {}) => {
  const filled = route.replace(/\{(\w+)\}/g, (_, name) => named[name]);
  return (await client.request(filled, body)).data;
};
for (const path of paths) await ask(octokit, `GET ${path}`);
for (const path of ["/installation/repositories", "/orgs/{org}/members", "/orgs/{org}/personal-access-token-requests"]) {
  await ask(installedApp, `GET ${path}`);
}

// What is written, and what can be read of it.
named.sha = (await ask(octokit, "GET /repos/{org}/{repo}/branches"))[0].commit.sha;
await ask(octokit, "GET /repos/{org}/{repo}/git/trees/{sha}");
named.sha = (await ask(octokit, "GET /repos/{org}/{repo}/readme")).sha;
await ask(octokit, "GET /repos/{org}/{repo}/git/blobs/{sha}");
await ask(octokit, "GET /repos/{org}/{repo}/contents/README.md");
await ask(octokit, "PATCH /repos/{org}/{repo}", { visibility: "public" });
const identity = { userName: "eve@partner.example", name: { givenName: "Eve", familyName: "Other" }, emails: [{ value: "eve@partner.example" }] };
named.scim = (await ask(octokit, "POST /scim/v2/organizations/{org}/Users", identity)).id;
await ask(octokit, "PUT /scim/v2/organizations/{org}/Users/{scim}", { ...identity, active: true });
const schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
await ask(octokit, "PATCH /scim/v2/organizations/{org}/Users/{scim}", { schemas, Operations: [{ op: "replace", value: { displayName: "Eva" } }] });
await ask(octokit, "DELETE /scim/v2/organizations/{org}/Users/{scim}");
const [credential] = (await ask(octokit, "GET /orgs/{org}/credential-authorizations")).filter((c) => c.login !== login);
named.credential = credential.credential_id;
await ask(octokit, "DELETE /orgs/{org}/credential-authorizations/{credential}");
await ask(octokit, "GET /orgs/{org}/teams/everyone/memberships/{login}");
const [token] = await ask(installedApp, "GET /orgs/{org}/personal-access-tokens");
named.token = token.id;
await ask(installedApp, "POST /orgs/{org}/personal-access-tokens/{token}", { action: "revoke" });
await ask(installedApp, "POST /orgs/{org}/personal-access-tokens", { action: "revoke", pat_ids: [token.id] });
await ask(installedApp, "POST /orgs/{org}/personal-access-token-requests", { action: "deny", pat_request_ids: [1] });
await ask(installedApp, "DELETE /installation/token");
named.installation = installation;
await ask(github.octokit, "GET /orgs/{org}/installation");
await ask(github.octokit, "GET /app/installations/{installation}");
await ask(github.octokit, "PUT /app/installations/{installation}/suspended");
await ask(github.octokit, "DELETE /app/installations/{installation}/suspended");
const username = members[1].login;
await octokit.rest.orgs.removeMember({ org, username });
await octokit.rest.orgs.blockUser({ org, username });
await octokit.request("GET /orgs/{org}/blocks/{username}", { org, username });
await octokit.rest.orgs.unblockUser({ org, username });
await octokit.rest.orgs.setMembershipForUser({ org, username: login, role: "admin" });

// GitHub calls the hook, @octokit/webhooks verifies what comes.
const secret = "It's a Secret to Everybody";
const webhooks = new Webhooks({ secret, log: quiet });
const received = [];
webhooks.onError(() => {});
const came = new Promise((resolve) => webhooks.onAny(({ id, name }) => received.push({ id, name }) === 2 && resolve()));
const server = createServer(createNodeMiddleware(webhooks, { path: "/hooks", log: quiet }));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const config = { url: `http://127.0.0.1:${server.address().port}/hooks`, content_type: "json", secret };
const { data: hook } = await octokit.rest.orgs.createWebhook({ org, name: "web", config, events: ["*"] });
const deliveries = async () => (await octokit.rest.orgs.listWebhookDeliveries({ org, hook_id: hook.id })).data;
const eventually = async (found) => {
  for (let round = 0; round < 100; round += 1) {
    const answer = await found();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return check("it came to pass", false, found.toString());
};
const ping = await eventually(async () => (await deliveries()).find((d) => d.event === "ping" && d.status_code === 200));
await octokit.rest.orgs.getWebhookDelivery({ org, hook_id: hook.id, delivery_id: ping.id });
await octokit.rest.orgs.redeliverWebhookDelivery({ org, hook_id: hook.id, delivery_id: ping.id });
await came;
check("a delivery that is made again is the same", received[0].id === received[1].id && received[0].name === "ping", received);
await eventually(async () => (await deliveries()).some((d) => d.redelivery && d.status_code === 200));
const forged = await fetch(config.url, {
  method: "POST",
  body: "{}",
  headers: { "content-type": "application/json", "x-github-event": "ping", "x-github-delivery": "1", "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
});
check("it refuses what is not GitHub's", forged.status === 400, forged.status);
named.hook = hook.id;
await ask(octokit, "GET /orgs/{org}/hooks/{hook}");
await ask(octokit, "PATCH /orgs/{org}/hooks/{hook}", { events: ["repository"] });
await ask(octokit, "GET /orgs/{org}/hooks/{hook}/config");
await ask(octokit, "PATCH /orgs/{org}/hooks/{hook}/config", { content_type: "json" });
await ask(octokit, "POST /orgs/{org}/hooks/{hook}/pings");
await ask(octokit, "DELETE /orgs/{org}/hooks/{hook}");
server.close();
server.closeAllConnections();

const { authentication: ofDevice } = await device;
check("the device has a token", ofDevice.token !== authentication.token, ofDevice.scopes);
await oauth.checkToken({ token: ofDevice.token });
const reset = await oauth.resetToken({ token: ofDevice.token });
await oauth.deleteToken({ token: reset.authentication.token });
named.login = members[2].login;
await ask(octokit, "DELETE /orgs/{org}/memberships/{login}");
await oauth.deleteAuthorization({ token: authentication.token });
console.log(`${members.length} members, ${entries.length} entries, 304, 403 waited out, device, ping twice; ${description.checked.size} operations as described`);
