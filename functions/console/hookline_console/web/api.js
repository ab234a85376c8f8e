/**
 * The public API, and nothing beside it. The key stays in this tab's session storage; no request
 * carries cookies, and no address ever holds the key.
 */

import { exactly } from "./format.js";

/** @typedef {{method: string, url: string, headers: Record<string, string>, body?: string}} Sent */

const STORED = "hookline.key";
const RECENT = 12;

/**
 * What the page has just done, newest first: shown as curl.
 * @type {(Sent & {at: Date})[]}
 */
export const recent = [];

let onUnauthorised = () => {};
let heard = () => {};
let ahead = 0;

/** What the API's clock shows: the reader's may be minutes off. */
export const serverTime = () => Date.now() - ahead;

export const key = () => sessionStorage.getItem(STORED);

/** @param {string | null} value */
export function keep(value) {
  if (value) sessionStorage.setItem(STORED, value);
  else sessionStorage.removeItem(STORED);
}

/** @param {() => void} handler called when the key is not (or no longer) good */
export function whenUnauthorised(handler) {
  onUnauthorised = handler;
}

/** @param {() => void} handler called after each request */
export function whenRequested(handler) {
  heard = handler;
}

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** What the API refused, that it could not be reached (status 0), or what went wrong here (null). */
export class Problem extends Error {
  /** @param {number | null} status @param {any} body */
  constructor(status, body) {
    super(body?.detail || body?.title || `The API answered ${status}`);
    /** @type {number | null} */
    this.status = status;
    /** @type {string | null} */
    this.code = body?.code ?? null;
    /** @type {string | null} */
    this.requestId = body?.request_id ?? null;
    /** @type {{field: string, message: string}[]} */
    this.errors = body?.errors ?? [];
  }

  /** What is wrong with one field, or below it. @param {string} field */
  of(field) {
    const found = this.errors.filter((e) => e.field === field || e.field.startsWith(`${field}.`));
    return found
      .map((e) =>
        e.field === field ? e.message : `${e.field.slice(field.length + 1)}: ${e.message}`,
      )
      .join("; ");
  }
}

/**
 * One call: the parsed body of its answer.
 * @param {string} method @param {string} path
 * @param {Api.Options & {body?: unknown, query?: Record<string, unknown>}} [options]
 * @returns {Promise<any>}
 */
export async function call(method, path, options = {}) {
  const url = path + search(options.query);
  /** @type {Record<string, string>} */
  const headers = { ...options.headers };
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  if (body !== undefined)
    headers["content-type"] =
      method === "PATCH" ? "application/merge-patch+json" : "application/json";
  remember({ method, url, headers: { ...headers }, body }, options.quiet);
  const bearer = options.as ?? key();
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  let reply;
  try {
    reply = await fetch(url, {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: "omit",
      cache: "no-store",
    });
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") throw error;
    throw new Problem(0, { detail: "The API could not be reached. Is the network there?" });
  }
  const told = Date.parse(reply.headers.get("date") ?? "");
  if (told) ahead = Date.now() - told;
  const text = await reply.text();
  const value = options.exact && reply.ok ? exactly(text) : parsed(text);
  if (reply.ok) return value;
  if (reply.status === 401 && bearer && bearer === key()) onUnauthorised();
  throw new Problem(reply.status, value);
}

/**
 * @template {Api.Shape} One
 * @param {One | Api.Path<One>} path @param {Api.Query<One>} [query] @param {Api.Options} [options]
 * @returns {Promise<Api.Answer<One, "get">>}
 */
export const get = (path, query, options = {}) => call("GET", path, { ...options, query });
/**
 * @template {Api.Shape} One
 * @param {One | Api.Path<One>} path @param {object} [body] @param {Api.Options} [options]
 * @returns {Promise<Api.Answer<One, "post">>}
 */
export const post = (path, body = {}, options = {}) => call("POST", path, { ...options, body });
/**
 * @template {Api.Shape} One
 * @param {One | Api.Path<One>} path @param {object} body @param {Api.Options} [options]
 * @returns {Promise<Api.Answer<One, "put">>}
 */
export const put = (path, body, options = {}) => call("PUT", path, { ...options, body });
/**
 * @template {Api.Shape} One
 * @param {One | Api.Path<One>} path @param {object} body @param {Api.Options} [options]
 * @returns {Promise<Api.Answer<One, "patch">>}
 */
export const patch = (path, body, options = {}) => call("PATCH", path, { ...options, body });
/**
 * @template {Api.Shape} One
 * @param {One | Api.Path<One>} path @param {Api.Options} [options]
 * @returns {Promise<Api.Answer<One, "delete">>}
 */
export const remove = (path, options = {}) => call("DELETE", path, options);

/** Whom a key stands for. @param {string} as */
export const whoIs = (as) => get("/v1/me", undefined, { quiet: true, as });
/** @param {Api.Me} me */
export const nameOf = (me) => me.principal?.name ?? (me.via === "root" ? "the root key" : "nobody");

/**
 * Every page of a list that is short by its nature: pages end by their size, too.
 * @template {Api.Shape} One
 * @param {Api.Path<One>} path @param {Api.Options} options
 */
export async function all(path, options) {
  /** @type {Api.Item<One>[]} */
  const items = [];
  let cursor = null;
  do {
    const page = await call("GET", path, { ...options, query: { limit: 100, cursor } });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return { items };
}

/**
 * The paths of a tenant's resources, which say by their type what is answered there.
 * @template {string[]} Parts
 * @param {string} tenant @param {Parts} parts
 * @returns {Api.Path<`/v1/tenants/_${Api.Joined<Parts>}`>}
 */
export function of(tenant, ...parts) {
  const path = ["/v1/tenants", tenant, ...parts]
    .map((p, i) => (i ? encodeURIComponent(p).replaceAll("%2F", "/") : p))
    .join("/");
  return /** @type {any} */ (path);
}

/** @param {Record<string, unknown> | undefined} query */
export function search(query) {
  const given = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return given.length ? `?${new URLSearchParams(given.map(([n, v]) => [n, String(v)]))}` : "";
}

/** A call as a command for a shell. @param {Sent} one */
export function curlOf(one) {
  const parts = [
    `curl -X ${one.method} ${quoted(new URL(one.url, location.origin).href)}`,
    `-H "Authorization: Bearer $HOOKLINE_KEY"`,
  ];
  for (const [name, value] of Object.entries(one.headers))
    parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (one.body !== undefined) parts.push(`--data-binary ${quoted(one.body)}`);
  return parts.join(" \\\n  ");
}

/** @param {string} text */
export const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** @param {Sent} one @param {boolean} [quiet] asked again and again: its last call is enough */
function remember(one, quiet = false) {
  const before = quiet ? recent.findIndex((old) => routeOf(old) === routeOf(one)) : -1;
  if (before >= 0) recent.splice(before, 1);
  recent.unshift({ ...one, at: new Date() });
  recent.length = Math.min(recent.length, RECENT);
  heard();
}

/** @param {Sent} one */
const routeOf = (one) => `${one.method} ${one.url.split("?")[0]}`;

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return { detail: text.slice(0, 300) };
  }
}
