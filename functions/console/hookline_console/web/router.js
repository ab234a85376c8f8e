/** Addresses: one for each screen with its filters in it, so that back, forward and reload work. */

import { html, useEffect, useState } from "./vendor/htm-preact.js";

export const BASE = "/console";

/** @type {Set<() => void>} */
const listeners = new Set();
const tellAll = () => {
  for (const one of listeners) one();
};
addEventListener("popstate", tellAll);

/** Where we are: path below the console, and the query. */
export function here() {
  const path = location.pathname.slice(BASE.length).replace(/^\/+|\/+$/g, "");
  return {
    path,
    parts: path ? path.split("/").map(decoded) : [],
    query: Object.fromEntries(new URLSearchParams(location.search)),
  };
}

/** What is no escape stays as somebody typed it. @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param {string} to a path below the console, with its query @param {{replace?: boolean}} [how] */
export function go(to, how = {}) {
  history[how.replace ? "replaceState" : "pushState"](null, "", href(to));
  tellAll();
}

/** @param {string} to */
export const href = (to) => `${BASE}/${to.replace(/^\/+/, "")}`;

/** Segments to a path, each escaped. @param {...string} parts */
export const path = (...parts) => parts.map(encodeURIComponent).join("/");

export function useLocation() {
  const [at, setAt] = useState(here);
  useEffect(() => {
    const one = () => setAt(here());
    listeners.add(one);
    return () => void listeners.delete(one);
  }, []);
  return at;
}

/**
 * Changes filters in the address, without a step in the history.
 * @param {Record<string, string | null | undefined>} changes
 */
export function filter(changes) {
  const at = here();
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...at.query, ...changes }))
    if (value !== "" && value !== null && value !== undefined) query.set(name, value);
  const text = query.toString();
  go(at.path + (text ? `?${text}` : ""), { replace: true });
}

/** What a field that stands for a filter does when it changes. @param {string} name */
export const filtering = (name) => (/** @type {string} */ value) => filter({ [name]: value });

/** @param {{to: string, children?: Shown, [name: string]: unknown}} given */
export function Link({ to, children, ...rest }) {
  const follow = (/** @type {MouseEvent} */ event) => {
    if (
      event.defaultPrevented ||
      event.button ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    event.preventDefault();
    go(to);
  };
  return html`<a href=${href(to)} onClick=${follow} ...${rest}>${children}</a>`;
}
