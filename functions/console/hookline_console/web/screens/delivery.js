/** Screen 5: one delivery: the time line of its attempts, as they went out and came back. */

import { get, of, post, quoted } from "../api.js";
import { useAct, useData, useNow } from "../data.js";
import { Confirm, Dialog } from "../dialog.js";
import { bytes, due, millis, pretty, size, span } from "../format.js";
import { Link, path } from "../router.js";
import { tell } from "../toasts.js";
import {
  Await,
  Block,
  Card,
  Code,
  Copy,
  Facts,
  Headers,
  Page,
  ProblemBox,
  Select,
  Status,
  Time,
} from "../ui.js";
import { html, useState } from "../vendor/htm-preact.js";
import { MOVING, waitsFor } from "./deliveries.js";
import { adviceOn } from "./help.js";
import { mayWrite } from "./standing.js";
import { Verify } from "./verify.js";

/** @type {Record<Api.Attempt["trigger"], string>} */
const TRIGGERS = {
  schedule: "its schedule",
  retry: "a user's retry",
  probe: "a probe of the circuit",
  test: "a test",
};

/** @param {Given & {id: string, delivery: string}} given */
export default function Delivery({ tenant, may, id, delivery }) {
  /**
   * @template {string[]} More
   * @param {More} more
   */
  const at = (...more) => of(tenant, "webhooks", id, "deliveries", delivery, ...more);
  const now = useNow(1);
  const hook = useData(
    (signal) => get(of(tenant, "webhooks", id), undefined, { signal, quiet: true }),
    [id],
  );
  const [open, setOpen] = useState(true);
  const data = useData((signal) => get(at(), undefined, { signal, quiet: true }), [delivery], {
    every: open ? 2 : 0,
  });
  const [asked, setAsked] = useState("");
  const act = useAct();
  const value = data.value;
  const moving = Boolean(value && MOVING.includes(value.status));
  if (value && moving !== open) setOpen(moving);
  const write = mayWrite(hook.value, may);
  const retry = () =>
    act.run(async () => {
      await post(at("retry"));
      tell("One attempt at once, with a fresh schedule");
      setOpen(true);
      await data.reload(true);
    });
  const cancel = () =>
    act.run(async () => {
      const cancelled = await post(at("cancel"));
      if (value) data.set({ ...value, ...cancelled });
      setAsked("");
      await data.reload(true);
    });
  const last = value?.attempts.at(-1);
  return html`<${Page} title=${value?.event_type ?? "Delivery"}
    crumbs=${[
      html`<${Link} to=${path("t", tenant, "webhooks")}>Webhooks<//>`,
      html`<${Link} to=${`${path("t", tenant, "webhooks", id)}?tab=logs`}>${hook.value?.name ?? id}
    <//>`,
    ]}
      sub=${
        value &&
        html`<${Status} of=${value.status} /> ${
          value.test && html`<span class="chip">test</span>`
        } <span class="mono">${value.id}</span>`
      }
      actions=${
        value &&
        html`${
          write &&
          html`<button type="button" class="primary"
        disabled=${act.busy} onClick=${retry}>Retry now</button>
        ${
          moving &&
          html`<button type="button" disabled=${act.busy}
        onClick=${() => setAsked("cancel")}>Cancel</button>`
        }`
        }
        ${
          last &&
          html`<button type="button"
          onClick=${() => setAsked("verify")}>Verify signature</button>`
        }
          ${
            value.attempts.length > 1 &&
            html`<button type="button"
          onClick=${() => setAsked("compare")}>Compare attempts</button>`
          }`
      }>
    ${!asked && html`<${ProblemBox} problem=${act.problem} />`}
    <${Await} data=${data}>${(/** @type {Api.DeliveryWithAttempts} */ value) => html`
      ${
        moving &&
        html`<p class="notice wait">
        ${value.attempt_count ? "Waiting" : "Not attempted yet"}
        ${waitsFor(value) ? html` for <b>${waitsFor(value)}</b>` : ""}
        ${
          value.next_attempt_at
            ? html`: next attempt <b>${due(value.next_attempt_at, now)}
        </b> (<${Time} at=${value.next_attempt_at} />)`
            : ""
        }. It is given up <${Time}
        at=${value.expires_at} ago now=${now} />.</p>`
      }
      ${value.failure_reason && html`<p class="notice bad">Given up: ${value.failure_reason}</p>`}
      ${
        last?.error || (last?.response && last.response.status >= 300)
          ? html`<p class="notice">${adviceOn(last)} <${Link}
        to=${path("t", tenant, "help")}>What each error means<//></p>`
          : null
      }
      <${Card}><${Facts} of=${[
        [
          "Event",
          html`<${Link} to=${path("t", tenant, "events", value.event_id)}>
          <code>${value.event_id}</code><//>`,
        ],
        ["Created", html`<${Time} at=${value.created_at} />`],
        ["Attempts", value.attempt_count],
        value.finished_at && [
          "Finished",
          html`<${Time} at=${value.finished_at} /> <span
          class="faint">after ${span((Date.parse(value.finished_at) - Date.parse(value.created_at)) / 1000)}
          </span>`,
        ],
      ]} />${value.attempts.length > 0 && html`<${Durations} delivery=${value} now=${now} />`}<//>
      ${
        value.attempt_count > value.attempts.length &&
        html`<p
        class="notice">The last ${value.attempts.length} of ${value.attempt_count} attempts are shown.</p>`
      }
      <div class="timeline">${value.attempts.map(
        (one, i) =>
          html`${
            i > 0 &&
            html`<p class="wait-line"
        key=${`w${one.number}`}>waited ${span((Date.parse(one.started_at) - Date.parse(value.attempts[i - 1].started_at) - value.attempts[i - 1].duration_ms) / 1000)}
        </p>`
          }<${Attempt} key=${one.number} one=${one} open=${i === value.attempts.length - 1} />`,
      )}
        </div>`}<//>
    ${
      asked === "cancel" &&
      html`<${Confirm} title="Cancel" danger act=${act} yes=${cancel}
      onClose=${() => setAsked("")}>
      <p>No further attempt is made. One that is on the wire is recorded all the same.</p><//>`
    }
    ${
      asked === "verify" &&
      last &&
      html`<${Verify} tenant=${tenant} webhook=${hook.value} id=${id}
      attempt=${last} may=${may} onClose=${() => setAsked("")} />`
    }
    ${
      asked === "compare" &&
      value &&
      html`<${Compare} attempts=${value.attempts}
      onClose=${() => setAsked("")} />`
    }<//>`;
}

/**
 * Waiting and calling, to scale, in one line.
 * @param {{delivery: Api.DeliveryWithAttempts, now: number}} given
 */
function Durations({ delivery, now }) {
  const from = Date.parse(delivery.created_at);
  const until = delivery.finished_at ? Date.parse(delivery.finished_at) : now;
  const whole = Math.max(1, until - from);
  const x = (/** @type {number} */ ms) => ((ms - from) / whole) * 1000;
  return html`<svg class="durations" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img"
    aria-label="Waits and calls to scale"><rect class="wait" width="1000" height="4" y="3" />
    ${delivery.attempts.map(
      (one) => html`<rect key=${one.number}
      class=${`call ${
        one.response && one.response.status < 300 && one.response.status >= 200 ? "ok" : "bad"
      }`} x=${x(Date.parse(one.started_at))}
      width=${Math.max(3, (one.duration_ms / whole) * 1000)} height="10">
      <title>Attempt ${one.number}: ${millis(one.duration_ms)}</title></rect>`,
    )}</svg>`;
}

/** @param {{one: Api.Attempt, open: boolean}} given */
function Attempt({ one, open }) {
  const { request, response, error } = one;
  return html`<details class="attempt" open=${open}><summary>
      <b class="num">${one.number}</b><${Time} at=${one.started_at} />
        <span>${
          response
            ? html`<${Code} of=${response.status} />`
            : html`<span class="code bad">${error?.kind}</span>`
        }</span>
      <span class="soft">by ${TRIGGERS[one.trigger]}</span>
        <span class="num">${millis(one.duration_ms)}</span></summary>
    <div class="inside">
      ${
        error &&
        html`<p class="notice bad"><b>${error.kind}</b>: <span dir="auto">${error.message}
        </span></p>`
      }
      <div class="grid"><div class="form"><h3>Request as it was sent</h3>
        <p class="mono" dir="auto">${request.method} ${request.url}</p>
        <${Headers} of=${request.headers} />
        <${Block} label="Body" note=${note(request)} text=${pretty(request.body ?? "")} />
          <div class="bar"><${Copy} label="Copy as curl" text=${curlOfAttempt(request)} />
          <${Copy} label="Copy the bytes" text=${request.body ?? ""} /></div></div>
        <div class="form"><h3>Response</h3>${
          response
            ? html`<p class="mono">HTTP ${response.status}
          </p><${Headers} of=${response.headers} />
          <${Block} label="Body" note=${note(response)} text=${response.body} />`
            : html`<p class="faint">None arrived.</p>`
        }</div></div>
      <${Facts} of=${[
        ["Address called", one.address && html`<code>${one.address}</code>`],
        one.webhook_version !== null && ["Webhook's version", one.webhook_version],
        [
          "Next attempt was due",
          one.next_attempt_at && html`<${Time} at=${one.next_attempt_at} />`,
        ],
      ]} />
    </div></details>`;
}

/** @param {Api.RequestRecord | Api.ResponseRecord} part */
const note = (part) => `${bytes(size(part.body))}${part.body_truncated ? ", cut" : ""}`;

/** @param {Api.RequestRecord} request */
function curlOfAttempt(request) {
  const parts = [`curl -X ${request.method} ${quoted(request.url)}`];
  for (const [name, value] of Object.entries(request.headers ?? {}))
    if (!/^(content-length|host|connection)$/i.test(name))
      parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (request.body) parts.push(`--data-binary ${quoted(request.body)}`);
  return parts.join(" \\\n  ");
}

/** @param {{attempts: Api.Attempt[], onClose: () => void}} given */
function Compare({ attempts, onClose }) {
  const [left, setLeft] = useState(attempts.at(-2)?.number);
  const [right, setRight] = useState(attempts.at(-1)?.number);
  /** @type {(one: Api.Attempt | undefined) => Record<string, string | number | null | undefined>} */
  const flat = (one) => ({
    url: one?.request.url,
    address: one?.address,
    status: one?.response?.status ?? one?.error?.kind,
    took: millis(one?.duration_ms),
    "webhook version": one?.webhook_version,
    ...Object.fromEntries(
      Object.entries(one?.request.headers ?? {}).map(([n, v]) => [`> ${n}`, v]),
    ),
    "> body": one?.request.body,
    ...Object.fromEntries(
      Object.entries(one?.response?.headers ?? {}).map(([n, v]) => [`< ${n}`, v]),
    ),
    "< body": one?.response?.body,
  });
  const a = flat(attempts.find((one) => one.number === Number(left)));
  const b = flat(attempts.find((one) => one.number === Number(right)));
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => String(a[name]) !== String(b[name]),
  );
  const numbers = attempts.map((one) => [String(one.number), `attempt ${one.number}`]);
  return html`<${Dialog} title="What differs between two attempts" wide onClose=${onClose}>
    <div class="bar"><${Select} label="First" any=${null} value=${String(left)} options=${numbers}
    onChange=${setLeft} /> and <${Select} label="Second" any=${null} value=${String(right)}
    options=${numbers} onChange=${setRight} /></div>
    ${
      names.length
        ? html`<div class="diff">${names.map(
            (name) => html`<div key=${name}>
      <b>${name}</b><del>${String(a[name] ?? "–").slice(0, 2000)}</del>
      <ins>${String(b[name] ?? "–").slice(0, 2000)}</ins></div>`,
          )}</div>`
        : html`<p>They are the same, but for their time.</p>`
    }<//>`;
}
