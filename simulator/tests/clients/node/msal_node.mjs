// @azure/msal-node: client credentials, authorization code, the token cache, a refusal.

import { apps, check, consent, installed, ownAddress, refused, statuses } from "./desk.mjs";

const { ConfidentialClientApplication } = installed("@azure/msal-node");
const app = apps.entra;
const login = new URL(app.token_url);

function client(clientSecret) {
  const auth = { clientId: app.client_id, clientSecret, authority: `${login.origin}/${app.tenant_id}` };
  // Microsoft's own host is known to it; any other has to be vouched for.
  return new ConfidentialClientApplication({ auth: ownAddress ? { ...auth, knownAuthorities: [login.host] } : auth });
}

const request = { scopes: [app.scope] };
const msal = client(app.client_secret);
const first = await msal.acquireTokenByClientCredential(request);
check("a token for an hour", first.expiresOn - Date.now() > 3_000_000, first.expiresOn);
const second = await msal.acquireTokenByClientCredential(request);
check("the second comes from the cache", second.fromCache && second.accessToken === first.accessToken);
check("so it was asked for once", (await statuses("entra.token")).length === 1);

const wrong = await refused(() => client("a wrong secret").acquireTokenByClientCredential(request));
check("a wrong secret is refused", wrong.errorCode === "invalid_client" && wrong.message.includes("AADSTS7000215"), wrong);

const users = await fetch(`${app.base_url}/v1.0/users`, { headers: { authorization: `Bearer ${first.accessToken}` } });
check("the token opens Graph", users.status === 200, users.status);
const wanted = { scopes: ["User.Read"], redirectUri: app.redirect_uri };
const back = new URL(await consent(await msal.getAuthCodeUrl({ ...wanted, state: "a state" })));
const signedIn = await msal.acquireTokenByCode({ ...wanted, code: back.searchParams.get("code") });
check("a code buys a token and says whose", signedIn.account.tenantId === app.tenant_id, signedIn.account);
const silent = await msal.acquireTokenSilent({ ...wanted, account: signedIn.account, forceRefresh: true });
check("a refresh brings another", silent.accessToken !== signedIn.accessToken && !silent.fromCache);
console.log("token, code, refresh, cache, AADSTS7000215");
