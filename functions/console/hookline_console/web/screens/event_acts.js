/** What is done with an event: published as a copy, tried with edits, sent to one webhook. */

import { of, post } from "../api.js";
import { useAct } from "../data.js";
import { Dialog } from "../dialog.js";
import { exactly } from "../format.js";
import { go, path } from "../router.js";
import { tell } from "../toasts.js";
import { Field, ProblemBox, Status } from "../ui.js";
import { html, useState } from "../vendor/htm-preact.js";
import { PickWebhook } from "./webhook_names.js";

export const MANY = "There are more webhooks than are shown here.";

const SERVERS = [
  "id",
  "tenant",
  "accepted_at",
  "created_at",
  "expires_at",
  "matched",
  "test",
  "duplicate",
  "warnings",
  "hops",
  "traceparent",
  "timestamp",
];

/**
 * A copy has its own id; a dry run sends nothing and tells who would get it.
 * @param {{tenant: string, event: object, dry?: boolean, onClose: () => void}} given
 */
export function Publish({ tenant, event, dry = false, onClose }) {
  const start = Object.keys(event).length
    ? Object.fromEntries(
        Object.entries(event).filter(([name, value]) => !SERVERS.includes(name) && value !== null),
      )
    : { type: "order.created", entity_id: "o-1", data: { total: 12.5 } };
  const [text, setText] = useState(JSON.stringify(start, null, 2));
  const [result, setResult] = useState(/** @type {Api.DryRun | null} */ (null));
  const act = useAct();
  const run = () =>
    act.run(async () => {
      let body;
      try {
        body = exactly(text);
      } catch (/** @type {any} */ error) {
        throw new Error(`Not JSON: ${error.message}`);
      }
      if (dry) {
        setResult(await post(of(tenant, "events", "dry-run"), body));
        return;
      }
      const answer = await post(of(tenant, "events"), body);
      tell(`Accepted: ${answer.id}`);
      onClose();
      go(path("t", tenant, "events", answer.id));
    });
  return html`<${Dialog} title=${dry ? "Dry run" : "Publish an event"} wide onClose=${onClose}>
    <${Field} label="The event"><textarea rows="14" spellcheck="false" value=${text}
    onInput=${(e) => setText(e.currentTarget.value)}></textarea><//>
    <${ProblemBox} problem=${act.problem} />
    ${
      result &&
      html`<div class="scroll"><table class="cards"><thead>
      <tr><th>Webhook</th><th>Would get it</th><th>Because</th></tr></thead>
      <tbody>${result.items.map(
        (one) => html`<tr key=${one.webhook_id}>
      <td class="lead">${one.name}</td>
      <td data-name="would get it"><${Status} of=${one.matched ? "success" : "off"}>${one.matched ? "yes" : "no"}<//></td>
      <td data-name="because"><span>${one.reason}</span></td></tr>`,
      )}</tbody></table></div>${result.truncated && html`<p class="more">${MANY}</p>`}`
    }
    <footer><button type="button" onClick=${onClose}>Back</button>
      <button type="button" class="primary" disabled=${act.busy} onClick=${run}>
      ${dry ? "Who would get it?" : "Publish"}</button></footer><//>`;
}

/** @param {{tenant: string, id: string, onClose: () => void}} given */
export function Send({ tenant, id, onClose }) {
  const [hook, setHook] = useState("");
  const act = useAct();
  const send = () =>
    act.run(async () => {
      const made = await post(of(tenant, "webhooks", hook, "send"), { event_id: id });
      go(path("t", tenant, "webhooks", hook, "deliveries", made.id));
    });
  return html`<${Dialog} title="Send to a webhook" onClose=${onClose}>
    <p>This one event, to one webhook, whether or not it matched.</p>
    <${PickWebhook} tenant=${tenant} any="choose one" value=${hook} onChange=${setHook} />
    <${ProblemBox} problem=${act.problem} />
    <footer><button type="button" onClick=${onClose}>Back</button>
      <button type="button" class="primary" disabled=${!hook || act.busy}
      onClick=${send}>Send</button></footer><//>`;
}
