/** Small plots in SVG: they answer one question each, and say it in words to who cannot see them. */

import { count, millis } from "./format.js";
import { Link } from "./router.js";
import { html } from "./vendor/htm-preact.js";

/** @typedef {Pick<Api.StatsBucket, "start"> & {totals: Partial<Api.StatsBucket["totals"]>, latency_ms: Partial<Api.StatsBucket["latency_ms"]>}} Bucket */
/** @typedef {{buckets: Bucket[], height?: number, span: number, from: number, until: number}} Over */

/** @type {(keyof Api.StatsBucket["totals"])[]} */
const ORDER = ["success", "created", "retrying", "failed", "cancelled"];
const KIND = { success: "ok", created: "soft", retrying: "wait", failed: "bad", cancelled: "off" };

/**
 * Deliveries by status over time; a click on a bar is a filter for its time.
 * @param {Over & {onPick?: (bucket: Bucket) => void}} given
 */
export function StackedBars({ buckets, height = 120, onPick, span, from, until }) {
  const filled = fill(buckets, span, from, until);
  const most = Math.max(1, ...filled.map(total));
  const width = 1000;
  const step = width / Math.max(1, filled.length);
  const sums = ORDER.map((name) => ({
    name,
    n: filled.reduce((n, b) => n + (b.totals[name] ?? 0), 0),
  })).filter(({ n }) => n);
  const summary = sums.length
    ? sums.map(({ name, n }) => `${n} ${name}`).join(", ")
    : "no deliveries";
  return html`<figure class="plot">
    <svg viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img"
      aria-label=${`Deliveries over time: ${summary}`}>
      <line x1="0" x2=${width} y1=${height - 0.5} y2=${height - 0.5} class="axis" />
      ${filled.map((bucket, i) => {
        let top = height;
        const title = `${new Date(bucket.start).toLocaleString()}: ${
          ORDER.filter((n) => bucket.totals[n])
            .map((n) => `${bucket.totals[n]} ${n}`)
            .join(", ") || "none"
        }`;
        return html`<g key=${bucket.start} onClick=${onPick && (() => onPick(bucket))}
          class=${onPick ? "pick" : ""}>
          <rect x=${i * step} width=${step} y="0" height=${height} class="hit">
            <title>${title}</title></rect>
          ${ORDER.map((name) => {
            const n = bucket.totals[name] ?? 0;
            if (!n) return null;
            const high = Math.max(2, (n / most) * (height - 6));
            top -= high;
            return html`<rect key=${name} x=${i * step + step * 0.12} width=${step * 0.76} y=${top}
              height=${high} class=${`fill ${KIND[name]}`}><title>${title}</title></rect>`;
          })}</g>`;
      })}
    </svg>
    <figcaption><span>${
      filled.length
        ? new Date(filled[0].start).toLocaleString([], {
            month: "short",
            day: "numeric",
            hour: "2-digit",
            minute: "2-digit",
          })
        : ""
    }</span>
      <span class="legend">${sums.map(
        ({ name, n }) => html`<span key=${name}>
        <i class=${`fill ${KIND[name]}`}></i>${count(n)} ${name}</span>`,
      )}
        ${!sums.length && "no deliveries in this time"}</span>
        <span>now${sums.length > 0 && ` · max ${count(most)}`}</span>
        </figcaption>
  </figure>`;
}

/** p50 and p95 over time. @param {Over} given */
export function Latency({ buckets, height = 90, span, from, until }) {
  const filled = fill(buckets, span, from, until);
  const most = Math.max(1, ...filled.map((b) => b.latency_ms.p95 ?? 0));
  const width = 1000;
  const step = width / Math.max(1, filled.length);
  // As wide as its hour or day: one alone is seen too.
  const line = (/** @type {"p50" | "p95"} */ name) => {
    let path = "";
    filled.forEach((b, i) => {
      const v = b.latency_ms[name];
      if (v === null || v === undefined) return;
      const y = height - 4 - (v / most) * (height - 10);
      path += `${path ? "L" : "M"}${i * step} ${y}H${(i + 1) * step}`;
    });
    return path;
  };
  return html`<figure class="plot">
    <svg viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img"
      aria-label=${`Latency over time, at most ${millis(most)} at the 95th percentile`}>
      <line x1="0" x2=${width} y1=${height - 0.5} y2=${height - 0.5} class="axis" />
      <path d=${line("p95")} class="line p95" /><path d=${line("p50")} class="line p50" />
      ${filled.map((b, i) =>
        b.latency_ms.p95 === null || b.latency_ms.p95 === undefined
          ? null
          : html`<rect key=${b.start} x=${i * step} width=${step} y="0" height=${height} class="hit">
        <title>${`${new Date(b.start).toLocaleString()}: p50 ${millis(b.latency_ms.p50)}, p95 ${millis(b.latency_ms.p95)}`}
        </title></rect>`,
      )}
    </svg>
    <figcaption><span class="legend"><span><i class="line p50"></i>p50</span>
      <span><i class="line p95"></i>p95</span></span><span>${
        filled.some((b) => b.latency_ms.p95 != null)
          ? `max ${millis(most)}`
          : "no calls in this time"
      }</span></figcaption>
  </figure>`;
}

const MOST_ANSWERS = 8;

/** @typedef {"ok" | "wait" | "bad" | "off"} Kind */

/** Of a status, or the kind of an error. @param {string} answer @returns {Kind} */
const kindOfAnswer = (answer) => (answer < "300" ? "ok" : answer < "400" ? "wait" : "bad");

/**
 * Each answer's share, the most frequent first; `to` is where what got it is.
 * @param {{of: Record<string, number>, to: (answer: string) => string, kindOf?: (answer: string) => Kind}} given
 */
export function Answers({ of: answers, to, kindOf = kindOfAnswer }) {
  const shown = Object.entries(answers)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_ANSWERS);
  if (!shown.length) return html`<p class="faint">no attempts in this time</p>`;
  const most = shown[0][1];
  return html`<div class="answers">${shown.map(
    ([answer, n]) => html`<${Link} key=${answer} to=${to(answer)} class=${`code ${kindOf(answer)}`}>
      ${answer}<//><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect
      height="8" width=${Math.max(0.5, (n / most) * 100)} class=${`fill ${kindOf(answer)}`} /></svg>
      <span class="num">${count(n)}</span>`,
  )}</div>`;
}

/** How a webhook's numbers went over a day, in a cell. @param {{series: Api.Hour[] | undefined}} given */
export function Sparkline({ series }) {
  if (!series?.some((p) => p.success + p.retrying + p.failed))
    return html`<span class="faint none">–</span>`;
  const most = Math.max(1, ...series.map((p) => p.success + p.retrying + p.failed));
  const step = 96 / series.length;
  const sum = (/** @type {"success" | "retrying" | "failed"} */ name) =>
    series.reduce((n, p) => n + p[name], 0);
  return html`<svg class="spark" viewBox="0 0 96 20" role="img"
    aria-label=${`${sum("success")} succeeded, ${sum("retrying")} retrying, ${sum("failed")} failed in 24 hours`}>
    ${series.map((p, i) => {
      const bar = (
        /** @type {number} */ n,
        /** @type {number} */ below,
        /** @type {string} */ kind,
      ) =>
        n > 0 &&
        html`<rect x=${i * step} width=${step * 0.8}
        y=${20 - ((below + n) / most) * 19 - 0.5} height=${Math.max(1, (n / most) * 19)}
        class=${`fill ${kind}`} />`;
      return html`${bar(p.success, 0, "ok")}${bar(p.retrying, p.success, "wait")}
        ${bar(p.failed, p.success + p.retrying, "bad")}`;
    })}</svg>`;
}

/** @param {Bucket} bucket */
const total = (bucket) => ORDER.reduce((n, name) => n + (bucket.totals[name] ?? 0), 0);

/**
 * Hours and days without deliveries are there too: a gap is an answer.
 * @param {Bucket[]} buckets @param {number} span @param {number} from @param {number} until
 */
function fill(buckets, span, from, until) {
  if (!span) return buckets ?? [];
  const known = new Map((buckets ?? []).map((b) => [Math.floor(Date.parse(b.start) / span), b]));
  const last = Math.floor(until / span);
  const out = [];
  for (let at = Math.floor(from / span); at <= last && out.length < 400; at += 1)
    out.push(
      known.get(at) ?? { start: new Date(at * span).toISOString(), totals: {}, latency_ms: {} },
    );
  return out;
}
