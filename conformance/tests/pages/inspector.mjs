// The inspector of a simulator that serves a story, with a client that asks it for things.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STORY = `title: A company on the desk
people: 6
apps: { entra: {}, miro: {} }
cast: { alice: { home: London } }
networks: { abroad: { in: Lagos }, tor: { in: Frankfurt, tags: [tor] } }
attacks: { takeover: T1078.004 }
script:
  - { at: day 2 09:00, actor: alice, does: sign_in, app: miro, from: tor, attack: takeover }
`;

/** The same with a title that would be markup, were it not text. */
const MARKED = STORY.replace("on the", "<b>on</b> the").replace(/title: (.*)/, 'title: "$1"');

/** Serves a story on free ports, until it is told to leave. */
async function serve(program, folder, name, story) {
  const [scenario, connections] = [join(folder, `${name}.yaml`), join(folder, `${name}.json`)];
  writeFileSync(scenario, story);
  const served = spawn(program("simulator"), ["serve", scenario, "--listen", "127.0.0.1:0", "--connections", connections], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const ready = new Promise((done, failed) => {
    served.stdout.on("data", (text) => { said += text; if (said.includes("Ctrl-C stops it")) done(); });
    served.on("exit", (code) => failed(new Error(`the simulator ended with ${code}: ${said}`)));
  });
  await ready;
  served.removeAllListeners("exit");
  const url = said.match(/http:\/\/127\.0\.0\.1:\d+\/_sim\//)[0];
  return { url, said, connections: JSON.parse(readFileSync(connections, "utf8")), leave: () => served.kill("SIGTERM") };
}

/** The page's address, that of the page with the marked title, and a way to ask Miro for its log. */
export async function arrange({ program, folder }) {
  const [desk, marked] = await Promise.all([serve(program, folder, "desk", STORY), serve(program, folder, "marked", MARKED)]);
  const [, token, log] = desk.said.match(/Bearer (\S+)' '(http:[^']*audit\/logs[^']*)'/);
  const { origin } = new URL(log);
  const poll = (with_token = token) => fetch(log, { headers: { authorization: `Bearer ${with_token}` } });
  const leave = () => [desk, marked].forEach((served) => served.leave());
  return { url: desk.url, marked: marked.url, poll, origin, connections: desk.connections, leave };
}

/** What only that view has. */
const VIEWS = { journal: "#exchanges", world: "#main h2", timeline: "#present" };
/** Chooses a view, and waits for it: what it shows is fetched first. */
async function tab(page, name) {
  await page.locator(`#tab-${name}`).click();
  await page.locator(VIEWS[name]).first().waitFor();
}
const said = (page, text) => page.locator("#said", { hasText: text }).waitFor();
const field = (page, form, name) => page.locator(`#${form} [name=${name}]`);

export const tests = {
  "exchanges appear as they come": async ({ page, place, shot }) => {
    await page.locator("#title", { hasText: "A company on the desk" }).waitFor();
    assert.equal((await place.poll()).status, 200);
    await page.locator(".exchange", { hasText: "miro.audit_log" }).first().waitFor();
    await shot("inspector-light");
  },
  "what a story says is text and no markup": async ({ page, place }) => {
    await page.goto(place.marked);
    await page.locator("#title", { hasText: "A company <b>on</b> the desk" }).waitFor();
    assert.equal(await page.locator("#title b").count(), 0);
  },
  "a refusal shows the chain of its reasons": async ({ page, place }) => {
    assert.equal((await place.poll("nonsense")).status, 401);
    const refused = page.locator(".exchange.refused").first();
    await refused.locator("summary").click();
    assert.match(await refused.locator(".reasons .stopped").textContent(), /token/);
  },
  "the journal is searched, and narrowed to refusals": async ({ page, place }) => {
    await place.poll();
    await place.poll("nonsense");
    await page.locator(".exchange.refused").first().waitFor();
    await page.locator("#search").fill("audit_log 401");
    assert.ok((await page.locator(".exchange.refused").count()) > 0);
    assert.equal(await page.locator(".exchange:not(.refused)").count(), 0);
    await page.locator("#search").fill("");
    assert.ok((await page.locator(".exchange:not(.refused)").count()) > 0);
    await page.locator("#refused").check();
    assert.equal(await page.locator(".exchange:not(.refused)").count(), 0);
  },
  "trouble is armed and met by the next request": async ({ page, place }) => {
    await field(page, "trouble", "trouble").selectOption("empty");
    await field(page, "trouble", "route").selectOption("miro.audit_log");
    await page.locator("#trouble button").click();
    await said(page, "empty_page is armed");
    assert.equal((await (await place.poll()).json()).data.length, 0);
    await page.locator(".exchange", { hasText: "fault empty_page" }).first().waitFor();
  },
  "a throttle lasts for a minute, and a step ends it": async ({ page, place }) => {
    await field(page, "trouble", "trouble").selectOption("throttle");
    await field(page, "trouble", "route").selectOption("miro");
    await page.locator("#trouble button").click();
    await said(page, "throttle is armed");
    assert.deepEqual([(await place.poll()).status, (await place.poll()).status], [429, 429]);
    await page.locator("#steps button", { hasText: "+1h" }).click();
    // Tomorrow, where the hour is the day's last.
    await said(page, /it is day \d/);
    assert.equal((await place.poll()).status, 200);
  },
  "an attack is emitted and read from the log": async ({ page, place }) => {
    await field(page, "attack", "attack").selectOption("failed_logins");
    await field(page, "attack", "person").selectOption("alice");
    await field(page, "attack", "app").selectOption("entra");
    await page.locator("#attack button").click();
    await said(page, "failed_logins upon alice in entra");
    await tab(page, "timeline");
    await page.locator("tr.ordinary, tr.scripted", { hasText: "wrong_password" }).first().waitFor();
    assert.ok((await page.locator("tr", { hasText: "sign_in wrong_password" }).count()) >= 11);
  },
  "an attack of the catalogue says what it is and where it can be done": async ({ page }) => {
    await field(page, "attack", "attack").selectOption("impossible_travel");
    await page.locator("#attack p", { hasText: "from another country" }).waitFor();
    await field(page, "attack", "person").selectOption("alice");
    await field(page, "attack", "app").selectOption("miro");
    await page.locator("#attack button").click();
    await said(page, "impossible_travel upon alice in miro: 2 thing(s) happened");
    await tab(page, "timeline");
    await page.locator("tr", { hasText: "alice" }).filter({ hasText: "sign_in" }).first().waitFor();
  },
  "time steps to the next thing of the script": async ({ page, shot }) => {
    await tab(page, "timeline");
    await page.locator("tr.attack", { hasText: "attack takeover" }).waitFor();
    await shot("inspector-timeline");
    await page.locator("#steps button", { hasText: "next in the script" }).click();
    await said(page, "it is day 2 09:00");
    await page.locator("#main p", { hasText: "The script has nothing more to bring" }).waitFor();
  },
  "a person is suspended, and restored": async ({ page, shot }) => {
    await tab(page, "world");
    await page.locator("#main h2", { hasText: "People (" }).waitFor();
    await page.getByRole("button", { name: "suspend alice in miro" }).click();
    await said(page, "suspend of alice in miro");
    await page.locator("#main").evaluate((main) => main.focus());
    await page.getByRole("button", { name: "restore alice in miro" }).waitFor();
    await shot("inspector-world");
    await page.getByRole("button", { name: "restore alice in miro" }).click();
    await said(page, "restore of alice in miro");
  },
  "a token is expired by its name": async ({ page, place }) => {
    await tab(page, "world");
    await page.getByRole("button", { name: /^expire <token:miro\/stack#1>$/ }).click();
    await said(page, "<token:miro/stack#1> has expired");
    assert.equal((await place.poll()).status, 401);
  },
  "a page of another origin may not touch it": async ({ page, place }) => {
    const forged = (origin) => fetch(new URL("step", place.url), { method: "POST", body: `{"by":"1h"}`, headers: { origin } });
    assert.equal((await forged("https://evil.example")).status, 403);
    assert.equal((await forged(new URL(place.url).origin)).status, 200);
    const policy = (await fetch(place.url)).headers.get("content-security-policy");
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(await page.evaluate(async () => (await fetch("/_sim/step", { method: "POST", body: `{"by":"1m"}` })).status), 200);
  },
  "keys choose the view and the search": async ({ page }) => {
    await page.keyboard.press("2");
    await page.locator("#tab-world[aria-selected=true]").waitFor();
    await page.keyboard.press("1");
    await page.locator("#exchanges").waitFor();
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  },
  "it is dark where the reader is, and fits a narrow window": async ({ page, shot }) => {
    await page.locator("#attack").waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    await shot("inspector-dark");
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of Object.keys(VIEWS)) {
      await tab(page, name);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, name);
    }
    await shot("inspector-narrow");
  },
  "everything that can be pressed has a name": async ({ page }) => {
    for (const name of Object.keys(VIEWS)) {
      await tab(page, name);
      const nameless = await page.evaluate(() => [...document.querySelectorAll("a, button, input, select, summary")]
        .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.closest("label")?.textContent.trim())).map((e) => e.outerHTML));
      assert.deepEqual(nameless, []);
    }
  },
};
