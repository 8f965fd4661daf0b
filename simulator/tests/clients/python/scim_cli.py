"""scim2-cli: discovery, users by page and filter, a user made, changed and deleted, refusals; its compliance check."""

import json
import os
import subprocess
import sys

from desk import APPS, check

app = APPS["miro"]
PROGRAM = os.path.join(os.path.dirname(sys.executable), "scim2")
HEADERS = {"SCIM_CLI_URL": app["scim_url"], "SCIM_CLI_HEADERS": f"Authorization: Bearer {app['scim_token']}"}


def scim(*arguments: str, status: int = 0) -> str:
    done = subprocess.run([PROGRAM, *arguments], env=os.environ | HEADERS, capture_output=True, text=True)
    check(f"scim2 {' '.join(arguments)} ends with {status}", done.returncode == status, done.stdout + done.stderr)
    return done.stdout


users = json.loads(scim("query", "user", "--count", "5"))
print(users)
