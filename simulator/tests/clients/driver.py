"""Runs every client in every way it can be led to the simulator. Started by `run`."""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
WORKSPACE = HERE.parents[2]
SECONDS_A_CLIENT = 120
#: GitHub's published description: of half a gigabyte that the package unpacks to, this file is read.
DESCRIPTION = ("@octokit/openapi@23.0.2", "package/generated/ghec.json")
#: What the simulator says where hosts mode cannot be had.
NO_NAMESPACES = "hosts mode needs"

COMPANY = """\
title: A company for its clients' sake
people: 12
apps: {{ entra: {{}}, miro: {{}}, github: {{}}, workplace: {{}} }}
networks:
  bad: {{ in: Lagos, tags: [risky] }}
  worse: {{ in: Oslo, tags: [risky] }}
  exit: {{ in: Frankfurt, tags: [tor] }}
faults:{faults}
"""


class Client(NamedTuple):
    """An entry of clients.json: a client, the ways to lead it here, and the routes that it calls itself.

    http, https: told the simulator's own address (`simulator serve`, `serve --tls`).
    proxy, hosts: told nothing, it asks for the vendor's own names (`simulator exec`, `exec --hosts`).
    """

    name: str
    script: str
    ways: list[str]
    faults: list[str]
    routes: list[str]


CLIENTS = [Client(**entry) for entry in json.loads((HERE / "clients.json").read_text())]


class Run(NamedTuple):
    """How a client went."""

    status: int
    said: str
    #: Routes that answered it with success.
    routes: set[str]


def target() -> pathlib.Path:
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or WORKSPACE / "target")


class Installed(NamedTuple):
    """Where the clients are."""

    python: pathlib.Path
    node: pathlib.Path
    description: pathlib.Path
    #: Folder of the Rust client's programs.
    rust: pathlib.Path


def installed() -> Installed:
    """The clients, made once for what is pinned, in the folder of what is built."""
    pinned = [HERE / "python/requirements.txt", HERE / "node/package.json", HERE / "node/package-lock.json"]
    digest = hashlib.sha256(f"{sys.version} {DESCRIPTION}".encode() + b"".join(p.read_bytes() for p in pinned))
    folder = target() / "clients" / digest.hexdigest()[:16]
    python, node, description = folder / "python/bin/python", folder / "node", folder / "github.json"
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
            done = [
                pool.submit(subprocess.run, pip, check=True),
                pool.submit(subprocess.run, npm, cwd=node, check=True),
                pool.submit(unpack_description, description),
            ]
            for future in done:
                future.result()
        (folder / "complete").touch()
    return Installed(python, node, description, target() / "clients/rust/debug")


def unpack_description(to: pathlib.Path) -> None:
    package, member = DESCRIPTION
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        [archive] = pathlib.Path(folder).iterdir()
        with tarfile.open(archive) as files:
            to.write_bytes(files.extractfile(member).read())


class Desk(NamedTuple):
    """What every run of a client needs."""

    simulator: str
    clients: Installed

    def command(self, client: Client) -> list[str]:
        match pathlib.Path(client.script).suffix:
            case ".py":
                return [str(self.clients.python), str(HERE / client.script)]
            case ".mjs":
                return ["node", str(HERE / client.script)]
            case _:
                return [str(self.clients.rust / client.script)]

    def environment(self, way: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        told = {"WAY": way, "CLIENTS": str(self.clients.node / "node_modules"), "PYTHONDONTWRITEBYTECODE": "1"}
        return kept | told | {"GITHUB_DESCRIPTION": str(self.clients.description)}

    def run(self, client: Client, way: str) -> Run:
        try:
            return self.led(client, way)
        except (OSError, RuntimeError) as error:
            return Run(1, str(error), set())

    def led(self, client: Client, way: str) -> Run:
        with tempfile.TemporaryDirectory(prefix="clients-") as name:
            folder = pathlib.Path(name)
            scenario = folder / "company.yaml"
            faults = "".join(f"\n  - {{ {fault} }}" for fault in client.faults) or " []"
            scenario.write_text(COMPANY.format(faults=faults))
            if way in ("http", "https"):
                return self.beside_serve(client, way, scenario, folder)
            flags = ["--hosts"] if way == "hosts" else []
            journal = folder / "journal.ndjson"
            command = [self.simulator, "exec", *flags, "--quiet", "--journal", journal, scenario, "--"]
            status, said = watched([*command, *self.command(client)], self.environment(way))
            entries = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
            return Run(status, said, succeeded(entries))

    def beside_serve(self, client: Client, way: str, scenario: pathlib.Path, folder: pathlib.Path) -> Run:
        document, ca_file = folder / "connections.json", folder / "ca.pem"
        tls = ["--tls", "--ca-file", ca_file] if way == "https" else []
        command = [self.simulator, "serve", scenario, "--listen", "127.0.0.1:0", "--connections", document, *tls]
        serve = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            greeting = ""
            while "Ctrl-C stops it" not in greeting:
                line = serve.stdout.readline()
                if not line:
                    raise RuntimeError(f"the simulator did not start: {serve.stderr.read()}")
                greeting += line
            control = re.search(r"http://\S+/_sim/", greeting)[0]
            environment = self.environment(way)
            environment |= {"SIMULATOR_CONNECTIONS": str(document), "SIMULATOR_CONTROL": control}
            # As the greeting says: a variable for each family of clients.
            environment |= dict(re.findall(r"export (\w+)=(\S+)", greeting))
            status, said = watched(self.command(client), environment)
            with urllib.request.urlopen(f"{control}journal?limit=10000") as answer:
                return Run(status, said, succeeded(json.load(answer)["entries"]))
        finally:
            serve.send_signal(signal.SIGINT)
            serve.communicate(timeout=20)


def succeeded(entries: list[dict]) -> set[str]:
    return {entry["route"] for entry in entries if 200 <= (entry["status"] or 0) < 400}


def watched(command: list, environment: dict[str, str]) -> tuple[int, str]:
    """Exit status of a command, and what it said."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS_A_CLIENT)
    except subprocess.TimeoutExpired:
        return 1, f"still running after {SECONDS_A_CLIENT} s"
    return done.returncode, (done.stderr + done.stdout).strip()


def built() -> str:
    subprocess.run(["cargo", "build", "--quiet", "--release", "--bin", "simulator"], cwd=WORKSPACE, check=True)
    return str(target() / "release/simulator")


def build_rust_clients() -> None:
    command = ["cargo", "build", "--quiet", "--locked", "--target-dir", target() / "clients/rust"]
    subprocess.run(command, cwd=HERE / "octocrab", check=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--simulator", help="the program; default: built from this workspace")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only clients whose name has this part")
    asked = parser.parse_args()
    simulator = os.path.abspath(asked.simulator) if asked.simulator else built()
    chosen = [c for c in CLIENTS if not asked.names or any(part in c.name for part in asked.names)]
    desk = Desk(simulator, installed())
    if any(client.name.startswith("crate ") for client in chosen):
        build_rust_clients()
    runs = [(client, way) for client in chosen for way in client.ways]
    passed = failed = 0
    met: dict[str, set[str]] = {}
    began = time.monotonic()

    def tell(word: str, name: str, way: str, said: str) -> None:
        print(f"{word:<5} {name:<38} {way:<6} {said}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        for (client, way), run in zip(runs, pool.map(lambda run: desk.run(*run), runs)):
            met.setdefault(client.name, set()).update(run.routes)
            last = (run.said.splitlines() or [""])[-1]
            if way == "hosts" and run.status != 0 and NO_NAMESPACES in run.said:
                tell("skip", client.name, way, "this machine forbids the namespaces of hosts mode")
                met[client.name].update(client.routes)
            elif run.status == 0:
                tell("ok", client.name, way, last)
                passed += 1
            else:
                tell("FAIL", client.name, way, "")
                print(run.said, flush=True)
                failed += 1
    for client in chosen:
        if missing := set(client.routes) - met[client.name]:
            tell("FAIL", client.name, "", f"listed in clients.json, but not called with success: {', '.join(sorted(missing))}")
            failed += 1
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
