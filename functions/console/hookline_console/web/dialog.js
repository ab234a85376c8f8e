/** What is asked above a screen: focus stays in it until it is answered. */

import { ProblemBox } from "./ui.js";
import { html, useLayoutEffect, useRef } from "./vendor/htm-preact.js";

/**
 * A dialog of the platform: focus stays in it, Escape closes it.
 * @param {{title: string, onClose: () => void, children?: Shown, wide?: boolean}} given
 */
export function Dialog({ title, onClose, children, wide = false }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  // Open as soon as it is there: an Escape in between would find nothing to close.
  useLayoutEffect(() => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    box.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return html`<dialog ref=${box} class=${wide ? "wide" : ""} aria-label=${title} onClose=${onClose}
    onCancel=${onClose}>
    <header><h2>${title}</h2><button type="button" class="plain" aria-label="Close"
      onClick=${onClose}>×</button></header>
    <div class="inside">${children}</div></dialog>`;
}

/**
 * Asks before what cannot be taken back.
 * @param {{title: string, children?: Shown, yes: () => void, danger?: boolean, act: Act, onClose: () => void}} given
 */
export function Confirm({ title, children, yes, danger = false, act, onClose }) {
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <div>${children}</div><${ProblemBox} problem=${act.problem} />
    <footer><button type="button" onClick=${onClose}>Back</button>
      <button type="button" class=${danger ? "danger" : "primary"} disabled=${act.busy}
        onClick=${yes}>${act.busy ? "…" : title}</button></footer><//>`;
}
