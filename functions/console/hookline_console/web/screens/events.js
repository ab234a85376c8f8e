/** Screen 6: events, and why each did or did not reach each webhook. */

import { get, of } from "../api.js";
import { useData, useList, useNow } from "../data.js";
import { pretty } from "../format.js";
import { filtering, go, Link, path } from "../router.js";
import {
  Await,
  Block,
  Card,
  Empty,
  Facts,
  More,
  Page,
  Search,
  Select,
  Status,
  Time,
} from "../ui.js";
import { html, useMemo, useState } from "../vendor/htm-preact.js";
import { MANY, Publish, Send } from "./event_acts.js";

/** @param {Given} given */
export default function Events(given) {
  return given.parts[0]
    ? html`<${Event} ...${given} id=${given.parts[0]} />`
    : html`<${Table} ...${given} />`;
}

/** @param {Given} given */
function Table({ tenant, query, may }) {
  const now = useNow(15);
  const [publishing, setPublishing] = useState(false);
  // Counted from when it was chosen: a list whose beginning moved would begin anew all the time.
  const begins = useMemo(() => {
    const length = PERIODS[query.period ?? ""];
    return length ? new Date(Date.now() - length).toISOString() : undefined;
  }, [query.period]);
  const asked = {
    type: query.type,
    entity_id: query.entity_id,
    since: query.since ?? begins,
    until: query.until,
  };
  const list = useList(
    (cursor, signal, since = asked.since) =>
      get(of(tenant, "events"), { ...asked, since, limit: 50, cursor }, { signal, quiet: true }),
    [tenant, JSON.stringify(asked)],
    { every: 5, tail: Boolean(asked.type || asked.entity_id) },
  );
  return html`<${Page} title="Events" sub="What was published, newest first." actions=${
    may.write &&
    html`<button type="button" class="primary"
    onClick=${() => setPublishing(true)}>Publish an event</button>`
  }>
    <div class="filters" role="search"><${Search} label="Event id" value="" onSearch=${(
      /** @type {string} */ id,
    ) => id && go(path("t", tenant, "events", id))} />
      <${Search} label="Type" value=${query.type} onSearch=${filtering("type")} />
      <${Search} label="Entity id" value=${query.entity_id}
      onSearch=${filtering("entity_id")} />
      <${Select} label="Period" any="any time" value=${query.period}
        options=${[
          ["hour", "the last hour"],
          ["day", "the last 24 hours"],
          ["week", "the last 7 days"],
        ]} onChange=${filtering("period")} /></div>
    <section class="card flush"><${Await} data=${list} empty=${html`<${Empty} title="No event here">
      ${
        query.type || query.entity_id || asked.since
          ? "None of this kind is kept."
          : "Publish one with a POST to /events, or with the button above."
      }<//>`}>
      ${() => html`<div class="scroll"><table class="cards">
      <thead><tr><th>Type</th><th>Id</th><th>Entity</th><th>Accepted</th>
      <th class="num">Webhooks</th></tr></thead>
      <tbody>${list.items.map(
        (one) => html`<tr key=${one.id}>
      <td class="lead"><${Link} to=${path("t", tenant, "events", one.id)}>${one.type}<//></td>
        <td data-name="id"><span class="mono cut">${one.id}</span></td>
        <td data-name="entity"><span class="cut" dir="auto">${one.entity_id ?? "–"}</span></td>
        <td data-name="accepted"><${Time} at=${one.accepted_at}
        ago now=${now} /></td><td class="num" data-name="webhooks">
        ${one.matched_webhooks ?? "–"}</td></tr>`,
      )}</tbody></table></div>
        <${More} list=${list} />`}<//></section>
    ${
      publishing &&
      html`<${Publish} tenant=${tenant} event=${{}}
      onClose=${() => setPublishing(false)} />`
    }<//>`;
}

const HOUR = 3600e3;
/** @type {Record<string, number>} */
const PERIODS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR };

/** @type {Record<string, string>} */
const REASONS = {
  type: "the type",
  scope: "its scope",
  environment: "the environment",
  filter: "its filter",
  off: "it was off",
  created_later: "it was created later",
  not_visible: "not visible",
};

/** @param {Given & {id: string}} given */
function Event({ tenant, id, may }) {
  const event = useData(
    (signal) =>
      may.read
        ? get(of(tenant, "events", id), undefined, { signal, exact: true })
        : Promise.resolve(null),
    [id],
  );
  const why = useData(
    (signal) => get(of(tenant, "events", id, "why"), undefined, { signal }),
    [id],
    { every: 5 },
  );
  const [asked, setAsked] = useState("");
  const value = event.value;
  /** @type {Record<string, number>} */
  const counts = {};
  for (const one of why.value?.items ?? []) counts[one.outcome] = (counts[one.outcome] ?? 0) + 1;
  return html`<${Page} title=${value?.type ?? "Event"}
    crumbs=${[
      may.read
        ? html`<${Link} to=${path("t", tenant, "events")}>Events<//>`
        : html`<${Link} to=${path("t", tenant, "help")}>Did not arrive?<//>`,
    ]}
    sub=${html`<span class="mono">${id}</span>`}
      actions=${
        value &&
        may.write &&
        html`<button type="button"
        onClick=${() => setAsked("send")}>Send to a webhook</button>
        <button type="button" onClick=${() => setAsked("dry")}>Dry run with edits</button>
        <button type="button" onClick=${() => setAsked("copy")}>Publish a copy</button>`
      }>
    <${Card} title="Why" kind="flush" aside=${Object.entries(counts)
      .map(([outcome, n]) => `${n} ${outcome.replace("_", " ")}`)
      .join(" · ")}>
      <${Await} data=${why}
      empty=${html`<${Empty} title="No webhook here">There is none that this key may see.<//>`}>
      ${(/** @type {Api.Whys} */ found) => html`
      <div class="scroll"><table class="cards"><thead><tr><th>Webhook</th><th>Outcome</th>
        <th>Because</th></tr></thead><tbody>${found.items.map(
          (one) => html`<tr
        key=${one.webhook_id}>
        <td class="lead"><${Link} to=${path("t", tenant, "webhooks", one.webhook_id)}>${one.name}
          <//></td><td data-name="outcome"><${Status} of=${one.outcome} /></td>
        <td data-name="because"><span dir="auto">${
          one.evidence.delivery_id
            ? html`<${Link} to=${path(
                "t",
                tenant,
                "webhooks",
                one.webhook_id,
                "deliveries",
                String(one.evidence.delivery_id),
              )}>
          ${REASONS[one.reason] ?? one.reason}<//>`
            : (REASONS[one.reason] ?? one.reason)
        } <${Evidence} of=${one.evidence} /></span></td>
          </tr>`,
        )}</tbody></table></div>${found.truncated && html`<p class="more">${MANY}</p>`}`}<//><//>
    ${
      // Who has rights on single webhooks sees what became of it there, not the event itself.
      (value || (may.read && !why.error)) &&
      html`<${Await} data=${event}>${(
        /** @type {Api.Event} */ value,
      ) => html`<${Card} title="The event">
      <${Facts} of=${[
        value.occurred_at && ["Occurred", html`<${Time} at=${value.occurred_at} />`],
        ["Accepted", html`<${Time} at=${value.accepted_at} />`],
        value.actor && ["By", value.actor.name ?? value.actor.id],
        value.project && ["Project", value.project],
        value.environment && ["Environment", value.environment],
        value.entity_id && [
          "Entity",
          value.entity_url?.startsWith("https://")
            ? html`<a href=${value.entity_url} rel="noopener noreferrer" target="_blank">
      ${value.entity_id}</a>`
            : value.entity_id,
        ],
      ]} />
      <${Block} label="As it is kept" text=${pretty(value)} /><//>`}<//>`
    }
    ${
      asked === "copy" &&
      html`<${Publish} tenant=${tenant} event=${value}
      onClose=${() => setAsked("")} />`
    }
    ${
      asked === "dry" &&
      html`<${Publish} tenant=${tenant} event=${value} dry
      onClose=${() => setAsked("")} />`
    }
    ${
      asked === "send" &&
      html`<${Send} tenant=${tenant} id=${id} onClose=${() => setAsked("")}
      />`
    }<//>`;
}

/** @param {{of: Record<string, unknown>}} given */
function Evidence({ of: evidence }) {
  return html`<span class="chips">
    ${Object.entries(evidence)
      .filter(([name]) => name !== "delivery_id")
      .map(
        ([name, value]) => html`<span class="chip" key=${name}>
    ${name.replace(/_at$/, "").replaceAll("_", " ")}: ${
      name.endsWith("_at")
        ? html`<${Time} at=${String(value)} />`
        : typeof value === "string"
          ? value
          : JSON.stringify(value)
    }</span>`,
      )}</span>`;
}
