"""Runs every client in every way it can be led to the simulator. Started by `run`."""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
WORKSPACE = HERE.parents[2]
SECONDS_A_CLIENT = 120

COMPANY = """\
title: A company for its clients' sake
people: 12
apps: {{ entra: {{}}, miro: {{}} }}
faults: [{faults}]
"""


class Client(NamedTuple):
    """A client and the ways to lead it here.

    http, https: told the simulator's own address (`simulator serve`, `serve --tls`).
    proxy, hosts: told nothing, it asks for the vendor's own names (`simulator exec`, `exec --hosts`).
    """

    name: str
    script: str
    ways: tuple[str, ...]
    faults: tuple[str, ...] = ()


def throttled(route: str, nth: int) -> str:
    return f"{{ route: {route}, nth: {nth}, fault: throttle, retry_after: 1s }}"


CLIENTS = [
    Client("npm @mirohq/miro-api", "node/miro_api.mjs", ("http", "hosts"), (throttled("miro.organization", 2),)),
    Client("npm @azure/msal-node", "node/msal_node.mjs", ("https", "hosts")),
    Client("npm @microsoft/microsoft-graph-client", "node/graph_client.mjs", ("https", "hosts"), (throttled("entra.user", 1),)),
    Client("PyPI miro_api", "python/miro_sdk.py", ("http", "hosts"), (throttled("miro.organization", 2),)),
    Client("PyPI msal", "python/msal_tokens.py", ("https", "proxy"), (throttled("entra.token", 3),)),
    Client("PyPI azure-identity", "python/azure_tokens.py", ("https", "proxy"), (throttled("entra.token", 1),)),
    Client("PyPI msgraph-sdk", "python/graph_sdk.py", ("https", "proxy"), (throttled("entra.user", 1),)),
]


def installed() -> tuple[pathlib.Path, pathlib.Path]:
    """The Python of the clients and the folder that holds the Node.js ones; made once for what is pinned."""
    pinned = [HERE / "python/requirements.txt", HERE / "node/package.json", HERE / "node/package-lock.json"]
    digest = hashlib.sha256(sys.version.encode() + b"".join(p.read_bytes() for p in pinned)).hexdigest()[:16]
    caches = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = caches / "simulator-clients" / digest
    python, node = folder / "python/bin/python", folder / "node"
    if not (folder / "complete").exists():
        print("installing the clients, once", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        (node).mkdir(exist_ok=True)
        for file in pinned[1:]:
            (node / file.name).write_bytes(file.read_bytes())
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", pinned[0]]
        npm = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([sys.executable, "-m", "venv", folder / "python"], check=True)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            done = [pool.submit(subprocess.run, pip, check=True), pool.submit(subprocess.run, npm, cwd=node, check=True)]
            for future in done:
                future.result()
        (folder / "complete").touch()
    return python, node


class Desk(NamedTuple):
    """What every run of a client needs."""

    simulator: str
    python: pathlib.Path
    node: pathlib.Path

    def command(self, client: Client) -> list[str]:
        return [str(self.python) if client.script.endswith(".py") else "node", str(HERE / client.script)]

    def environment(self, way: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        return kept | {"WAY": way, "CLIENTS": str(self.node / "node_modules"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, client: Client, way: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory(prefix="clients-") as name:
            folder = pathlib.Path(name)
            scenario = folder / "company.yaml"
            scenario.write_text(COMPANY.format(faults=", ".join(client.faults)))
            if way in ("http", "https"):
                return self.beside_serve(client, way, scenario, folder)
            flags = ["--hosts"] if way == "hosts" else []
            command = [self.simulator, "exec", *flags, "--quiet", str(scenario), "--", *self.command(client)]
            return watched(command, self.environment(way))

    def beside_serve(self, client: Client, way: str, scenario: pathlib.Path, folder: pathlib.Path):
        document, ca_file = folder / "connections.json", folder / "ca.pem"
        tls = ["--tls", "--ca-file", str(ca_file)] if way == "https" else []
        command = [self.simulator, "serve", str(scenario), "--listen", "127.0.0.1:0", "--connections", str(document), *tls]
        serve = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            greeting = ""
            while "Ctrl-C stops it" not in greeting:
                line = serve.stdout.readline()
                if not line:
                    raise RuntimeError(f"the simulator did not start: {serve.stderr.read()}")
                greeting += line
            environment = self.environment(way) | {
                "SIMULATOR_CONNECTIONS": str(document),
                "SIMULATOR_CONTROL": re.search(r"http://\S+/_sim/", greeting)[0],
            }
            # As the greeting says: a variable for each family of clients.
            environment |= dict(re.findall(r"export (\w+)=(\S+)", greeting))
            return watched(self.command(client), environment)
        finally:
            serve.send_signal(signal.SIGINT)
            serve.communicate(timeout=20)


def watched(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS_A_CLIENT)
    except subprocess.TimeoutExpired as late:
        said = late.stderr or b""
        return subprocess.CompletedProcess(command, 1, "", f"{said}\nstill running after {SECONDS_A_CLIENT} s")


def built() -> str:
    subprocess.run(["cargo", "build", "--quiet", "--release", "--bin", "simulator"], cwd=WORKSPACE, check=True)
    target = os.environ.get("CARGO_TARGET_DIR") or WORKSPACE / "target"
    return str(pathlib.Path(target) / "release/simulator")


def main() -> int:
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--simulator", help="the program; default: built from this workspace")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only clients whose name has this part")
    asked = parser.parse_args()
    simulator = os.path.abspath(asked.simulator) if asked.simulator else built()
    desk = Desk(simulator, *installed())
    chosen = [c for c in CLIENTS if not asked.names or any(part in c.name for part in asked.names)]
    runs = [(client, way) for client in chosen for way in client.ways]
    passed = failed = 0
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        for (client, way), done in zip(runs, pool.map(lambda run: desk.run(*run), runs)):
            good = done.returncode == 0
            said = (done.stdout.strip().splitlines() or [""])[-1]
            print(f"{'ok  ' if good else 'FAIL'}  {client.name:<38} {way:<6} {said}", flush=True)
            passed, failed = passed + good, failed + (not good)
            if not good:
                print((done.stdout + done.stderr).strip(), flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
