// Every answer of an octokit is held against GitHub's published description, whole, as npm carries it.

import { readFileSync } from "node:fs";

import { check, installed } from "./desk.mjs";

const { default: Ajv } = installed("ajv");

/** OpenAPI 3.0 in the words of JSON Schema; where schemas overlap, one that fits will do. */
function translated(value) {
  if (Array.isArray(value)) return value.map(translated);
  if (value === null || typeof value !== "object") return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, translated(inner)]));
  if (Array.isArray(schema.oneOf)) {
    schema.anyOf = schema.oneOf;
    delete schema.oneOf;
  }
  // `exclusiveMinimum` is a flag there.
  for (const flag of ["exclusiveMinimum", "exclusiveMaximum"]) if (typeof schema[flag] === "boolean") delete schema[flag];
  if (schema.nullable !== true) return schema;
  delete schema.nullable;
  return { anyOf: [{ type: "null" }, schema] };
}

export class Description {
  /** What is written otherwise than the description has it, and why. */
  constructor(file, exceptions) {
    const { paths, components } = translated(JSON.parse(readFileSync(file, "utf8")));
    this.paths = paths;
    this.exceptions = exceptions;
    this.ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
    this.ajv.addSchema({ paths, components }, "github");
    const literal = (path) => path.split("/").filter((segment) => !segment.startsWith("{")).length;
    const pattern = (path) => new RegExp(`^${path.replace(/[.+]/g, "\\$&").replace("{path}", ".*").replace(/\{[^}]+\}/g, "[^/]+")}$`);
    this.table = Object.keys(paths).sort((a, b) => literal(b) - literal(a)).map((path) => ({ path, pattern: pattern(path) }));
    this.checked = new Set();
  }

  /** The described operation of a request. */
  operation(method, path) {
    const verb = method.toLowerCase();
    const found = this.table.find((row) => row.pattern.test(path) && this.paths[row.path][verb]);
    return found && { name: `${method} ${found.path}`, responses: this.paths[found.path][verb].responses, pointer: `${pointer(found.path)}/${verb}` };
  }

  /** Checks an answer with a success. */
  check(method, asked, status, data) {
    // Links of the audit log lead to the organisation's number.
    const path = asked.replace(/^\/organizations\/\d+\//, "/orgs/number/");
    const operation = this.operation(method, path);
    check(`the description has ${method} ${path}`, operation, path);
    if (this.exceptions[operation.name]) return;
    const response = operation.responses[status];
    check(`the description knows a ${status} of ${operation.name}`, response, Object.keys(operation.responses));
    this.checked.add(operation.name);
    if (status === 204) return;
    const where = response.$ref ? response.$ref : `#/paths/${operation.pointer}/responses/${status}`;
    const content = response.$ref ? at(this, response.$ref) : response;
    const type = Object.keys(content.content ?? {}).find((name) => content.content[name].schema);
    if (!type) return;
    const validate = this.ajv.compile({ $ref: `github${where}/content/${pointer(type)}/schema` });
    check(`${operation.name} answers as described`, validate(data), () => validate.errors.slice(0, 4));
  }

  /** Holds every success of an octokit against the description. */
  watch(octokit) {
    octokit.hook.after("request", (response, { method }) => {
      const { pathname } = new URL(response.url);
      // What belongs to the web host is described in prose alone.
      if (!pathname.startsWith("/login/")) this.check(method, decodeURIComponent(pathname), response.status, response.data);
    });
    return octokit;
  }
}

const pointer = (name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
const at = ({ ajv }, ref) => ref.slice(2).split("/").reduce((inner, key) => inner[key], ajv.getSchema("github").schema);
