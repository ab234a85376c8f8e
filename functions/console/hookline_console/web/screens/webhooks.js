/** Screen 2: the table of webhooks; one webhook and one delivery open below it. */

import { get, of, patch, post, remove } from "../api.js";
import { useAct, useList, useNow } from "../data.js";
import { Confirm } from "../dialog.js";
import { hostOf, percent } from "../format.js";
import { Sparkline } from "../plots.js";
import { filter, filtering, Link, path } from "../router.js";
import { tell } from "../toasts.js";
import { Await, Empty, More, Page, ProblemBox, Search, Select, Status, Time } from "../ui.js";
import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { mayAdmin, mayWrite, stateOf } from "./standing.js";

/** @param {Given} given */
export default function Webhooks(given) {
  const { parts } = given;
  const [inner, setInner] = useState(
    /** @type {{wanted: string, part: (given: any) => unknown} | null} */ (null),
  );
  const wanted =
    parts[0] === "new"
      ? "webhook_form"
      : parts[1] === "deliveries" && parts[2]
        ? "delivery"
        : parts[0]
          ? "webhook"
          : null;
  useEffect(() => {
    const modules = {
      webhook: () => import("./webhook.js"),
      webhook_form: () => import("./webhook_form.js"),
      delivery: () => import("./delivery.js"),
    };
    if (wanted) modules[wanted]().then((module) => setInner({ wanted, part: module.default }));
  }, [wanted]);
  if (!wanted) return html`<${Table} ...${given} />`;
  if (inner?.wanted !== wanted)
    return html`<div class="skeleton" role="status"
    aria-label="Loading"><i></i><i></i></div>`;
  const Part = inner.part;
  return html`<${Part} key=${parts.join("/")} ...${given} id=${parts[0]} delivery=${parts[2]} />`;
}

/** @param {Given} given */
function Table({ tenant, may, query }) {
  const now = useNow(30);
  const [ticked, setTicked] = useState(/** @type {Set<string>} */ (new Set()));
  const [asked, setAsked] = useState("");
  const act = useAct();
  const list = useList(
    (cursor, signal) =>
      get(
        of(tenant, "webhooks"),
        {
          q: query.q,
          state: query.state,
          event_type: query.event_type,
          include: "stats",
          limit: 50,
          cursor,
        },
        { signal },
      ),
    [tenant, query.q, query.state, query.event_type],
    { every: 60 },
  );
  const filtered = query.q || query.state || query.event_type;
  const chosen = list.items.filter((hook) => ticked.has(hook.id));
  /** @type {(word: string, one: (hook: Api.WebhookItem) => Promise<unknown>) => void} */
  const doAll = (word, one) =>
    act.run(async () => {
      for (const hook of chosen) await one(hook);
      tell(`${chosen.length} ${word}`);
      setTicked(new Set());
      setAsked("");
      await list.reload(true);
    });
  const tick = (/** @type {string} */ id) =>
    setTicked((old) =>
      old.has(id) ? new Set([...old].filter((one) => one !== id)) : new Set([...old, id]),
    );
  const writable = chosen.every((hook) => mayWrite(hook, may));
  return html`<${Page} title="Webhooks" sub="Where calls go, and how their endpoints are doing."
    actions=${
      may.write &&
      html`<${Link} class="button primary"
    to=${path("t", tenant, "webhooks", "new")}>New webhook<//>`
    }>
    <div class="filters" role="search">
      <${Search} label="Name or address" value=${query.q} onSearch=${filtering("q")} />
      <${Select} label="State" any="any state" value=${query.state}
        options=${[
          ["healthy", "healthy"],
          ["failing", "failing"],
          ["open", "circuit open"],
          ["off", "switched off"],
        ]} onChange=${filtering("state")} />
      <${Search} label="Event type" value=${query.event_type}
        onSearch=${filtering("event_type")} />
      ${
        chosen.length > 0 &&
        html`<span class="bar"><b>${chosen.length} chosen</b>
        ${
          writable &&
          html`<button type="button" disabled=${act.busy}
          onClick=${() =>
            doAll("switched on", (hook) =>
              patch(of(tenant, "webhooks", hook.id), { enabled: true }),
            )}>Switch on</button>
        <button type="button" disabled=${act.busy}
          onClick=${() =>
            doAll("switched off", (hook) =>
              patch(of(tenant, "webhooks", hook.id), { enabled: false }),
            )}>Switch off</button>
        <button type="button" disabled=${act.busy}
          onClick=${() =>
            doAll("tests sent", (hook) =>
              post(of(tenant, "webhooks", hook.id, "test")),
            )}>Test</button>`
        }
        ${
          may.write &&
          chosen.length === 1 &&
          html`<${Link} class="button"
          to=${`${path("t", tenant, "webhooks", "new")}?from=${chosen[0].id}`}>Duplicate<//>`
        }
        ${
          chosen.every((hook) => mayAdmin(hook, may)) &&
          html`<button type="button" class="danger"
          onClick=${() => setAsked("delete")}>Delete …</button>`
        }</span>`
      }
    </div>
    ${!asked && html`<${ProblemBox} problem=${act.problem} />`}
    <section class="card flush"><${Await} data=${list} empty=${
      filtered
        ? html`<${Empty} title="No webhook matches">
      <button type="button" onClick=${() =>
        filter({ q: "", state: "", event_type: "" })}>Clear the filters</button><//>`
        : html`<${Empty} title="No webhook yet">
      ${
        may.write
          ? html`A webhook is an address that is called when an event of yours happens. <${Link}
      to=${path("t", tenant, "webhooks", "new")}>Create the first one<//>.`
          : "None that this key may see."
      }<//>`
    }>${() => html`
      <div class="scroll"><table class="cards"><thead><tr>
        <th class="tick"><span class="visually-hidden">Choose</span></th><th>Webhook</th>
        <th>State</th><th>Events</th><th class="num">Delivered</th><th>24 hours</th><th>Last success</th>
        <th>Last failure</th><th>Next attempt</th></tr></thead>
      <tbody>${list.items.map(
        (hook) => html`<tr key=${hook.id}>
        <td class="tick"><input type="checkbox" aria-label=${`Choose ${hook.name}`}
          checked=${ticked.has(hook.id)} onChange=${() => tick(hook.id)} /></td>
        <td class="lead"><${Link} to=${path("t", tenant, "webhooks", hook.id)}>${hook.name}<//>
          <p class="sub faint cut" dir="auto">${hook.method === "POST" ? "" : `${hook.method} `}
          ${hostOf(hook.url)}</p></td>
        <td data-name="state"><span class="keep"><${Status} of=${stateOf(hook)} />
          ${
            hook.health.consecutive_failures > 0 && hook.enabled
              ? html` <span class="faint">${hook.health.consecutive_failures} in a row</span>`
              : null
          }${
            hook.health.since &&
            html`<p class="sub faint">since <${Time} at=${hook.health.since} /></p>`
          }
          </span></td>
        <td data-name="events"><span class="chips">${hook.events
          .slice(0, 3)
          .map((one) => html`<span class="chip" key=${one}>${one}</span>`)}
          ${hook.events.length > 3 && html`<span class="faint">+${hook.events.length - 3}</span>`}
          </span></td>
        <td class="num" data-name="delivered, 24 h">${percent(hook.success_rate_24h)}</td>
        <td data-name="24 hours"><${Sparkline} series=${hook.series} /></td>
        <td data-name="last success"><${Time} at=${hook.health.last_success_at} ago now=${now} />
          </td>
        <td data-name="last failure"><${Time} at=${hook.health.last_failure_at} ago now=${now} />
          </td>
        <td data-name="next attempt"><${Time} next now=${now}
          at=${hook.health.next_probe_at ?? hook.next_attempt_at} /></td></tr>`,
      )}</tbody></table></div>
      <${More} list=${list} />`}<//></section>
    ${
      asked === "delete" &&
      html`<${Confirm} title="Delete" danger act=${act}
      onClose=${() => setAsked("")} yes=${() =>
        doAll("deleted", (hook) => remove(of(tenant, "webhooks", hook.id)))}>
      <p>Delete ${chosen.map((hook) => hook.name).join(", ")}? Deliveries that wait are cancelled. The logs stay readable until they expire.</p>
        <//>`
    }<//>`;
}
