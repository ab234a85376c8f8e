/** What is done with one webhook beside editing it: rotate, recover, rights. */

import { get, of, post, put, remove } from "../api.js";
import { useAct, useList } from "../data.js";
import { Dialog } from "../dialog.js";
import { count } from "../format.js";
import { tell } from "../toasts.js";
import { Await, Block, Card, Empty, Field, More, ProblemBox, Select, Status, Time } from "../ui.js";
import { html, useState } from "../vendor/htm-preact.js";

/** @typedef {import("../vendor/htm-preact.js").Happened} Happened */

const VIA = {
  webhook: "this webhook",
  default: "its default for webhooks",
  tenant: "its level in the tenant",
  global: "global admin",
};

/**
 * Both ends are shown: the new secret, and until when the old one signs too.
 * @param {{at: Api.AtWebhook, onClose: () => void, done: () => void}} given
 */
export function Rotate({ at, onClose, done }) {
  const [hours, setHours] = useState("24");
  const act = useAct();
  const [made, setMade] = useState(/** @type {Api.Rotated | null} */ (null));
  const rotate = () =>
    act.run(async () => {
      setMade(
        await post(at("secret", "rotate"), { overlap_seconds: Math.round(Number(hours) * 3600) }),
      );
      done();
    });
  return html`<${Dialog} title="Rotate the signing secret" onClose=${onClose}>
    ${
      made
        ? html`<p
        class="notice ok">The new secret signs from now on. ${
          made.previous_expires_at
            ? html`The old one signs too until <${Time} at=${made.previous_expires_at}
        />: every call carries both signatures, so the receiver can change over without a gap.`
            : "The old one signs no more."
        }</p>
        <${Block} label="New secret, shown here" text=${made.secret} />
          <ol class="prose"><li>Give the receiver the new secret now.</li>
          ${made.previous_expires_at && html`<li>After the time above, only the new one signs.</li>`}
          </ol>
        <footer><button type="button" class="primary" onClick=${onClose}>Done</button></footer>`
        : html`<p>The server makes a new secret. For a while both sign, the new one first.</p>
        <${Field} label="The old one goes on signing for (hours, 0 to 168)">
          <input type="number" min="0" max="168" value=${hours}
          onInput=${(e) => setHours(e.currentTarget.value)} /><//>
        <${ProblemBox} problem=${act.problem} />
        <footer><button type="button" onClick=${onClose}>Back</button>
          <button type="button" class="primary" disabled=${act.busy}
          onClick=${rotate}>Rotate</button></footer>`
    }<//>`;
}

/** @param {Date} date */
const local = (date) =>
  new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

/**
 * What failed in a range of time, once more: counted first.
 * @param {{at: Api.AtWebhook, write: boolean, now: number}} given
 */
export function Recover({ at, write, now }) {
  const [since, setSince] = useState(local(new Date(Date.now() - 24 * 3600e3)));
  const [until, setUntil] = useState("");
  const [rate, setRate] = useState("10");
  const [counted, setCounted] = useState(/** @type {number | null} */ (null));
  const act = useAct();
  const jobs = useList(
    (cursor, signal) => get(at("recover"), { limit: 20, cursor }, { signal }),
    [],
    { every: 5 },
  );
  const body = (/** @type {{dry_run?: boolean}} */ more) => ({
    since: new Date(since).toISOString(),
    ...(until ? { until: new Date(until).toISOString() } : {}),
    rate_per_second: Number(rate),
    ...more,
  });
  const count_ = () =>
    act.run(async () => setCounted((await post(at("recover"), body({ dry_run: true }))).matched));
  const start = () =>
    act.run(async () => {
      await post(at("recover"), body({}));
      setCounted(null);
      tell("The job has begun");
      await jobs.reload(true);
    });
  const stop = (/** @type {Api.RecoverJob} */ job) =>
    act.run(async () => {
      await post(at("recover", job.id, "cancel"));
      await jobs.reload(true);
    });
  const changed =
    (/** @type {(text: string) => void} */ set) => (/** @type {Happened} */ event) => {
      set(event.currentTarget.value);
      setCounted(null);
    };
  return html`<div class="grid">${
    write &&
    html`<${Card} title="Send again what failed">
      <div class="two"><${Field} label="Created from" problem=${act.problem?.of("since")}>
        <input type="datetime-local" value=${since} onInput=${changed(setSince)} /><//>
        <${Field} label="until (empty: now)" problem=${act.problem?.of("until")}>
          <input type="datetime-local" value=${until} onInput=${changed(setUntil)} /><//>
        <${Field} label="Calls a second" problem=${act.problem?.of("rate_per_second")}>
          <input type="number" min="0.1" max="100" step="0.1" value=${rate}
          onInput=${changed(setRate)} /><//></div>
      <${ProblemBox} problem=${act.problem} />
      ${
        counted !== null &&
        html`<p class="notice ${counted ? "wait" : ""}">
        ${
          counted
            ? html`<b>${count(counted)}</b> failed deliveries would be sent again, oldest first.`
            : "Nothing failed in this time."
        }</p>`
      }
      <div class="bar"><button type="button" disabled=${act.busy}
        onClick=${count_}>Count first</button>
        <button type="button" class="primary" disabled=${act.busy || !counted}
        onClick=${start}>Send them again</button></div><//>`
  }
    <${Card} title="Jobs" kind="flush"><${Await} data=${jobs} rows=${2}
      empty=${html`<${Empty}
      title="No job yet">A job sends again what failed, at its own rate, and can be cancelled.<//>`}>
      ${() => html`
      <table class="cards"><thead><tr><th>Begun</th><th>Status</th><th class="num">Sent again</th>
        <th class="num">Remaining</th><th></th></tr></thead>
        <tbody>${jobs.items.map(
          (job) => html`<tr key=${job.id}>
        <td class="lead"><${Time} at=${job.created_at} ago now=${now} /></td>
          <td data-name="status"><${Status} of=${
            job.status === "done" ? "success" : job.status
          }>${job.status}<//></td>
        <td class="num" data-name="sent again">${count(job.resent)} of ${count(job.matched)}<br />
          <progress max=${job.matched || 1} value=${job.matched - job.remaining}></progress></td>
          <td class="num" data-name="remaining">${count(job.remaining)}</td>
        <td>${
          write &&
          job.status === "running" &&
          html`<button type="button" class="small" onClick=${() => stop(job)}>Cancel</button>`
        }
          </td></tr>`,
        )}</tbody></table><${More} list=${jobs} />`}<//><//></div>`;
}

/** @param {{tenant: string, at: Api.AtWebhook}} given */
export function Rights({ tenant, at }) {
  const rights = useList(
    (cursor, signal) => get(at("rights"), { limit: 100, cursor }, { signal }),
    [],
  );
  const people = useList(
    (cursor, signal) => get(of(tenant, "principals"), { limit: 100, cursor }, { signal }),
    [tenant],
  );
  const act = useAct();
  /** @type {(id: string, level: string | null) => void} */
  const change = (id, level) =>
    act.run(async () => {
      await (level ? put(at("rights", id), { level }) : remove(at("rights", id)));
      tell("Changed. It is in force within a minute.");
      await rights.reload(true);
    });
  const [who, setWho] = useState("");
  const [level, setLevel] = useState("read");
  return html`<${Card} title="Who may do what here" kind="flush">
    <${ProblemBox} problem=${act.problem} /><${Await} data=${rights}>${() => html`
    <table class="cards"><thead><tr><th>Principal</th><th>Level</th><th>By</th><th></th></tr>
      </thead><tbody>${rights.items.map(
        (one) => html`<tr key=${one.principal_id}>
      <td class="lead">${one.name} <span class="faint mono">${one.principal_id}</span></td>
        <td data-name="level"><${Select} label=${`Level of ${one.name}`} any=${null}
        value=${one.level} options=${["read", "write", "admin"]}
        onChange=${(/** @type {string} */ l) => change(one.principal_id, l)} /></td>
      <td data-name="by">${VIA[one.via]}</td>
      <td>${
        one.via === "webhook" &&
        html`<button type="button" class="small"
        onClick=${() => change(one.principal_id, null)}>Take away</button>`
      }</td></tr>`,
      )}</tbody>
        </table>${rights.cursor && html`<${More} list=${rights} />`}`}<//>
    <form class="more" onSubmit=${(e) => {
      e.preventDefault();
      if (who) change(who, level);
    }}>${
      // Who has admin here alone may not list the tenant's people.
      people.error
        ? html`<input aria-label="Principal" placeholder="prn_… of a principal" value=${who}
      onInput=${(e) => setWho(e.currentTarget.value.trim())} />`
        : html`<${Select} label="Principal" any="choose a principal" value=${who}
      options=${people.items.map((one) => [one.id, one.name])} onChange=${setWho} />`
    }
      <${Select} label="Level" any=${null} value=${level} options=${["read", "write", "admin"]}
      onChange=${setLevel} /><button disabled=${!who || act.busy}>Give this level</button></form>
      ${people.cursor && html`<${More} list=${people} of="principals to choose from" />`}
      <//>`;
}
