/** Where a template or a filter is written. */

import { html, useRef } from "../vendor/htm-preact.js";

/** @typedef {{line: number, column: number}} Place */

/**
 * A plain text area that puts the cursor where an error is.
 * @param {{text: string, onText: (text: string) => void, at: Place | null, label: string, low?: boolean}} given
 */
export function Editor({ text, onText, at, label, low = false }) {
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const show = () => {
    if (!at) return;
    const start = offsetOf(text, at);
    box.current?.focus();
    box.current?.setSelectionRange(start, start + 1);
  };
  return html`<textarea ref=${box} class=${low ? "low" : ""} aria-label=${label} spellcheck="false"
    value=${text} onInput=${(e) => onText(e.currentTarget.value)}></textarea>
    ${
      at &&
      html`<button type="button" class="link"
    onClick=${show}>Show line ${at.line}, column ${at.column}</button>`
    }`;
}

/** @param {Act["problem"]} problem @returns {Place | null} */
export function placeOf(problem) {
  const said = [problem?.message, ...(problem?.errors ?? []).map((one) => one.message)].join(" ");
  const found = /line (\d+),? column (\d+)/.exec(said) ?? /()(?:position|column) (\d+)/.exec(said);
  return found ? { line: Number(found[1] || 1), column: Number(found[2]) } : null;
}

/** @param {string} text @param {Place} at */
const offsetOf = (text, at) =>
  text
    .split("\n")
    .slice(0, at.line - 1)
    .reduce((n, one) => n + one.length + 1, 0) + Math.max(0, at.column - 1);
