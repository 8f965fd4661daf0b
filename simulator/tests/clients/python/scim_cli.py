"""scim2-cli: users by page and filter, one made, changed and deleted, refusals; and the compliance check it brings."""

import json
import os
import pathlib
import re
import subprocess
import sys

from desk import APPS, check

scim = APPS["miro"]["scim"]
PROGRAM = pathlib.Path(sys.executable).with_name("scim2")
#: What the compliance check wants and Miro does not have: it makes no groups over SCIM, for they are its teams.
NOT_MIROS = ["POST is not supported by this endpoint."]


def run(*arguments: str, token: str = scim["token"]) -> subprocess.CompletedProcess:
    told = {"SCIM_CLI_URL": scim["base_url"], "SCIM_CLI_HEADERS": f"Authorization: Bearer {token}"}
    return subprocess.run([PROGRAM, *arguments], env=os.environ | told, capture_output=True, text=True)


def answer(*arguments: str) -> dict:
    done = run(*arguments)
    check(f"scim2 {' '.join(arguments)} succeeds", done.returncode == 0, done.stdout + done.stderr)
    return json.loads(done.stdout or "{}")


first = answer("query", "user", "--count", "5")
rest = answer("query", "user", "--start-index", "6")
names = [user["userName"] for page in (first, rest) for user in page["Resources"]]
check("every user comes once", len(set(names)) == len(names) == first["totalResults"] >= 12, names)
found = answer("query", "user", "--filter", f'userName eq "{names[3]}"')
check("a filter finds the one", [user["userName"] for user in found["Resources"]] == [names[3]], found)

made = answer("create", "user", "--user-name", "new.colleague@partner.example", "--display-name", "New Colleague")
changed = answer("modify", "user", made["id"], "replace", "active", "false")
check("a PATCH deactivates", changed["active"] is False, changed)
answer("delete", "user", made["id"])
gone = run("query", "user", made["id"])
check("the deleted user is not found", "404" in gone.stdout + gone.stderr, gone.stdout + gone.stderr)
stranger = run("query", "user", token="nobody's")
check("a wrong token is refused", "Authorization failure" in stranger.stderr, stranger.stdout + stranger.stderr)

compliance = run("test").stdout
verdicts = re.findall(r"^(SUCCESS|ERROR|CRITICAL)\b.*\n((?:  .*\n?)*)", compliance, re.M)
passed = sum(1 for verdict, _ in verdicts if verdict == "SUCCESS")
failures = [text.strip() for verdict, text in verdicts if verdict != "SUCCESS" and text.strip() not in NOT_MIROS]
check("what it tries on users is compliant", passed > 40 and not failures, failures or compliance)
print(f"{len(names)} users, one made and deleted, 401, 404; {passed} compliance checks")
