// What every script here needs: where the simulator is, an administrator's browser, a way to say what is expected.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Loads an installed client. */
export const installed = createRequire(`${process.env.CLIENTS}/`);

export const { apps } = JSON.parse(readFileSync(process.env.SIMULATOR_CONNECTIONS, "utf8"));

/** Whether the client is told the simulator's own address; else it asks for the vendors' names. */
export const ownAddress = ["http", "https"].includes(process.env.WAY);

export function check(expectation, holds, seen) {
  if (!holds) {
    console.error(`not so: ${expectation}; seen:`, typeof seen === "function" ? seen() : seen);
    process.exit(1);
  }
}

/** The error with which a call is refused. */
export async function refused(call) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    return error;
  }
  return check("the call is refused", false, answer);
}

/** Statuses of a route's exchanges so far, from the journal. */
export async function statuses(route) {
  const answer = await fetch(`${process.env.SIMULATOR_CONTROL}journal?limit=10000`);
  const { entries } = await answer.json();
  return entries.filter((entry) => entry.route === route).map((entry) => entry.status);
}

const unescape = (text) =>
  text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Fills in the form of a page as the administrator, and says yes: the answer. */
export async function fillIn(url) {
  const page = await (await fetch(url)).text();
  const form = new URLSearchParams({ decision: "allow" });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    form.set(name, unescape(value));
  }
  for (const [, name, value] of page.matchAll(/<select[^>]*name="([^"]*)"[^]*?<option[^>]*value="([^"]*)"/g)) {
    form.set(name, unescape(value));
  }
  const action = new URL(unescape(/<form[^>]*action="([^"]*)"/.exec(page)?.[1] ?? ""), url);
  return fetch(action, { method: "POST", body: form, redirect: "manual" });
}

/** Consents as the administrator; the address the browser is sent to. */
export async function consent(authorizeUrl) {
  const answer = await fillIn(authorizeUrl);
  check("consent redirects", answer.status === 302, answer.status);
  return answer.headers.get("location");
}
