/** What this stack is set to, and what it watches. */

import { get } from "../api.js";
import { useData } from "../data.js";
import { count } from "../format.js";
import { Await, Card, Empty, Facts, Status, Time } from "../ui.js";
import { html } from "../vendor/htm-preact.js";

export function Stack() {
  const data = useData((signal) => get("/v1/operations", undefined, { signal }), []);
  return html`<${Await} data=${data}>${(
    /** @type {Api.Operations} */ value,
  ) => html`<div class="grid">
    <${Card} title="Settings"><${Facts} of=${[
      ["Version", value.version],
      ...Object.entries(value.settings).map(([name, one]) => [
        (name[0].toUpperCase() + name.slice(1)).replaceAll("_", " "),
        said(one),
      ]),
    ]} /><//>
    <${Card} title="Alarms" kind="flush">${
      value.alarms.length
        ? html`<table class="cards"><thead><tr><th>Alarm</th><th>State</th><th>Since</th></tr></thead>
      <tbody>${value.alarms.map(
        (one) => html`<tr key=${one.name}>
      <td class="lead">${one.name}</td><td data-name="state"><${Status} of=${one.state} /></td>
      <td data-name="since"><${Time} at=${one.since} /></td></tr>`,
      )}</tbody></table>`
        : html`<${Empty} title="No alarm">This stack was deployed without any.<//>`
    }<//></div>`}
      <//>`;
}

/** A setting as a person says it. @param {string | number | boolean | string[] | null} value */
function said(value) {
  if (Array.isArray(value)) return value.join(", ") || "none";
  if (typeof value === "number") return count(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value ?? "none";
}
