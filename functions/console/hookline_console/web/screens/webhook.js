/** Screen 3: one webhook: how it does, its configuration, its log, who may do what. */

import { get, of, patch, post, remove } from "../api.js";
import { useAct, useData, useNow } from "../data.js";
import { Confirm } from "../dialog.js";
import { count, due, millis, percent, span as span_ } from "../format.js";
import { Answers, Latency, StackedBars } from "../plots.js";
import { filter, filtering, go, Link, path } from "../router.js";
import { tell } from "../toasts.js";
import { Await, Block, Card, Facts, Headers, Page, ProblemBox, Status, Tabs, Time } from "../ui.js";
import { html, useState } from "../vendor/htm-preact.js";
import { DeliveryTable } from "./deliveries.js";
import { mayAdmin, mayWrite, stateOf } from "./standing.js";
import { Recover, Rights, Rotate } from "./webhook_acts.js";

const HOUR = 3600e3;
/** @type {(keyof Api.Webhook["scope"])[]} */
const SCOPES = ["projects", "entities", "environments"];

/** @param {Given & {id: string}} given */
export default function Webhook({ tenant, may, id, query }) {
  /** @type {Api.AtWebhook} */
  const at = (...more) => of(tenant, "webhooks", id, ...more);
  const now = useNow(5);
  const hook = useData((signal) => get(at(), undefined, { signal }), [tenant, id], { every: 30 });
  const [asked, setAsked] = useState("");
  const act = useAct();
  const tab = ["logs", "rights", "recover"].includes(query.tab) ? query.tab : "details";
  const value = hook.value;
  const deleted = hook.error?.status === 404;
  const close = () => {
    setAsked("");
    act.clear();
  };
  const test = () =>
    act.run(async () => {
      const delivery = await post(at("test"));
      go(path("t", tenant, "webhooks", id, "deliveries", delivery.id));
    });
  const toggle = () =>
    act.run(async () => {
      if (!value) return;
      hook.set(
        await patch(
          at(),
          { enabled: !value.enabled },
          { headers: { "if-match": String(value.version) } },
        ),
      );
      tell(value.enabled ? "Switched off: what waits is held" : "Switched on: what waited goes on");
    });
  const gone = () =>
    act.run(async () => {
      if (!value) return;
      await remove(at(), { headers: { "if-match": String(value.version) } });
      tell(`${value.name} is deleted`);
      go(path("t", tenant, "webhooks"));
    });
  const write = value && mayWrite(value, may);
  const admin = value && mayAdmin(value, may);
  const tabs = [
    ["details", "Details"],
    ["logs", "Logs"],
    ["recover", "Recover"],
    ...(admin ? [["rights", "Rights"]] : []),
  ];
  return html`<${Page} title=${value?.name ?? "Webhook"}
    crumbs=${[html`<${Link} to=${path("t", tenant, "webhooks")}>Webhooks<//>`]}
      sub=${
        value &&
        html`<${Status} of=${stateOf(value)} /> <code>${value.method}</code> <span
        dir="auto">${value.url}</span>`
      }
      actions=${
        value &&
        write &&
        html`<button type="button" disabled=${act.busy}
        onClick=${test}>Send a test</button>
        <${Link} class="button" to=${`${path("t", tenant, "webhooks", "new")}?edit=${id}`}>Edit<//>
        ${
          may.write &&
          html`<${Link} class="button" to=${`${path(
            "t",
            tenant,
            "webhooks",
            "new",
          )}?from=${id}`}>Duplicate<//>`
        }
        <button type="button" disabled=${act.busy} onClick=${toggle}>
          ${value.enabled ? "Switch off" : "Switch on"}</button>
        ${
          admin &&
          html`<button type="button"
          onClick=${() => setAsked("rotate")}>Rotate secret</button>
          <button type="button" class="danger"
          onClick=${() => setAsked("delete")}>Delete</button>`
        }`
      }>
    ${
      !asked &&
      html`<${ProblemBox} problem=${act.problem} title=${
        act.problem?.status === 412 ? "Somebody changed it meanwhile" : undefined
      } />`
    }
    ${
      deleted
        ? html`<p class="notice">It was deleted, or this key may not see it. The log of a deleted webhook stays readable until it expires.</p>
        <${DeliveryTable} tenant=${tenant} webhook=${id} query=${query} write=${false} />`
        : html`<${Tabs} of=${tabs} at=${tab} to=${filtering("tab")} />
    <${Await} data=${hook}>${() => html`
      ${
        tab === "details" &&
        html`<${Details} tenant=${tenant} may=${may} hook=${value} now=${now}
        query=${query} />`
      }
      ${
        tab === "logs" &&
        html`<${DeliveryTable} tenant=${tenant} webhook=${id} query=${query}
        write=${write} />`
      }
      ${tab === "recover" && html`<${Recover} at=${at} write=${write} now=${now} />`}
      ${tab === "rights" && admin && html`<${Rights} tenant=${tenant} at=${at} />`}`}<//>`
    }
    ${
      asked === "rotate" &&
      html`<${Rotate} at=${at} onClose=${close}
      done=${() => hook.reload(true)} />`
    }
    ${
      asked === "delete" &&
      value &&
      html`<${Confirm} title="Delete" danger act=${act} yes=${gone}
      onClose=${close}>
      <p>Delete <b>${value.name}
      </b>? Deliveries that wait are cancelled; the log stays readable until it expires.</p><//>`
    }
      <//>`;
}

/** @param {{tenant: string, may: May, hook: Api.Webhook, now: number, query: Given["query"]}} given */
function Details({ tenant, may, hook, now, query }) {
  const length = query.period === "7d" ? 7 * 24 * HOUR : 24 * HOUR;
  const span = query.period === "7d" ? 24 * HOUR : HOUR;
  const stats = useData(
    (signal) =>
      get(
        of(tenant, "webhooks", hook.id, "stats"),
        {
          since: new Date(Date.now() - length).toISOString(),
          bucket: span === HOUR ? "hour" : "day",
        },
        { signal },
      ),
    [hook.id, length],
    { every: 60 },
  );
  const health = hook.health;
  const pick = (/** @type {Api.StatsBucket} */ bucket) =>
    filter({
      tab: "logs",
      since: bucket.start,
      until: new Date(Date.parse(bucket.start) + span).toISOString(),
    });
  return html`
    ${
      health.disabled_reason &&
      html`<p class="notice bad">Switched off by itself: ${health.disabled_reason}</p>`
    }
    ${
      !hook.enabled &&
      !health.disabled_reason &&
      html`<p
      class="notice wait">Switched off. Events that occur now create no delivery for it; what waits is held until it is switched on, or fails at its age.</p>`
    }
    ${
      health.state === "circuit_open" &&
      html`<p
      class="notice bad">The circuit is open after ${health.consecutive_failures} failures in a row: deliveries wait, and one at a time is tried${
        health.next_probe_at ? html`, next ${due(health.next_probe_at, now)}` : ""
      }. When one succeeds, the rest follows, oldest first.</p>`
    }
    ${
      health.filter_failures > 0 &&
      html`<p class="notice wait">Its filter failed on ${health.filter_failures} ${
        health.filter_failures === 1 ? "event" : "events"
      }, last <${Time} at=${health.filter_failed_at} ago now=${now} />: ${health.filter_failure}</p>`
    }
    ${
      health.state === "draining" &&
      html`<p
      class="notice wait">The endpoint is back: what waited goes out, oldest first, at a growing rate.</p>`
    }
    <div class="grid">
      <${Card} title="Deliveries" aside=${html`<${Tabs} of=${[["24h", "24 h"], ["7d", "7 d"]]}
        at=${query.period === "7d" ? "7d" : "24h"} to=${filtering("period")} />`}>
        <${Await} data=${stats} rows=${3}>${(
          /** @type {Api.Stats} */ value,
        ) => html`<${StackedBars} buckets=${value.buckets}
          span=${span} from=${now - length} until=${now} onPick=${pick} />
          <${Facts} of=${[
            ["Delivered", percent(value.success_rate)],
            [
              "Answered within (p50 · p95)",
              `${millis(value.latency_ms.p50)} · ${millis(value.latency_ms.p95)}`,
            ],
            ["Failed", count(value.totals.failed)],
            ["Waiting", count(value.totals.created + value.totals.retrying)],
          ]} />${value.truncated && html`<p class="faint">Of the newest 10,000 deliveries.</p>`}
          <h3>How its last attempts ended</h3>
          <${Answers} of=${value.answers} to=${(/** @type {string} */ answer) =>
            `${path("t", tenant, "webhooks", hook.id)}?tab=logs&${
              Number(answer) ? "response_status" : "error_kind"
            }=${answer}`} />
          <h3>How long it takes</h3><div class="plot low"><${Latency} buckets=${value.buckets} span=${span}
            from=${now - length} until=${now} /></div>`}<//><//>
      <${Card} title="Configuration" aside=${html`version ${hook.version}, <${Time}
        at=${hook.updated_at} ago now=${now} /> by ${hook.updated_by}`}>
        <${Facts} of=${[
          [
            "Events",
            html`<span class="chips">${hook.events.map(
              (one) => html`<span class="chip"
            key=${one}>${one}</span>`,
            )}</span>`,
          ],
          hook.filter && ["Filter", html`<code>${hook.filter}</code>`],
          ...SCOPES.map(
            (name) => hook.scope[name].length > 0 && [`Only ${name}`, hook.scope[name].join(", ")],
          ),
          [
            "Body",
            hook.body_template
              ? `${hook.template_language ?? "mustache"} template`
              : `default of ${hook.format ?? "hookline"}`,
          ],
          ["Content type", html`<code>${hook.content_type}</code>`],
          [
            "Signatures",
            (hook.signatures ?? [])
              .map((one) => (typeof one === "string" ? one : `${one.algorithm} in ${one.header}`))
              .join(", ") || "none",
          ],
          ["Authentication", hook.auth ? hook.auth.type : "none"],
          ["Timeout", `${hook.timeout_seconds} s`],
          [
            "Retry",
            `${span_(hook.retry.initial_delay_seconds)} × ${hook.retry.multiplier}, at most ${span_(hook.retry.max_delay_seconds)}, for ${span_(hook.retry.max_age_seconds)}${
              hook.retry.max_attempts ? `, ${hook.retry.max_attempts} attempts` : ""
            }`,
          ],
          hook.rate_limit && ["Rate limit", `${hook.rate_limit.per_second} a second`],
          (hook.context || hook.user) && [
            "Activation for",
            [hook.context, hook.user].filter(Boolean).join(" · "),
          ],
          hook.ca_certificate && ["Own certificate authority", "yes"],
          ["Last success", html`<${Time} at=${health.last_success_at} ago now=${now} />`],
          ["Last failure", html`<${Time} at=${health.last_failure_at} ago now=${now} />`],
          ["Id", html`<code>${hook.id}</code>`],
        ]} />
        ${hook.description && html`<p class="soft" dir="auto">${hook.description}</p>`}
        ${
          Object.keys(hook.headers).length > 0 &&
          html`<h3>Own headers</h3><${Headers} of=${hook.headers} />`
        }
        ${
          hook.body_template &&
          html`<${Block} label="Template" text=${hook.body_template} />
          ${
            may.read &&
            html`<${Link} to=${`${path(
              "t",
              tenant,
              "workshop",
            )}?webhook=${hook.id}`}>Try it in the Workshop<//>`
          }`
        }<//>
    </div>`;
}
