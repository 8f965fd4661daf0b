// Opens Chromium, runs the tests of each page, prints a line a test. Started by `run`.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import * as compare from "./compare.mjs";
import * as inspector from "./inspector.mjs";
import * as report from "./report.mjs";

const PAGES = { report, compare, inspector };
const WORKSPACE = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
/** Pictures that the documentation shows, and where they lie. */
const DOCUMENTED = ["report-light", "story-light", "inspector-light", "inspector-timeline"];
const IMAGES = join(WORKSPACE, "docs/src/images");
/** What of a page they show: enough to know it by, small enough to be committed. */
const UPPER_PART = { x: 0, y: 0, width: 1360, height: 600 };
/** How long a test waits for something to show: much, so that a busy machine fails none. */
const PATIENCE_MS = 30_000;

const { values: options, positionals } = parseArgs({
  options: { programs: { type: "string" }, shots: { type: "string" }, screenshots: { type: "boolean" } },
  allowPositionals: true,
});

/** Where a program lies: as asked, else the newer of the release and the debug build. */
function program(name) {
  const places = options.programs ? [resolve(options.programs, name)] : ["release", "debug"].map((kind) => join(process.env.TARGET, kind, name));
  const [found] = places.filter(existsSync).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!found) throw new Error(`no ${name} at ${places.join(" or ")}: build it first`);
  return found;
}

const { chromium } = createRequire(join(process.env.INSTALLED, "package.json"))("playwright-core");
const folder = mkdtempSync(join(tmpdir(), "pages-"));
const galleries = [options.shots && { folder: options.shots, wants: () => true, options: {} }, options.screenshots && { folder: IMAGES, wants: (picture) => DOCUMENTED.includes(picture), options: { clip: UPPER_PART } }].filter(Boolean);
for (const { folder } of galleries) mkdirSync(folder, { recursive: true });
const counts = { passed: 0, failed: 0 };

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
try {
  for (const name of positionals.length ? positionals : Object.keys(PAGES)) {
    const { arrange, tests } = PAGES[name];
    const place = await arrange({ program, folder, workspace: WORKSPACE, execFileSync });
    for (const [sentence, test] of Object.entries(tests)) {
      const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const complaints = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("dialog", (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
      const shot = async (picture, wanted = page) => {
        for (const { folder, options } of galleries.filter(({ wants }) => wants(picture))) await wanted.screenshot({ ...options, path: join(folder, `${picture}.png`) });
      };
      try {
        await page.goto(place.url);
        await test({ page, context, place, shot });
        if (complaints.length) throw new Error(complaints.join("; "));
        counts.passed += 1;
        console.log(`ok    ${name}: ${sentence}`);
      } catch (error) {
        counts.failed += 1;
        console.log(`FAIL  ${name}: ${sentence}\n      ${String(error.message).split("\n").slice(0, 12).join("\n      ")}`);
      }
      await context.close();
    }
    await place.leave?.();
  }
} catch (error) {
  counts.failed += 1;
  console.log(`FAIL  ${error.message}`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed ? 1 : 0;
