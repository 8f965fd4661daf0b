"""azure-identity, sync and aio: a token for a secret, a 429 that it waits out, a refusal."""

import asyncio
import time
import urllib.parse

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncCredential
from desk import APPS, OWN_ADDRESS, check, refused, statuses

app = APPS["entra"]
login = urllib.parse.urlparse(app["token_url"])
options = {"authority": login.netloc, "disable_instance_discovery": True} if OWN_ADDRESS else {}

began = time.monotonic()
token = ClientSecretCredential(app["tenant_id"], app["client_id"], app["client_secret"], **options).get_token(app["scope"])
waited = time.monotonic() - began
check("a token for an hour", token.expires_on - time.time() > 3000, token.expires_on)
check("a 429 was waited out", statuses("entra.token")[:2] == [429, 200] and waited >= 1, (statuses("entra.token"), waited))

wrong = ClientSecretCredential(app["tenant_id"], app["client_id"], "a wrong secret", **options)
error = refused(ClientAuthenticationError, lambda: wrong.get_token(app["scope"]))
check("a wrong secret is refused", "AADSTS7000215" in str(error), error)


async def asynchronous() -> str:
    async with AsyncCredential(app["tenant_id"], app["client_id"], app["client_secret"], **options) as credential:
        return (await credential.get_token(app["scope"])).token


check("aio gets one too", asyncio.run(asynchronous()).count(".") == 2)
print("token, aio, 429 waited out, AADSTS7000215")
