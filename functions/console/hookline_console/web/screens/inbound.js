/** Screen 8, first half: providers in order, functions, and what came in. */

import { all, get, of, patch, post } from "../api.js";
import { useAct, useData, useList, useNow } from "../data.js";
import { has } from "../format.js";
import { Answers } from "../plots.js";
import { filtering, Link, path } from "../router.js";
import {
  Await,
  Card,
  Empty,
  More,
  Page,
  ProblemBox,
  Search,
  Select,
  Status,
  Tabs,
  Time,
} from "../ui.js";
import { html } from "../vendor/htm-preact.js";
import { Message } from "./inbound_message.js";

/** @param {Given} given */
export default function Inbound(given) {
  if (given.parts[0] === "messages" && given.parts[1])
    return html`<${Message} ...${given}
    id=${given.parts[1]} />`;
  const tab =
    ["providers", "functions"].includes(given.query.tab) && given.may.read
      ? given.query.tab
      : "messages";
  return html`<${Page} title="Inbound" sub=${html`Third parties call <code>
    ${location.origin}/in/${given.tenant}/…</code>; each call is verified, matched and turned into actions.`}>
    <${Tabs} of=${[
      ["messages", "Messages"],
      ["providers", "Providers"],
      ["functions", "Functions"],
    ]} at=${tab} to=${filtering("tab")} />
    ${tab === "messages" && html`<${Messages} ...${given} />`}
      ${tab === "providers" && html`<${Providers} ...${given} />`}
      ${tab === "functions" && html`<${Functions} ...${given} />`}<//>`;
}

const STATUSES = ["pending", "success", "failed"];
const OUTCOMES = [
  ["matched", "matched"],
  ["no_provider", "no provider"],
  ["no_function", "no function"],
];

/** @param {Given} given */
function Messages({ tenant, query, may }) {
  const now = useNow(15);
  const asked = {
    status: query.status,
    outcome: query.outcome,
    provider: query.provider,
    uri: query.uri,
    since: query.since,
    until: query.until,
  };
  const list = useList(
    (cursor, signal) =>
      get(
        of(tenant, "inbound", "messages"),
        { ...asked, limit: 50, cursor },
        { signal, quiet: true },
      ),
    [tenant, JSON.stringify(asked)],
    { every: 5 },
  );
  const providers = useData(
    (signal) =>
      may.admin
        ? all(of(tenant, "inbound", "providers"), { signal, quiet: true })
        : Promise.resolve({ items: [] }),
    [tenant],
  );
  return html`<div class="filters" role="search">
    <${Select} label="Status" any="any status" value=${query.status} options=${STATUSES}
    onChange=${filtering("status")} />
    <${Select} label="Outcome" any="any outcome" value=${query.outcome} options=${OUTCOMES}
    onChange=${filtering("outcome")} />
      ${
        providers.value &&
        providers.value.items.length > 0 &&
        html`<${Select} label="Provider" any="any provider"
        value=${query.provider} options=${providers.value.items.map((one) => [one.id, one.name])}
        onChange=${filtering("provider")} />`
      }
        <${Search} label="Uri" value=${query.uri} onSearch=${filtering("uri")} /></div>
    ${
      !query.outcome &&
      list.items.length > 0 &&
      html`<${Card} title="By outcome" aside=${`of the ${list.items.length} below`}>
      <${Answers} of=${countOf(list.items)} kindOf=${kindOf} to=${(/** @type {string} */ named) =>
        `${path("t", tenant, "inbound")}?${asking(named)}`} /><//>`
    }
    <section class="card flush"><${Await} data=${list} empty=${html`<${Empty}
      title="No message here">${
        Object.values(asked).some(Boolean)
          ? "None fits these filters."
          : html`Nothing has come in yet. A third party's webhook goes to <code>
      ${location.origin}/in/${tenant}/any/path</code>.`
      }<//>`}>
      ${() => html`<div class="scroll"><table class="cards">
      <thead><tr><th>Uri</th><th>Status</th><th>Outcome</th><th>Provider</th><th>Message</th>
      <th>Received</th></tr></thead><tbody>${list.items.map(
        (one) => html`<tr key=${one.id}>
      <td class="lead"><${Link} to=${path("t", tenant, "inbound", "messages", one.id)}>
        <span class="mono" dir="auto">${one.method} ${one.uri || "/"}</span><//>
        ${one.resubmit_of && html` <span class="chip">resubmitted</span>`}</td>
        <td data-name="status"><${Status} of=${one.status} /></td>
        <td data-name="outcome">${
          one.outcome ? html`<${Status} of=${one.outcome} />` : html`<span class="faint">–</span>`
        }</td>
      <td data-name="provider">${
        one.provider_name
          ? html`<span class="cut" dir="auto">${one.provider_name}</span>`
          : html`<span class="faint">–</span>`
      }</td>
        <td data-name="message"><span class="cut wide" dir="auto">${one.message ?? "–"}</span></td>
        <td data-name="received"><${Time} at=${one.received_at} ago now=${now} /></td></tr>`,
      )}
        </tbody></table></div><${More} list=${list} />`}<//></section>`;
}

const RUNNING = "still running";

/** @param {{outcome: string | null}[]} messages */
function countOf(messages) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { outcome } of messages) {
    const named = outcome?.replaceAll("_", " ") ?? RUNNING;
    counts[named] = (counts[named] ?? 0) + 1;
  }
  return counts;
}

/** @param {string} named @returns {import("../plots.js").Kind} */
const kindOf = (named) => (named === "matched" ? "ok" : named === RUNNING ? "wait" : "bad");

/** The filter for one of them. @param {string} named */
const asking = (named) =>
  named === RUNNING ? "status=pending" : `outcome=${named.replaceAll(" ", "_")}`;

/** @param {Given} given */
function Providers({ tenant, may, query }) {
  // Their order is given as a whole.
  const data = useData((signal) => all(of(tenant, "inbound", "providers"), { signal }), [tenant]);
  const act = useAct();
  /** @type {(index: number, by: -1 | 1) => void} */
  const move = (index, by) =>
    act.run(async () => {
      const ids = (data.value?.items ?? []).map((one) => one.id);
      [ids[index], ids[index + by]] = [ids[index + by], ids[index]];
      await post(of(tenant, "inbound", "providers", "reorder"), { ids });
      await data.reload(true);
    });
  const toggle = (/** @type {Api.Provider} */ one) =>
    act.run(async () => {
      await patch(of(tenant, "inbound", "providers", one.id), { active: !one.active });
      await data.reload(true);
    });
  // Where not all are shown, what comes before another cannot be seen.
  const moves = may.admin && !query.q;
  return html`<${Named} at=${query.q} /><${ProblemBox} problem=${act.problem} />
    <section class="card flush"><${Await} data=${data} empty=${html`<${Empty}
    title="No provider yet">A provider says who may call and how that is proved: GitHub, Stripe, your own. Make one with a POST to <code>/inbound/providers</code>.<//>`}>
    ${(
      /** @type {{items: Api.Provider[]}} */ value,
    ) => html`<div class="scroll"><table class="cards">
    <thead><tr><th class="num">#</th><th>Provider</th><th>Match</th><th>Verify</th><th>Active</th>
    <th></th></tr></thead><tbody>${value.items.map(
      (one, index) =>
        has(query.q, one.name, one.description, one.verify.type) &&
        html`<tr key=${one.id}>
    <td class="num" data-name="order">${one.sequence}</td>
      <td class="lead">${one.name}<p class="sub faint" dir="auto">${one.description}</p></td>
      <td data-name="match"><code class="cut wide">${
        "expression" in one.match ? one.match.expression : one.match.function_arn
      }</code></td><td data-name="verify">${one.verify.type}</td>
      <td data-name="active"><${Status} of=${one.active ? "success" : "off"}>
      ${one.active ? "active" : "off"}<//></td>
    <td>${
      may.admin &&
      html`<span class="bar">${
        moves &&
        html`<button type="button" class="small"
      disabled=${index === 0 || act.busy} aria-label=${`Move ${one.name} up`}
      onClick=${() => move(index, -1)}>↑</button>
      <button type="button" class="small" disabled=${index === value.items.length - 1 || act.busy}
      aria-label=${`Move ${one.name} down`} onClick=${() => move(index, 1)}>↓</button>`
      }
      <button type="button" class="small" onClick=${() => toggle(one)}>
      ${one.active ? "Switch off" : "Switch on"}</button></span>`
    }</td></tr>`,
    )}</tbody></table>
      </div>`}<//></section>`;
}

/** Narrows what is shown by its words. @param {{at: string | undefined}} given */
function Named({ at }) {
  return html`<div class="filters" role="search"><${Search} label="Name" value=${at}
    onSearch=${filtering("q")} /></div>`;
}

/** @param {Given} given */
function Functions({ tenant, may, query }) {
  const list = useList(
    (cursor, signal) => get(of(tenant, "inbound", "functions"), { limit: 100, cursor }, { signal }),
    [tenant],
  );
  const act = useAct();
  const toggle = (/** @type {Api.Function} */ one) =>
    act.run(async () => {
      await patch(of(tenant, "inbound", "functions", one.id), { active: !one.active });
      await list.reload(true);
    });
  return html`<${Named} at=${query.q} /><${ProblemBox} problem=${act.problem} />
    <section class="card flush"><${Await} data=${list} empty=${html`<${Empty}
    title="No function yet">A function is what is done with a message of a provider at a uri: publish an event, invoke your Lambda, forward to a webhook.<//>`}>
    ${() => html`<div class="scroll"><table class="cards">
    <thead><tr><th>Function</th><th>Uri</th><th>Action</th><th>Active</th><th></th></tr></thead>
    <tbody>${list.items.map(
      (one) =>
        has(query.q, one.name, one.description, one.uri, one.action.type) &&
        html`<tr key=${one.id}>
    <td class="lead">${one.name}<p class="sub faint" dir="auto">${one.description}</p></td>
      <td data-name="uri"><code>${one.uri}</code></td>
      <td data-name="action"><span>${one.action.type} <code class="faint cut">
      ${targetOf(one.action)}</code></span></td>
      <td data-name="active"><${Status} of=${one.active ? "success" : "off"}>
      ${one.active ? "active" : "off"}<//></td>
      <td>${
        may.admin &&
        html`<button type="button" class="small" onClick=${() => toggle(one)}>
      ${one.active ? "Switch off" : "Switch on"}</button>`
      }</td></tr>`,
    )}</tbody></table></div><${More} list=${list} />`}<//>
      </section>`;
}

/** @param {Api.Function["action"]} action */
function targetOf(action) {
  if (action.type === "publish") return String(action.event.type);
  return action.type === "invoke" ? action.function_arn : action.webhook_id;
}
