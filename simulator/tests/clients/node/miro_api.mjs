// @mirohq/miro-api: authorization code and refresh, pages of members, boards and the audit log, a refusal, a 429.
// Its token endpoint is fixed in the code; told another base address it is given a token.

import { apps, check, consent, installed, ownAddress, refused } from "./desk.mjs";

const { Miro, MiroApi, MiroLowlevelApi } = installed("@mirohq/miro-api");
const app = apps.miro;
const DAY = 86_400_000;

async function signIn() {
  const options = { clientId: app.client_id, clientSecret: app.client_secret, redirectUrl: app.redirect_uri };
  if (!ownAddress) {
    const stored = new Map();
    const storage = { get: async (user) => stored.get(user), set: async (user, state) => void stored.set(user, state) };
    const miro = new Miro({ ...options, storage });
    await miro.exchangeCodeForAccessToken("ann", await consent(miro.getAuthUrl("a state")));
    check("the SDK has stored a token", await miro.isAuthorized("ann"));
    // A token that is over is refreshed before the next call.
    const first = stored.get("ann");
    stored.set("ann", { ...first, tokenExpiresAt: new Date(0).toISOString() });
    await miro.as("ann").tokenInfo();
    const second = stored.get("ann");
    check("the refresh brought another pair", second.refreshToken !== first.refreshToken, second);
    return { api: miro.as("ann"), token: second.accessToken };
  }
  const query = { response_type: "code", client_id: app.client_id, redirect_uri: app.redirect_uri };
  const back = await consent(`${app.authorize_url}?${new URLSearchParams(query)}`);
  const form = {
    grant_type: "authorization_code",
    code: new URL(back).searchParams.get("code"),
    client_id: app.client_id,
    client_secret: app.client_secret,
    redirect_uri: app.redirect_uri,
  };
  const answer = await fetch(app.token_url, { method: "POST", body: new URLSearchParams(form) });
  const { access_token: token } = await answer.json();
  return { api: new MiroApi(token, app.base_url), token };
}

const { api, token } = await signIn();
const lowlevel = new MiroLowlevelApi(token, app.base_url);

const organization = await api.getOrganization(app.organization_id);
check("the organisation is ours", organization.id === app.organization_id, organization.id);
const busy = await refused(() => api.getOrganization(app.organization_id));
check("the second request meets a 429", busy.statusCode === 429, busy);
check("which says when to come back", busy.response.headers.get("retry-after") === "1");
const missing = await refused(() => api.getOrganization("1"));
check("a foreign organisation is not found", missing.statusCode === 404, missing);

const members = [];
for await (const member of organization.getAllOrganizationMembers({ limit: 5 })) members.push(member.email);
check("every member comes once", members.length >= 12 && new Set(members).size === members.length, members);

const events = [];
let cursor;
let pages = 0;
do {
  const since = new Date(Date.now() - 2 * DAY).toISOString();
  const until = new Date().toISOString();
  const { body } = await lowlevel.enterpriseGetAuditLogs(since, until, { limit: 10, cursor });
  events.push(...body.data.map((event) => event.id));
  cursor = body.cursor;
  pages += 1;
} while (cursor);
check("every event comes once", pages > 1 && new Set(events).size === events.length, events.length);

const teams = [];
for await (const team of organization.getAllTeams({ limit: 1 })) teams.push(team.id);
check("every team comes once", teams.length >= 1 && new Set(teams).size === teams.length, teams);
const boards = [];
for await (const board of api.getAllBoards({ limit: "10" })) boards.push(board);
check("every board comes once", boards.length > 10 && new Set(boards.map((b) => b.id)).size === boards.length, boards.length);
const items = [];
for await (const item of boards[0].getAllItems({ limit: "10" })) items.push(item.id);
const people = [];
for await (const person of boards[0].getAllMembers()) people.push(person.id);
check("a board has items and people", items.length >= 1 && people.length >= 1, { items, people });

console.log(`${boards.length} boards, ${members.length} members, ${events.length} events in ${pages} pages, 404, 429`);
