/** What is asked before an edit is saved, and what is shown once a webhook is created. */

import { Dialog } from "../dialog.js";
import { Block } from "../ui.js";
import { html } from "../vendor/htm-preact.js";
import { documentOf, fieldsOf } from "./webhook_fields.js";

/** @param {{hook: Api.Webhook, changes: Record<string, unknown>, act: Act, save: () => void, onClose: () => void}} given */
export function Changes({ hook, changes, act, save, onClose }) {
  const before = documentOf(fieldsOf(hook), hook);
  return html`<${Dialog} title="What will change" wide onClose=${onClose}>
    <div class="diff">${Object.entries(changes).map(
      ([name, value]) => html`<div key=${name}>
    <b>${name}</b><del>${said(before[name])}</del>
    <ins>${said(value)}</ins></div>`,
    )}</div>
    <p class="soft">In force with the next attempt. Saved only if nobody else has changed it since (version ${hook.version}).</p>
    <footer><button type="button" onClick=${onClose}>Back</button>
      <button type="button" class="primary" disabled=${act.busy} onClick=${save}>Save</button>
      </footer><//>`;
}

/** @param {{hook: Api.Webhook, onClose: () => void}} given */
export function Created({ hook, onClose }) {
  return html`<${Dialog} title="Webhook created" onClose=${onClose}>
    <p>This is its signing secret. It is shown this once; who has admin on the webhook can read it again.</p>
    <${Block} label="Secret" text=${hook.secret} />
    ${(hook.warnings ?? []).map(
      (one) => html`<p class="notice wait" key=${one.field}>
    <code>${one.field}</code> ${one.message}</p>`,
    )}
    <footer><button type="button" class="primary" onClick=${onClose}>Open it</button></footer><//>`;
}

/** @param {unknown} value */
const said = (value) =>
  value === null || value === undefined
    ? "–"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
