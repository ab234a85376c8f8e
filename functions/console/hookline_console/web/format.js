/** How values read: times in the reader's zone with UTC beside, numbers, sizes, durations. */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const number = new Intl.NumberFormat();

/** @param {number | null | undefined} n */
export const count = (n) => (n === null || n === undefined ? "–" : number.format(n));
/** @param {number | null | undefined} rate */
export const percent = (rate) =>
  rate === null || rate === undefined
    ? "–"
    : `${(rate * 100).toFixed(rate === 0 || rate === 1 ? 0 : rate > 0.995 ? 2 : 1)} %`;

/** @param {number | null | undefined} ms */
export function millis(ms) {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return span(ms / 1000);
}

/** @param {number} seconds */
export function span(seconds) {
  const s = Math.abs(seconds);
  if (s < 10) return `${Number(s.toFixed(1))} s`;
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 129600) return `${Number((s / 3600).toFixed(s < 36000 ? 1 : 0))} h`;
  return `${Math.round(s / 86400)} d`;
}

/** "3 min ago", "in 12 s". @param {string | null | undefined} iso @param {number} [now] */
export function relative(iso, now = Date.now()) {
  if (!iso) return "–";
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds > 0 ? `in ${span(seconds)}` : `${span(seconds)} ago`;
}

/** As `relative`, of what is to come: what is late is due. @param {string} iso @param {number} [now] */
export const due = (iso, now = Date.now()) =>
  Date.parse(iso) > now ? relative(iso, now) : "now due";

/** @param {string} iso */
export function time(iso) {
  const at = new Date(iso);
  const today = new Date().toDateString() === at.toDateString();
  return today ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
}

/** For a title: the whole of it, and UTC. @param {string | null | undefined} iso */
export const exact = (iso) => (iso ? `${full.format(new Date(iso))}\n${iso} (UTC)` : "");

/** @param {number} n */
export function bytes(n) {
  if (n < 1024) return `${n} B`;
  if (n < 1048576) return `${(n / 1024).toFixed(1)} KiB`;
  return `${(n / 1048576).toFixed(1)} MiB`;
}

/** @param {string | null | undefined} text */
export const size = (text) => new TextEncoder().encode(text ?? "").length;

/**
 * JSON laid out for reading where it is JSON, else as it is: what was sent stays what it was.
 * @param {unknown} text
 */
export function pretty(text) {
  if (typeof text !== "string") return JSON.stringify(text, null, 2) ?? "";
  return laidOut(text) ?? text;
}

/**
 * Reads JSON and keeps every number's digits: `19.90` is written as it was read. Where the browser
 * does not know raw JSON, numbers are read as JavaScript reads them.
 * @param {string} text
 */
export function exactly(text) {
  const raw = /** @type {any} */ (JSON).rawJSON;
  if (!raw) return JSON.parse(text);
  return JSON.parse(text, (/** @type {any[]} */ ...[, value, context]) => {
    return typeof value === "number" &&
      context?.source !== undefined &&
      String(value) !== context.source
      ? raw(context.source)
      : value;
  });
}

/** Lays JSON text out without reading numbers, so that every digit stays. @param {string} text */
export function laidOut(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let depth = 0;
  let out = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      out += token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + line() + token;
    } else if (token === ",") out += token + line();
    else out += token === ":" ? ": " : token;
  }
  return out;
}

/** @param {string} url */
export const hostOf = (url) => {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
};

/** Whether one of the texts has what is looked for in it. @param {string | undefined} wanted @param {(string | null | undefined)[]} texts */
export const has = (wanted, ...texts) =>
  texts.some((text) => text?.toLowerCase().includes((wanted ?? "").toLowerCase()));
