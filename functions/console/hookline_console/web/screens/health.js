/** Screen 1: is all well, and where not. */

import { get, of } from "../api.js";
import { useData, useNow } from "../data.js";
import { count, span as duration, hostOf, millis, percent, relative } from "../format.js";
import { Latency, StackedBars } from "../plots.js";
import { filtering, go, Link, path } from "../router.js";
import { Await, Card, Empty, Page, Status, Tabs, Time } from "../ui.js";
import { html } from "../vendor/htm-preact.js";
import { LastVisit } from "./last_visit.js";
import { useNames } from "./webhook_names.js";

const HOUR = 3600e3;
/** @type {("open" | "failing")[]} */
const ILL = ["open", "failing"];
/** @type {Record<string, [string, number, number]>} */
const PERIODS = {
  "24h": ["24 hours", 24 * HOUR, HOUR],
  "7d": ["7 days", 7 * 24 * HOUR, 24 * HOUR],
};

/** @typedef {{items: Api.WebhookItem[], more: boolean}} Ill */

/** @param {Given} given */
export default function Health({ tenant, me, query }) {
  const chosen = query.period === "7d" ? "7d" : "24h";
  const [words, length, span] = PERIODS[chosen];
  const now = useNow(30);
  const stats = useData(
    (signal) =>
      get(
        of(tenant, "stats"),
        { since: new Date(Date.now() - length).toISOString() },
        { signal, quiet: true },
      ),
    [tenant, chosen],
    { every: 60 },
  );
  // Who is in trouble is asked for only where somebody is: most looks at this screen need no more.
  const states = stats.value?.webhooks;
  const inTrouble = ILL.filter((state) => states?.[state]).join();
  const trouble = useData(
    async (signal) => {
      if (!stats.value) return undefined;
      const lists = await Promise.all(
        inTrouble
          .split(",")
          .filter(Boolean)
          .map((state) =>
            get(of(tenant, "webhooks"), { state, limit: 10 }, { signal, quiet: true }),
          ),
      );
      return {
        items: lists.flatMap((list) => list.items),
        more: lists.some((list) => list.next_cursor),
      };
    },
    [tenant, Boolean(stats.value), inTrouble],
    { every: 60 },
  );
  const waiting = useData(
    (signal) =>
      get(of(tenant, "deliveries"), { status: "failed", limit: 6 }, { signal, quiet: true }),
    [tenant],
    { every: 60 },
  );
  const nameOf = useNames(tenant, waiting.value?.items.map((one) => one.webhook_id) ?? []);
  const operations = useData(
    (signal) =>
      me.global_admin
        ? get("/v1/operations", undefined, { signal, quiet: true })
        : Promise.resolve(null),
    [me.global_admin],
    { every: 60 },
  );
  const to = (/** @type {string} */ name, search = "") => path("t", tenant, name) + search;
  const until = now;
  const pick = (/** @type {Api.StatsBucket} */ bucket) =>
    go(
      to(
        "deliveries",
        `?since=${bucket.start}&until=${new Date(Date.parse(bucket.start) + span).toISOString()}`,
      ),
    );
  return html`<${Page} title="Health" sub="What was sent, what waits, and who is in trouble."
    actions=${html`<${Tabs} of=${Object.entries(PERIODS).map(([id, [label]]) => [id, label])}
    at=${chosen} to=${filtering("period")} />`}>
    <${Await} data=${stats} rows=${3}>${(/** @type {Api.TenantStats} */ value) => html`
      ${
        trouble.value &&
        html`<${LastVisit} tenant=${tenant} ill=${trouble.value.items} states=${value.webhooks}
        now=${now} />`
      }
      <div class="tiles">
        <${Tile} kind="ok" n=${value.webhooks.healthy} label="healthy webhooks"
          to=${to("webhooks", "?state=healthy")} />
        <${Tile} kind="wait" n=${value.webhooks.failing} label="failing"
          to=${to("webhooks", "?state=failing")} />
        <${Tile} kind="bad" n=${value.webhooks.open} label="circuit open"
          to=${to("webhooks", "?state=open")} />
        <${Tile} kind="off" n=${value.webhooks.off} label="switched off"
          to=${to("webhooks", "?state=off")} />
        <${Tile} kind=${
          value.success_rate === null ? "off" : value.success_rate > 0.98 ? "ok" : "wait"
        }
          text=${percent(value.success_rate)} label=${`delivered, ${words}`} to=${to("deliveries")}
          />
        <${Tile} kind=${value.totals.failed ? "bad" : "off"} n=${value.totals.failed}
          label=${`failed, ${words}`} to=${to("deliveries", "?status=failed")} />
        <${Tile} kind=${value.totals.retrying ? "wait" : "off"} n=${value.totals.retrying}
          label="retrying" to=${to("deliveries", "?status=retrying")} />
        <${Tile} kind=${value.oldest_waiting_at ? "wait" : "off"} label="the oldest has waited"
          text=${
            value.oldest_waiting_at
              ? duration((now - Date.parse(value.oldest_waiting_at)) / 1000)
              : "–"
          } to=${to("deliveries")} />
      </div>
      <div class="grid">
        <${Card} title="Deliveries by outcome" aside=${value.truncated ? "newest only" : words}>
          <${StackedBars} buckets=${value.buckets} span=${span}
          from=${until - length} until=${until} onPick=${pick} /><//>
        <${Card} title="How long endpoints take" aside=${`p50 ${millis(
          value.latency_ms.p50,
        )} · p95 ${millis(value.latency_ms.p95)}`}>
          <${Latency} buckets=${value.buckets} span=${span} from=${until - length}
          until=${until} height=${120} /><//>
      </div>`}<//>
    <div class="grid">
      <${Card} title="In trouble" kind="flush"
        aside=${html`<${Link} to=${to("webhooks")}>All webhooks<//>`}>
        <${Await} data=${stats.value ? trouble : stats} rows=${3}>${(/** @type {Ill} */ found) => {
          if (!found.items.length)
            return html`<${Empty}
            title="Nobody is in trouble">Every endpoint that was called lately answered with a 2xx.<//>`;
          return html`<table class="cards"><thead><tr><th>Webhook</th><th>State</th><th>Since</th>
            <th></th></tr></thead><tbody>${found.items.map(
              (hook) => html`<tr key=${hook.id}>
            <td class="lead"><${Link} to=${path("t", tenant, "webhooks", hook.id)}>${hook.name}<//>
              <p class="sub faint cut">${hostOf(hook.url)}</p></td>
            <td data-name="state"><span class="keep"><${Status} of=${hook.health.state} /> <span
              class="faint">${hook.health.consecutive_failures} in a row</span></span></td>
            <td data-name="since"><${Time} at=${hook.health.since} ago now=${now}
              /></td><td><${Link} class="button small"
              to=${`${path("t", tenant, "webhooks", hook.id)}?tab=recover`}>Recover<//></td></tr>`,
            )}</tbody></table>
            ${
              found.more &&
              html`<p class="more">More than these: all that are
              <${Link} to=${to("webhooks", "?state=open")}>open<//> or
              <${Link} to=${to("webhooks", "?state=failing")}>failing<//>.</p>`
            }`;
        }}<//><//>
      <${Card} title="Failed lately" kind="flush"
        aside=${html`<${Link} to=${to("deliveries", "?status=failed")}>All of them<//>`}>
        <${Await} data=${waiting} rows=${3} empty=${html`<${Empty}
          title="Nothing has failed">What cannot be delivered within its webhook's age ends here, and can be recovered.<//>`}>
          ${(/** @type {Api.Page<Api.Delivery>} */ value) => html`
          <table class="cards"><thead><tr><th>Delivery</th><th>Last answer</th><th>Ended</th></tr>
            </thead><tbody>${value.items.map(
              (one) => html`<tr key=${one.id}>
            <td class="lead"><${Link} to=${path(
              "t",
              tenant,
              "webhooks",
              one.webhook_id,
              "deliveries",
              one.id,
            )}>${one.event_type}<//>
              <p class="sub faint cut">${nameOf(one.webhook_id)}</p></td>
            <td data-name="last answer">${
              one.last_attempt?.response?.status ?? one.last_attempt?.error?.kind ?? "–"
            }</td>
            <td data-name="ended"><${Time} at=${one.finished_at ?? one.created_at} ago now=${now}
              /></td></tr>`,
            )}
              </tbody></table>`}<//><//>
    </div>
    ${me.global_admin && html`<${Operations} data=${operations} now=${now} />`}<//>`;
}

/** @param {{n?: number, text?: string, label: string, kind: string, to?: string}} given */
function Tile({ n, text, label, kind, to }) {
  // A colour for what there is, none for what there is not.
  const class_ = `tile ${n === 0 ? "off" : kind}`;
  const inside = html`<b>${text ?? count(n ?? null)}</b><span>${label}</span>`;
  return to
    ? html`<${Link} to=${to} class=${class_}>${inside}<//>`
    : html`<div class=${class_}>${inside}</div>`;
}

/** @param {{data: Data<Api.Operations | null>, now: number}} given */
function Operations({ data, now }) {
  return html`<${Card} title="The stack" kind="flush" aside=${
    data.value && html`version ${data.value.version}`
  }>
    <${Await} data=${data} rows=${3}>${(/** @type {Api.Operations} */ value) => {
      const ringing = value.alarms.filter((one) => one.state === "ALARM");
      return html`${
        ringing.length
          ? html`<p class="notice bad">
        ${ringing.map((one) => one.name).join(", ")}: in alarm. The runbook says what to click.</p>`
          : null
      }
        <table class="cards"><thead><tr><th>Queue</th><th class="num">visible</th>
          <th class="num">in flight</th><th class="num">oldest</th></tr></thead><tbody>
        ${value.queues.map(
          (queue) => html`<tr key=${queue.name}>
          <td class="lead mono">${queue.name}</td>
          <td class="num" data-name="visible">${count(queue.visible)}</td>
          <td class="num" data-name="in flight">${count(queue.in_flight)}</td>
          <td class="num" data-name="oldest">
          ${
            queue.oldest_seconds === null || queue.oldest_seconds === undefined
              ? "–"
              : relative(new Date(now - queue.oldest_seconds * 1000).toISOString(), now)
          }</td></tr>`,
        )}
          </tbody></table>
        <div class="more"><span>${count(value.dead_letters)} dead letters</span>
          <span>${value.alarms.length} alarms, ${ringing.length} ringing</span></div>`;
    }}<//><//>`;
}
