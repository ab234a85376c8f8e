/** The catalogue of events: their types, who subscribes, and files of them to load. */

import { all, get, of, put } from "../api.js";
import { useAct, useData, useList } from "../data.js";
import { Dialog } from "../dialog.js";
import { exactly, has, pretty } from "../format.js";
import { filtering } from "../router.js";
import { tell } from "../toasts.js";
import { Await, Block, Empty, More, ProblemBox, Search } from "../ui.js";
import { html, useRef, useState } from "../vendor/htm-preact.js";

/** @param {Given} given */
export function Catalogue({ tenant, may, query }) {
  const list = useList(
    (cursor, signal) => get(of(tenant, "event-types"), { limit: 100, cursor }, { signal }),
    [tenant],
  );
  const [open, setOpen] = useState("");
  return html`<div class="filters" role="search"><${Search} label="Type or description"
    value=${query.q} onSearch=${filtering("q")} />
    ${may.write && html`<${Load} tenant=${tenant} onLoaded=${() => list.reload(true)} />`}</div>
    <section class="card flush"><${Await} data=${list}
    empty=${html`<${Empty}
    title="The catalogue is empty">Describe your event types with PUT <code>/event-types/{type}</code>, or load a file of them: those that ship are in the folder <code>catalogue</code>, or by <code>make catalogue TENANT=${tenant}
    </code>.<//>`}>${() => html`<div class="scroll"><table class="cards">
    <thead><tr><th>Type</th><th>Description</th><th>Schema</th><th></th></tr></thead>
    <tbody>${list.items.map(
      (one) =>
        has(query.q, one.type, one.description) &&
        html`<tr key=${one.type}>
    <td class="lead mono">${one.type}${one.archived && html` <span class="chip">archived</span>`}
    </td><td data-name="description" dir="auto">
    ${one.description || html`<span class="faint">–</span>`}</td>
    <td data-name="schema">${
      one.has_schema ? "checked" : html`<span class="faint">none</span>`
    }</td>
    <td><button type="button" class="small" onClick=${() => setOpen(one.type)}>Open</button></td>
    </tr>`,
    )}</tbody></table></div><${More} list=${list} />`}<//></section>
    ${open && html`<${Type} tenant=${tenant} type=${open} onClose=${() => setOpen("")} />`}`;
}

/** @param {{tenant: string, type: string, onClose: () => void}} given */
function Type({ tenant, type, onClose }) {
  const data = useData(
    (signal) => get(of(tenant, "event-types", type), undefined, { signal, exact: true }),
    [type],
  );
  const heard = useList(
    (cursor, signal) =>
      get(of(tenant, "webhooks"), { event_type: type, limit: 50, cursor }, { signal }),
    [type],
  );
  return html`<${Dialog} title=${type} wide onClose=${onClose}>
    <${Await} data=${data}>${(
      /** @type {Api.EventType} */ value,
    ) => html`<p dir="auto">${value.description}</p>
    <h3>Who subscribes</h3><p>${
      heard.items.map((one) => one.name).join(", ") ||
      html`<span class="faint">${
        heard.value === undefined
          ? (heard.error?.message ?? "…")
          : heard.cursor
            ? "none so far"
            : "nobody"
      }</span>`
    }</p>${heard.cursor && html`<${More} list=${heard} />`}
    ${
      value.example !== null &&
      value.example !== undefined &&
      html`<${Block} label="Example" text=${pretty(value.example)} />`
    }
    ${Boolean(value.schema) && html`<${Block} label="Schema" text=${pretty(value.schema)} />`}`}<//><//>`;
}

/**
 * Adds the types of a file as the stack ships them; what the tenant describes already stays.
 * @param {{tenant: string, onLoaded: () => unknown}} given
 */
function Load({ tenant, onLoaded }) {
  const file = useRef(/** @type {HTMLInputElement | null} */ (null));
  const act = useAct();
  const load = (/** @type {File | undefined} */ chosen) =>
    act.run(async () => {
      if (!chosen) return;
      const types = typesIn(await chosen.text());
      const at = of(tenant, "event-types");
      const known = new Set((await all(at, { quiet: true })).items.map((one) => one.type));
      const further = types.filter((one) => !known.has(one.type));
      for (const { type, ...described } of further)
        await put(of(tenant, "event-types", type), described);
      tell(`${further.length} added, ${types.length - further.length} were there`);
      await onLoaded();
    });
  return html`<button type="button" disabled=${act.busy}
      onClick=${() => file.current?.click()}>Load a catalogue …</button>
    <input type="file" hidden ref=${file} accept="application/json,.json" aria-label="A catalogue"
      onChange=${async (e) => {
        const field = e.currentTarget;
        await load(field.files?.[0]);
        field.value = "";
      }} />
    <${ProblemBox} problem=${act.problem} />`;
}

/** @param {string} text @returns {{type: string}[]} */
function typesIn(text) {
  let found;
  try {
    found = exactly(text);
  } catch (/** @type {any} */ error) {
    throw new Error(`The file is not JSON: ${error.message}`);
  }
  if (!Array.isArray(found?.event_types)) throw new Error("The file has no list event_types");
  return found.event_types;
}
