/** Screen 8, second half: who may do what, keys, owner links, the catalogue, what the stack allows. */

import { get, of, post, remove } from "../api.js";
import { useAct, useData, useList, useNow } from "../data.js";
import { Confirm, Dialog } from "../dialog.js";
import { has } from "../format.js";
import { filtering } from "../router.js";
import { tell } from "../toasts.js";
import {
  Await,
  Block,
  Empty,
  Field,
  More,
  Page,
  ProblemBox,
  Search,
  Select,
  Tabs,
  Time,
} from "../ui.js";
import { html, useState } from "../vendor/htm-preact.js";
import { Catalogue } from "./catalogue.js";
import { Stack } from "./stack.js";

/** @param {Given} given */
export default function Access(given) {
  const tab = ["catalogue", "stack"].includes(given.query.tab) ? given.query.tab : "principals";
  return html`<${Page} title="Access"
    sub="Principals, their keys and links; the catalogue of events; what this stack allows.">
    <${Tabs} of=${[
      ["principals", "Principals"],
      ["catalogue", "Event catalogue"],
      given.me.global_admin && ["stack", "Stack"],
    ].filter(Boolean)} at=${tab}
    to=${filtering("tab")} />
    ${tab === "principals" && html`<${Principals} ...${given} />`}
      ${tab === "catalogue" && html`<${Catalogue} ...${given} />`}
      ${tab === "stack" && html`<${Stack} />`}<//>`;
}

/** @param {Given} given */
function Principals({ tenant, may, query }) {
  const list = useList(
    (cursor, signal) => get(of(tenant, "principals"), { limit: 50, cursor }, { signal }),
    [tenant],
  );
  const [asked, setAsked] = useState(
    /** @type {{what: "keys" | "link", one: Api.Principal} | null} */ (null),
  );
  const [name, setName] = useState("");
  const [level, setLevel] = useState("");
  const act = useAct();
  const create = (/** @type {Event} */ event) => {
    event.preventDefault();
    act.run(async () => {
      await post(of(tenant, "principals"), { name, ...(level ? { level } : {}) });
      setName("");
      await list.reload(true);
    });
  };
  return html`${
    may.admin &&
    html`<form class="filters" onSubmit=${create}>
    <input aria-label="Name of a new principal" placeholder="new principal: name" value=${name}
    onInput=${(e) => setName(e.currentTarget.value)} />
    <${Select} label="Level" any="no level in the tenant" value=${level}
    options=${["read", "write", "admin"]} onChange=${setLevel} />
    <button disabled=${!name || act.busy}>Add</button></form>`
  }
    <div class="filters" role="search"><${Search} label="Name or level" value=${query.q}
      onSearch=${filtering("q")} /></div>
    <${ProblemBox} problem=${act.problem} />
    <section class="card flush"><${Await} data=${list} empty=${html`<${Empty}
      title="No principal yet">Programs and people each get their own, with keys that can be taken back.<//>`}>
      ${() => html`<div class="scroll"><table class="cards">
      <thead><tr><th>Principal</th><th>Level</th><th>Default for webhooks</th><th></th></tr></thead>
      <tbody>${list.items.map(
        (one) =>
          has(query.q, one.name, one.id, one.level) &&
          html`<tr key=${one.id}>
      <td class="lead">${one.name}<p class="sub faint mono">${one.id}</p></td>
      <td data-name="level">${
        one.global_admin ? "global admin" : (one.level ?? html`<span class="faint">none</span>`)
      }</td>
      <td data-name="default for webhooks">${
        one.default_webhook_level ?? html`<span class="faint">none</span>`
      }</td>
      <td>${
        may.admin &&
        html`<span class="bar"><button type="button" class="small"
        onClick=${() => setAsked({ what: "keys", one })}>Keys</button>
        <button type="button" class="small" onClick=${() =>
          setAsked({ what: "link", one })}>Owner link</button></span>`
      }</td></tr>`,
      )}</tbody></table></div>
        <${More} list=${list} />`}<//></section>
    ${
      asked?.what === "keys" &&
      html`<${Keys} tenant=${tenant} one=${asked.one}
      onClose=${() => setAsked(null)} />`
    }${
      asked?.what === "link" &&
      html`<${OwnerLink} tenant=${tenant} one=${asked.one} onClose=${() => setAsked(null)} />`
    }`;
}

/** @param {{tenant: string, one: Api.Principal, onClose: () => void}} given */
function Keys({ tenant, one, onClose }) {
  const at = of(tenant, "principals", one.id, "keys");
  const now = useNow(30);
  const keys = useData((signal) => get(at, undefined, { signal }), [one.id]);
  const [made, setMade] = useState(/** @type {{key: string} | null} */ (null));
  const [asked, setAsked] = useState("");
  const act = useAct();
  const issue = () =>
    act.run(async () => {
      setMade(await post(at));
      await keys.reload(true);
    });
  const revoke = () =>
    act.run(async () => {
      await remove(of(tenant, "principals", one.id, "keys", asked));
      setAsked("");
      tell("Revoked: it stops working within a minute");
      await keys.reload(true);
    });
  return html`<${Dialog} title=${`Keys of ${one.name}`} wide onClose=${onClose}>
    ${
      made &&
      html`<p class="notice ok">Copy it now: it is not shown again.</p>
    <${Block} label="Key" text=${made.key} />`
    }<${ProblemBox} problem=${act.problem} />
    <${Await} data=${keys} rows=${2} empty=${html`<p class="faint">No key yet.</p>`}>
      ${(
        /** @type {Api.Page<Api.Key>} */ value,
      ) => html`<table class="cards"><thead><tr><th>Key</th><th>Last used</th><th>Expires</th><th></th>
      </tr></thead><tbody>${value.items.map(
        (key) => html`<tr key=${key.id}>
      <td class="lead mono">hl_${key.id}_…</td>
      <td data-name="last used"><${Time} at=${key.last_used_at} ago now=${now} /></td>
      <td data-name="expires"><${Time} at=${key.expires_at} /></td>
      <td><button type="button" class="small danger"
      onClick=${() => setAsked(key.id)}>Revoke</button></td></tr>`,
      )}</tbody></table>`}<//>
    <footer><button type="button" class="primary" disabled=${act.busy}
      onClick=${issue}>Issue a key</button></footer>
      ${
        asked &&
        html`<${Confirm} title="Revoke" danger act=${act} yes=${revoke}
      onClose=${() => setAsked("")}><p>Whoever uses this key is refused within a minute.</p><//>`
      }
      <//>`;
}

const TIMES = [
  ["3600", "an hour"],
  ["86400", "a day"],
  ["604800", "a week"],
];

/** A picture as an address of its own. @param {File} file @returns {Promise<string>} */
const addressOf = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

/**
 * A link opens the console as this principal, with its rights of the moment, until it ends.
 * @param {{tenant: string, one: Api.Principal, onClose: () => void}} given
 */
function OwnerLink({ tenant, one, onClose }) {
  const at = of(tenant, "principals", one.id, "sessions");
  const [seconds, setSeconds] = useState("86400");
  const [look, setLook] = useState({ name: "", logo: "", colour: "" });
  const [made, setMade] = useState(/** @type {{url: string, expires_at: string} | null} */ (null));
  const act = useAct();
  const create = () =>
    act.run(async () =>
      setMade(
        await post(at, {
          expires_in_seconds: Number(seconds),
          ...Object.fromEntries(Object.entries(look).filter(([, value]) => value)),
        }),
      ),
    );
  const end = () =>
    act.run(async () => {
      await remove(at);
      setMade(null);
      tell("Every link of this principal ends within a minute");
    });
  return html`<${Dialog} title=${`Owner link for ${one.name}`} onClose=${onClose}>
    <p>Whoever has the link sees and does what <b>${one.name}
    </b> may, and nothing else. It makes no keys and no further links.</p>
    ${
      made
        ? html`<p class="notice ok">Good until <${Time} at=${made.expires_at}
      />. The address holds the session: give it to one person.</p>
      <${Block} label="Link" text=${made.url} />`
        : html`<${Field} label="Good for"><${Select} label="Good for" any=${null} value=${seconds}
      options=${TIMES} onChange=${setSeconds} /><//>
      <${Field} label="Name shown (optional)" problem=${act.problem?.of?.("name")}>
      <input value=${look.name} onInput=${(e) => setLook({ ...look, name: e.currentTarget.value })}
      /><//>
      <div class="two"><${Field} label="Logo (optional)" hint="PNG, JPEG, WebP or SVG, at most 2.9 kB"
        problem=${act.problem?.of?.("logo")}>
        <input type="file" accept="image/png,image/jpeg,image/webp,image/svg+xml"
        onChange=${async (e) => {
          const file = e.currentTarget.files?.[0];
          const logo = file ? await addressOf(file) : "";
          setLook((old) => ({ ...old, logo }));
        }} /><//>
      <${Field} label="Colour (optional)" problem=${act.problem?.of?.("colour")}>
        <input placeholder="#2255cc" value=${look.colour}
        onInput=${(e) => setLook({ ...look, colour: e.currentTarget.value.trim() })} /><//></div>`
    }
    <${ProblemBox} problem=${act.problem} /><footer><button type="button" class="danger"
      disabled=${act.busy} onClick=${end}>End all its links</button>
      ${
        !made &&
        html`<button type="button" class="primary" disabled=${act.busy}
      onClick=${create}>Make the link</button>`
      }</footer><//>`;
}
