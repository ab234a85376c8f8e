/** Screen 4: deliveries of the tenant, of a webhook, of an event; live while it is looked at. */

import { get, of, post } from "../api.js";
import { useAct, useData, useList, useNow } from "../data.js";
import { count, millis } from "../format.js";
import { StackedBars } from "../plots.js";
import { filter, filtering, Link, path } from "../router.js";
import { tell } from "../toasts.js";
import { Await, Code, Empty, More, Page, ProblemBox, Search, Select, Status, Time } from "../ui.js";
import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { useNames } from "./webhook_names.js";

const STATUSES = ["created", "retrying", "success", "failed", "cancelled"];
export const MOVING = ["created", "retrying"];
/** Across a tenant there is no list of what went well. */
const TROUBLED = ["created", "retrying", "failed"];
const FILTERS = ["status", "type", "since", "until", "response_status", "error_kind", "event_id"];
const KINDS = [
  "dns",
  "blocked",
  "connect",
  "tls",
  "timeout",
  "reset",
  "too_large",
  "template",
  "protocol",
];
/** @type {Record<string, string>} */
const WAITS = {
  schedule: "its schedule",
  retry_after: "the endpoint's Retry-After",
  circuit: "the circuit's next probe",
  rate_limit: "the webhook's rate limit",
  webhook_off: "the webhook to be switched on",
};

/** @param {Given} given */
export default function Deliveries({ tenant, query, may }) {
  return html`<${Page} title="Deliveries"
    sub="One event for one webhook, with all of its attempts.">
    <${DeliveryTable} tenant=${tenant} query=${query} write=${may.write} /><//>`;
}

/** @param {Api.Delivery} one */
export const waitsFor = (one) => WAITS[one.waiting_for ?? ""] ?? null;

/** @param {{tenant: string, webhook?: string, query: Given["query"], write: boolean}} given */
export function DeliveryTable({ tenant, webhook, query, write }) {
  const [wanted, setWanted] = useState(!query.until);
  const base = webhook ? of(tenant, "webhooks", webhook, "deliveries") : of(tenant, "deliveries");
  const filtered = FILTERS.some((name) => query[name]);
  const asked = Object.fromEntries(FILTERS.map((name) => [name, query[name]]));
  if (!webhook) {
    asked.status = TROUBLED.includes(query.status) ? query.status : TROUBLED.join();
    for (const name of ["response_status", "error_kind", "event_id"]) delete asked[name];
  }
  const list = useList(
    (cursor, signal, since = "", until = "") =>
      get(
        base,
        {
          ...asked,
          since: later(since, query.since),
          until: earlier(until, query.until),
          limit: 50,
          cursor,
        },
        { signal, quiet: wanted && !cursor },
      ),
    [base, JSON.stringify(asked)],
    // Across the tenant a page is gathered from many logs.
    {
      every: !wanted ? 0 : webhook ? 4 : 15,
      tail: Boolean(webhook && filtered),
      moves: (one) => MOVING.includes(one.status),
    },
  );
  const live = wanted && !list.paged;
  const now = useNow(live ? 1 : 15);
  const nameOf = useNames(tenant, webhook ? [] : list.items.map((one) => one.webhook_id));
  const goLive = () => {
    setWanted(!live);
    if (!live) list.reload(true);
  };
  const fresh = useNew(list.items, base + JSON.stringify(asked));
  const [ticked, setTicked] = useState(/** @type {Set<string>} */ (new Set()));
  const act = useAct();
  const chosen = list.items.filter((one) => ticked.has(one.id));
  /** @type {(word: string, verb: "retry" | "cancel") => void} */
  const each = (word, verb) =>
    act.run(async () => {
      const results = await Promise.allSettled(
        chosen.map((one) =>
          post(of(tenant, "webhooks", one.webhook_id, "deliveries", one.id, verb)),
        ),
      );
      const refused = results.filter((one) => one.status === "rejected");
      setTicked(new Set());
      await list.reload(true);
      tell(
        `${results.length - refused.length} ${word}${
          refused.length ? `, ${refused.length} could not be: ${refused[0].reason.message}` : ""
        }`,
        refused.length ? "bad" : "ok",
      );
    });
  const tick = (/** @type {string} */ id) =>
    setTicked((old) =>
      old.has(id) ? new Set([...old].filter((one) => one !== id)) : new Set([...old, id]),
    );
  return html`<div class="form">
    ${
      webhook &&
      html`<${Histogram} tenant=${tenant} webhook=${webhook} query=${query} now=${now}
      />`
    }
    <div class="filters" role="search">
      <${Select} label="Status" any=${webhook ? "any status" : "waiting or failed"}
        value=${query.status} options=${webhook ? STATUSES : TROUBLED}
        onChange=${filtering("status")} />
      <${Search} label="Event type" value=${query.type} onSearch=${filtering("type")} />
      ${
        webhook &&
        html`<${Search} label="Response code" value=${query.response_status}
        onSearch=${filtering("response_status")} />
        <${Select} label="Error kind" any="any error" value=${query.error_kind} options=${KINDS}
          onChange=${filtering("error_kind")} />
        <${Search} label="Event id" value=${query.event_id}
          onSearch=${filtering("event_id")} />`
      }
      ${
        (query.since || query.until) &&
        html`<span class="chip">
        ${query.since ? new Date(query.since).toLocaleString() : "…"} – ${
          query.until ? new Date(query.until).toLocaleString() : "now"
        }</span>`
      }
      ${
        filtered &&
        html`<button type="button" class="link"
        onClick=${() =>
          filter(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>Clear</button>`
      }
      <button type="button" class="small live ${live ? "on" : ""}" aria-pressed=${live}
        onClick=${goLive}><i></i>Live</button>
      ${
        write &&
        chosen.length > 0 &&
        html`<span class="bar"><b>${chosen.length} chosen</b>
        <button type="button" disabled=${act.busy}
        onClick=${() => each("sent again", "retry")}>Retry</button>
        <button type="button" disabled=${act.busy}
        onClick=${() => each("cancelled", "cancel")}>Cancel</button></span>`
      }
    </div>
    <${ProblemBox} problem=${act.problem} />
    <section class="card flush"><${Await} data=${list} empty=${html`<${Empty} title=${
      filtered
        ? "No delivery matches"
        : webhook
          ? "No delivery yet"
          : "Nothing waits, nothing failed"
    }>
      ${
        filtered
          ? webhook
            ? "Other filters, or a longer time, may show some."
            : "Only what waits or failed is listed here: what arrived is in its webhook's log."
          : webhook
            ? "The next event it subscribes to shows here within a second or two."
            : "Every delivery has arrived, or there was none."
      }<//>`}>${() => html`
      <div class="scroll"><table class="cards"><thead><tr>
        ${write && html`<th class="tick"><span class="visually-hidden">Choose</span></th>`}
        <th>Event</th>${!webhook && html`<th>Webhook</th>`}<th>Status</th>
        <th class="num">Attempts</th><th>Last answer</th><th class="num">Took</th><th>Created</th>
        <th>Next attempt</th></tr></thead>
      <tbody>${list.items.map(
        (one) => html`<tr key=${one.id} class=${fresh.has(one.id) ? "new" : ""}>
        ${
          write &&
          html`<td class="tick"><input type="checkbox"
          aria-label=${`Choose ${one.event_type} of ${one.created_at}`}
          checked=${ticked.has(one.id)} onChange=${() => tick(one.id)} /></td>`
        }
        <td class="lead"><${Link} to=${path(
          "t",
          tenant,
          "webhooks",
          one.webhook_id,
          "deliveries",
          one.id,
        )}>${one.event_type}<//>${one.test && html` <span class="chip">test</span>`}
          <p class="sub faint mono cut">${one.event_id}</p></td>
        ${
          !webhook &&
          html`<td data-name="webhook"><${Link}
          to=${path("t", tenant, "webhooks", one.webhook_id)}>${nameOf(one.webhook_id)}<//></td>`
        }
          <td data-name="status"><${Status} of=${one.status} /></td>
          <td class="num" data-name="attempts">${one.attempt_count}</td>
        <td data-name="last answer">${
          one.last_attempt
            ? one.last_attempt.response
              ? html`<${Code} of=${one.last_attempt.response.status} />`
              : html`<span class="code bad">${one.last_attempt.error?.kind ?? "–"}</span>`
            : html`<span class="faint">–</span>`
        }</td>
        <td class="num" data-name="took">${
          one.last_attempt ? millis(one.last_attempt.duration_ms) : "–"
        }</td>
        <td data-name="created"><${Time} at=${one.created_at} /></td>
        <td data-name="next attempt">${
          one.next_attempt_at || one.waiting_for
            ? html`<span>${
                one.next_attempt_at && html`<${Time} at=${one.next_attempt_at} next now=${now} />`
              } ${waitsFor(one) && html`<span class="faint">${waitsFor(one)}</span>`}</span>`
            : html`<span class="faint">–</span>`
        }</td></tr>`,
      )}</tbody></table></div>
      <${More} list=${list} />
      ${
        list.value &&
        "truncated" in list.value &&
        Boolean(list.value.truncated) &&
        html`<p class="more">More webhooks are in trouble than were looked at: open one of <${Link}
        to=${`${path("t", tenant, "webhooks")}?state=failing`}>those<//> for its own.</p>`
      }`}<//></section></div>`;
}

/**
 * How many, when; a click on a bar narrows the list to its time.
 * @param {{tenant: string, webhook: string, query: Given["query"], now: number}} given
 */
function Histogram({ tenant, webhook, query, now }) {
  const hour = 3600e3;
  const stats = useData(
    (signal) =>
      get(
        of(tenant, "webhooks", webhook, "stats"),
        { since: new Date(Date.now() - 48 * hour).toISOString(), bucket: "hour" },
        { signal, quiet: true },
      ),
    [webhook],
    { every: 60 },
  );
  if (!stats.value) return null;
  const pick = (/** @type {Api.StatsBucket} */ bucket) =>
    filter(
      query.since === bucket.start
        ? { since: "", until: "" }
        : { since: bucket.start, until: new Date(Date.parse(bucket.start) + hour).toISOString() },
    );
  return html`<div class="plot low card"><${StackedBars} buckets=${stats.value.buckets} span=${hour}
    from=${now - 48 * hour} until=${now} onPick=${pick} />
    <p class="visually-hidden">${count(stats.value.totals.success)} succeeded in 48 hours</p>
    </div>`;
}

/** Of two times, of which one or both may be missing. @type {(a: string, b?: string) => string | undefined} */
const later = (a, b) => (a && b ? (Date.parse(a) > Date.parse(b) ? a : b) : a || b);
/** @type {(a: string, b?: string) => string | undefined} */
const earlier = (a, b) => (a && b ? (Date.parse(a) < Date.parse(b) ? a : b) : a || b);

/**
 * Which rows came in since the list was first there: they are marked for a while.
 * @param {{id: string}[]} items @param {string} of_
 */
function useNew(items, of_) {
  const known = useRef({ of: "", ids: /** @type {Set<string>} */ (new Set()) });
  const [fresh, setFresh] = useState(/** @type {Set<string>} */ (new Set()));
  useEffect(() => {
    const ids = new Set(items.map((one) => one.id));
    if (known.current.of === of_ && known.current.ids.size) {
      const newest =
        items[0] && !known.current.ids.has(items[0].id)
          ? items.filter((one) => !known.current.ids.has(one.id)).map((one) => one.id)
          : [];
      if (newest.length && newest.length < 50) setFresh(new Set(newest));
    }
    known.current = { of: of_, ids };
  }, [items.map((one) => one.id).join(), of_]);
  return fresh;
}
