// x-hub-signature: verifies what Workplace's webhook brings: the handshake, then what an administrator's act echoes.

import { createServer } from "node:http";

import { apps, check, fillIn, installed } from "./desk.mjs";

const signatures = installed("x-hub-signature");
const XHubSignature = signatures.default ?? signatures;
const app = apps.workplace;

const verifyToken = "a token of our own";
let handshake;
const brought = new Promise((resolve) => {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (request.method === "GET") {
      handshake = url.searchParams;
      response.end(handshake.get("hub.challenge"));
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end();
    server.close();
    resolve({ headers: request.headers, body: Buffer.concat(chunks) });
  });
  server.listen(0, "127.0.0.1", () => subscribe(server.address().port));
});

async function graph(method, path, parameters, token) {
  const answer = await fetch(`${app.base_url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(method === "POST" ? { body: new URLSearchParams(parameters) } : {}),
  });
  const body = await answer.json();
  check(`${method} ${path} succeeds`, answer.ok, body);
  return body;
}

async function subscribe(port) {
  const callback = { object: "workplace_security", callback_url: `http://127.0.0.1:${port}/`, verify_token: verifyToken };
  await graph("POST", `/${app.app_id}/subscriptions`, { ...callback, include_values: "true" }, `${app.app_id}|${app.app_secret}`);
  check("the token of our own came with the handshake", handshake?.get("hub.verify_token") === verifyToken, handshake);
  const back = await fillIn(`${app.authorize_url}?${new URLSearchParams({ client_id: app.client_id, redirect_uri: app.redirect_uri, response_type: "code", scope: app.scope })}`);
  const code = new URL(back.headers.get("location")).searchParams.get("code");
  const asked = { client_id: app.client_id, client_secret: app.client_secret, redirect_uri: app.redirect_uri, code };
  const { access_token: token } = await (await fetch(`${app.token_url}?${new URLSearchParams(asked)}`)).json();
  const { data } = await graph("GET", "/community/members?limit=20&fields=id,active", {}, token);
  await graph("POST", `/${data.at(-1).id}`, { active: "false" }, token);
}

const { headers, body } = await brought;
for (const [algorithm, name] of [["sha1", "x-hub-signature"], ["sha256", "x-hub-signature-256"]]) {
  const signature = new XHubSignature(algorithm, app.app_secret);
  check(`${name} is right`, signature.verify(headers[name], body), headers[name]);
  check(`${name} is of these bytes alone`, !signature.verify(headers[name], Buffer.concat([body, Buffer.from(" ")])), headers[name]);
}
const event = JSON.parse(body).entry[0].changes[0].value.event;
check("the act is echoed", event === "ADMIN_DEACTIVATE_ACCOUNT", event);
console.log(`handshake, ${event} verified with sha1 and sha256`);
