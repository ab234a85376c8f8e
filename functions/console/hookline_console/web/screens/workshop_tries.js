/** What a template or filter makes of real events, beside what the webhook as it is saved makes of them. */

import { Card, Status } from "../ui.js";
import { html } from "../vendor/htm-preact.js";

/** @typedef {{word: string, text: string | undefined}} Outcome */
/** @typedef {{one: {id: string, type: string}, now: Outcome | null, saved: Outcome | null}} Try */

/** @type {Record<string, string>} */
const KINDS = {
  called: "success",
  "not called": "off",
  valid: "success",
  invalid: "failed",
  failed: "failed",
};

/** @param {{of: Try[], what: string}} given */
export function Tries({ of: tries, what }) {
  const compared = tries.some((each) => each.saved);
  const changed = tries.filter(differs).length;
  return html`<${Card} title="On real events" kind="flush" aside=${
    compared && (changed ? `${changed} of ${tries.length} would change` : "nothing would change")
  }>
    <div class="scroll"><table class="cards"><thead><tr><th>Event</th><th>Outcome</th>
    <th>${what}</th>${compared && html`<th>As it is saved</th>`}</tr></thead>
    <tbody>${tries.map(
      (each) => html`<tr key=${each.one.id}>
      <td class="lead">${each.one.type} <span class="faint mono">${each.one.id.slice(-8)}</span></td>
      <td data-name="outcome">${each.now && html`<${Word} of=${each.now} />`}</td>
      <td data-name="result"><code class="cut wide">${each.now?.text}</code></td>
      ${
        compared &&
        html`<td data-name="as it is saved">${
          differs(each) && each.saved
            ? html`<${Word} of=${each.saved} /> <code class="cut wide">${each.saved.text}</code>`
            : html`<span class="faint">the same</span>`
        }</td>`
      }</tr>`,
    )}</tbody></table></div><//>`;
}

/** @param {Try} each */
const differs = ({ now, saved }) =>
  Boolean(saved && (now?.word !== saved.word || now?.text !== saved.text));

/** @param {{of: Outcome}} given */
function Word({ of: { word } }) {
  return html`<${Status} of=${KINDS[word]}>${word}<//>`;
}
