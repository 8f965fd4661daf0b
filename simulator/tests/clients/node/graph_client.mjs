// @microsoft/microsoft-graph-client: pages by its iterator, an update, a refusal, a 429 that it waits out.

import { apps, check, installed, ownAddress, refused, statuses } from "./desk.mjs";

const { Client, PageIterator } = installed("@microsoft/microsoft-graph-client");
const app = apps.entra;

async function getAccessToken() {
  const form = { client_id: app.client_id, client_secret: app.client_secret, scope: app.scope, grant_type: "client_credentials" };
  const answer = await fetch(app.token_url, { method: "POST", body: new URLSearchParams(form) });
  return (await answer.json()).access_token;
}

const base = new URL(app.base_url);
const graph = Client.initWithMiddleware({
  authProvider: { getAccessToken },
  // It sends its token to Microsoft's hosts only, unless told of others.
  ...(ownAddress && { baseUrl: `${base.origin}/`, customHosts: new Set([base.hostname]) }),
});

const ids = [];
const page = await graph.api("/users").top(5).select("id,accountEnabled").get();
await new PageIterator(graph, page, (user) => ids.push(user.id) > 0).iterate();
check("every user comes once", ids.length >= 12 && new Set(ids).size === ids.length, ids);

const began = Date.now();
const user = await graph.api(`/users/${ids[0]}`).get();
check("the user is the one asked for", user.id === ids[0], user);
const seen = await statuses("entra.user");
check("a 429 was waited out", seen[0] === 429 && seen[1] === 200 && Date.now() - began >= 1000, seen);

await graph.api(`/users/${ids[0]}`).patch({ accountEnabled: false });
const changed = await graph.api(`/users/${ids[0]}`).select("accountEnabled").get();
check("the account is disabled", changed.accountEnabled === false, changed);
await graph.api(`/users/${ids[0]}/revokeSignInSessions`).post({});

const signIns = await graph.api("/auditLogs/signIns").top(10).get();
check("sign-ins come in pages", signIns.value.length === 10 && signIns["@odata.nextLink"].startsWith(base.origin), signIns["@odata.nextLink"]);

const missing = await refused(() => graph.api("/users/nobody@nowhere.example").get());
check("nobody is not found", missing.statusCode === 404 && missing.code === "Request_ResourceNotFound", missing);
console.log(`${ids.length} users, an update, 404, 429 waited out`);
