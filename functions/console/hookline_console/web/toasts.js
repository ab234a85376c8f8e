/** What has just happened, told in a corner for a while. */

import { html, useEffect, useState } from "./vendor/htm-preact.js";

/** @typedef {{text: string, kind: string, at: number}} Told */
/** @type {(what: Told) => void} */
let told = () => {};
/** @param {string} text @param {"ok" | "bad"} [kind] */
export const tell = (text, kind = "ok") => told({ text, kind, at: Date.now() });

/** What has just happened, for eyes and for screen readers. */
export function Toasts() {
  const [one, setOne] = useState(/** @type {Told | null} */ (null));
  useEffect(() => {
    told = setOne;
  }, []);
  useEffect(() => {
    if (!one) return undefined;
    const timer = setTimeout(() => setOne(null), 6000);
    return () => clearTimeout(timer);
  }, [one]);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${one && html`<p class=${one.kind}>${one.text}</p>`}</div>`;
}
