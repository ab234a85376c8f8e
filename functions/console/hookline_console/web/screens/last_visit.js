/** What changed since somebody was here last: who is in trouble now, and who no longer is. */

import { Link, path } from "../router.js";
import { Status, Time } from "../ui.js";
import { html, useEffect, useState } from "../vendor/htm-preact.js";

/**
 * One visit lasts as long as its tab. Ids and states are kept, and no names.
 * @param {string} tenant
 */
function before(tenant) {
  const name = `hookline.visit.${tenant}`;
  if (sessionStorage.getItem(name) === null)
    sessionStorage.setItem(name, localStorage.getItem(name) ?? "");
  const kept = sessionStorage.getItem(name);
  /** @typedef {{at: string, all: number, stands: Record<string, string>}} Visit */
  return kept ? /** @type {Visit} */ (JSON.parse(kept)) : null;
}

/** @param {{tenant: string, ill: Api.WebhookItem[], states: Api.TenantStats["webhooks"], now: number}} given `ill` may not be all of them */
export function LastVisit({ tenant, ill, states, now }) {
  const [last] = useState(() => before(tenant));
  const all = Object.values(states).reduce((sum, n) => sum + n, 0);
  const stands = Object.fromEntries(ill.map((hook) => [hook.id, hook.health.state]));
  useEffect(() => {
    const kept = { at: new Date().toISOString(), all, stands };
    localStorage.setItem(`hookline.visit.${tenant}`, JSON.stringify(kept));
  }, [ill]);
  if (!last) return null;
  const fell = ill.filter((hook) => last.stands[hook.id] !== hook.health.state);
  const complete = ill.length === states.open + states.failing;
  const well = complete ? Object.keys(last.stands).filter((id) => !stands[id]).length : 0;
  const more = all - last.all;
  const told = [
    ...fell.map(
      (
        hook,
      ) => html`<${Link} to=${path("t", tenant, "webhooks", hook.id)}>${hook.name}<//> <${Status}
        of=${hook.health.state} />`,
    ),
    well > 0 && `${well} no longer in trouble`,
    more !== 0 &&
      `${Math.abs(more)} webhook${Math.abs(more) > 1 ? "s" : ""} ${more > 0 ? "more" : "fewer"}`,
  ].filter(Boolean);
  return html`<p class=${`notice ${fell.length ? "wait" : ""}`}>
    Since your last visit, <${Time} at=${last.at} ago now=${now} />:
    ${told.length ? told.map((one, i) => html`${i ? ", " : " "}${one}`) : " nothing changed"}.
    <${Link} to=${`${path("t", tenant, "deliveries")}?status=failed&since=${last.at}`}>What failed
    since<//></p>`;
}
