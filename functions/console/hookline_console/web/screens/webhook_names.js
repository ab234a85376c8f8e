/** Webhooks by their names, where a tenant may have more of them than one page holds. */

import { get, of } from "../api.js";
import { useData } from "../data.js";
import { Search, Select } from "../ui.js";
import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";

/**
 * What a webhook is called, by its id, which stands in for what is not known (yet, or any more).
 * @param {string} tenant @param {string[]} ids those that are shown
 */
export function useNames(tenant, ids) {
  const some = useData(
    (signal) =>
      ids.length
        ? get(of(tenant, "webhooks"), { limit: 100 }, { signal, quiet: true })
        : Promise.resolve(undefined),
    [tenant, ids.length > 0],
  );
  const [further, setFurther] = useState(/** @type {Record<string, string>} */ ({}));
  const known = { ...further };
  for (const one of some.value?.items ?? []) known[one.id] = one.name;
  const asked = useRef(/** @type {Set<string>} */ (new Set()));
  useEffect(() => {
    if (!some.value) return;
    for (const id of ids) {
      if (id in known || asked.current.has(id)) continue;
      asked.current.add(id);
      get(of(tenant, "webhooks", id), undefined, { quiet: true }).then(
        (one) => setFurther((old) => ({ ...old, [id]: one.name })),
        () => {}, // deleted, most likely: its id has to do
      );
    }
  }, [some.value, ids.join()]);
  return (/** @type {string} */ id) => known[id] ?? id;
}

/**
 * One of the tenant's webhooks; with a search where a list would be too long to choose from.
 * @param {{tenant: string, any: string, value: string | undefined, name?: string, onChange: (id: string) => void}} given
 */
export function PickWebhook({ tenant, any, value, name, onChange }) {
  const [q, setQ] = useState("");
  const found = useData(
    (signal) => get(of(tenant, "webhooks"), { q, limit: 100 }, { signal, quiet: true }),
    [tenant, q],
  );
  /** @type {[id: string, name: string][]} */
  const options = (found.value?.items ?? []).map((one) => [one.id, one.name]);
  if (value && !options.some(([id]) => id === value)) options.unshift([value, name ?? value]);
  return html`<${Select} label="Webhook" any=${any} value=${value} options=${options}
    onChange=${onChange} />
    ${
      (q || found.value?.next_cursor) &&
      html`<${Search} label="Find a webhook" value=${q} onSearch=${setQ} />
      <span class="faint" role="status">${
        found.value?.next_cursor ? `the first ${found.value.items.length}` : `${options.length}`
      } to choose from</span>`
    }`;
}
