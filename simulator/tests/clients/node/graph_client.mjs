// @microsoft/microsoft-graph-client: pages by its iterator, an update, a delta, a batch, a refusal, a 429 that it waits out.

import { apps, check, installed, ownAddress, refused, statuses } from "./desk.mjs";

const { BatchRequestContent, BatchResponseContent, Client, PageIterator } = installed("@microsoft/microsoft-graph-client");
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
const tracked = [];
const delta = new PageIterator(graph, await graph.api("/users/delta").get(), (user) => tracked.push(user.id) > 0);
await delta.iterate();
check("a delta begins with everybody", new Set(tracked).size >= ids.length, tracked.length);
await graph.api(`/users/${ids[1]}`).patch({ accountEnabled: false });
const { value: since } = await graph.api(delta.getDeltaLink()).get();
check("and goes on with what has changed", since.length === 1 && since[0].id === ids[1], since);

const steps = ids.slice(0, 3).map((id, n) => ({ id: `${n}`, request: new Request(`${base.origin}/users/${id}`) }));
const batch = new BatchResponseContent(await graph.api("/$batch").post(await new BatchRequestContent(steps).getContent()));
const answers = await Promise.all(steps.map(({ id }) => batch.getResponseById(id).json()));
check("a batch answers each", answers.every((user, n) => user.id === ids[n]), answers);
console.log(`${ids.length} users, an update, delta, batch, 404, 429 waited out`);
