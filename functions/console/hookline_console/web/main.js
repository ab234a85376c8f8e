/** The shell: who is here, which tenant, which screen. Screens are loaded when they are opened. */

import * as api from "./api.js";
import { Dialog } from "./dialog.js";
import {
  Choice,
  ENDED,
  fromAddress,
  icon,
  Login,
  linkInAddress,
  SESSION,
  take,
} from "./entrance.js";
import { go, Link, path, useLocation } from "./router.js";
import { Toasts } from "./toasts.js";
import { Copy, ProblemBox, Select, Time } from "./ui.js";
import { html, render, useEffect, useState } from "./vendor/htm-preact.js";

/** @typedef {import("./vendor/htm-preact.js").Node} Node */
/** @typedef {ReturnType<typeof useLocation>} At */
/** @typedef {(given: any) => Node} Component */

/** @type {Record<string, [label: string, icon: string, load: () => Promise<{default: Component}>]>} */
const SCREENS = {
  // @ts-expect-error -- an address may name anything: `constructor` is no screen
  __proto__: null,
  health: ["Health", "M3 12h4l2-6 4 12 2-6h6", () => import("./screens/health.js")],
  webhooks: [
    "Webhooks",
    "M9 17H7A5 5 0 0 1 7 7h2m6 0h2a5 5 0 0 1 0 10h-2M8 12h8",
    () => import("./screens/webhooks.js"),
  ],
  deliveries: [
    "Deliveries",
    "M22 2 11 13M22 2l-7 20-4-9-9-4z",
    () => import("./screens/deliveries.js"),
  ],
  events: ["Events", "M13 2 3 14h9l-1 8 10-12h-9z", () => import("./screens/events.js")],
  workshop: [
    "Workshop",
    "m8 6-6 6 6 6m8-12 6 6-6 6M14 4l-4 16",
    () => import("./screens/workshop.js"),
  ],
  inbound: ["Inbound", "M12 3v12m-5-5 5 5 5-5M4 21h16", () => import("./screens/inbound.js")],
  access: [
    "Access",
    "M12 11V8a4 4 0 1 0-8 0v3m-1 0h10v10H3zM17 8l4 4-4 4",
    () => import("./screens/access.js"),
  ],
  help: [
    "Did not arrive?",
    "M9 9a3 3 0 1 1 4 2.800c-.700.300-1 .800-1 1.700M12 17.500v.1M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20",
    () => import("./screens/help.js"),
  ],
};

/** As many are told of with `GET /v1/me`. */
const MOST_TENANTS = 100;

/** @type {Record<string, Component>} */
const loaded = {};

/** @param {{name: string, [other: string]: unknown}} given */
function Screen({ name, ...rest }) {
  const [, again] = useState(0);
  const [failed, setFailed] = useState(/** @type {api.Problem | null} */ (null));
  useEffect(() => {
    if (loaded[name]) return;
    SCREENS[name][2]().then(
      (module) => {
        loaded[name] = module.default;
        again((n) => n + 1);
      },
      () =>
        setFailed(
          new api.Problem(0, {
            detail: "This part of the console could not be loaded. Reload the page.",
          }),
        ),
    );
  }, [name]);
  const Shown = loaded[name];
  if (failed) return html`<${ProblemBox} problem=${failed} />`;
  return Shown
    ? html`<${Shown} ...${rest} />`
    : html`<div class="skeleton" role="status" aria-label="Loading"><i></i><i></i><i></i></div>`;
}

/** @param {{of: string}} given */
function Icon({ of }) {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${of} /></svg>`;
}

/** The last calls of this page, each as a command. @param {{onClose: () => void}} given */
function Calls({ onClose }) {
  return html`<${Dialog} title="What this page just did" wide onClose=${onClose}>
    <p class="soft">Each call of the public API, as curl. Put your key into <code>HOOKLINE_KEY</code> first.</p>
    ${api.recent.map(
      (one) => html`<figure class="block" key=${one.at.getTime() + one.url}>
      <figcaption><${Time} at=${one.at.toISOString()} /><${Copy} text=${api.curlOf(one)} />
      </figcaption><pre tabindex="0">${api.curlOf(one)}</pre></figure>`,
    )}<//>`;
}

/** @param {{me: Api.Me, at: At, leave: () => void}} given */
function Shell({ me, at, leave }) {
  const tenants = me.tenants;
  const known = at.parts[0] === "t" ? at.parts[1] : null;
  const tenant = known ?? sessionStorage.getItem("hookline.tenant") ?? tenants[0]?.id ?? null;
  const screen = SCREENS[at.parts[2]] ? at.parts[2] : "health";
  const [calls, setCalls] = useState(false);
  useEffect(() => {
    if (tenant) sessionStorage.setItem("hookline.tenant", tenant);
    if (tenant && (!known || !SCREENS[at.parts[2]]))
      go(path("t", tenant, "health"), { replace: true });
    // Where the menu is one row, it scrolls.
    document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [at.path]);
  const level = me.global_admin
    ? "admin"
    : (tenants.find((one) => one.id === tenant)?.level ?? null);
  const may = {
    read: Boolean(level),
    write: level === "write" || level === "admin",
    admin: level === "admin",
    level,
  };
  const owner = !may.read;
  const menu = Object.keys(SCREENS).filter((name) => !owner || ["webhooks", "help"].includes(name));
  const picked = owner && screen === "health" ? "webhooks" : screen;
  const look = me.session;
  useEffect(() => {
    const root = document.documentElement;
    root.classList.toggle("branded", Boolean(look?.colour));
    if (look?.colour) root.style.setProperty("--brand", look.colour);
    return () => root.classList.remove("branded");
  }, [look?.colour]);
  return html`<a class="skip" href="#main">To the content</a>
    <div class="shell">
      <header class="side">
        <${Link} to=${path("t", tenant ?? "", "health")} class="brand">
          <img src=${look?.logo ?? icon()} alt="" /><span>${look?.name ?? "Hookline"}</span><//>
        ${
          tenants.length > 1 &&
          html`<${PickTenant} me=${me} value=${tenant}
          onChange=${(/** @type {string} */ id) => go(path("t", id, picked))} />`
        }
        <nav class="menu" aria-label="Screens">
          ${menu.map(
            (name) => html`<${Link} key=${name} to=${path("t", tenant ?? "", name)}
          aria-current=${name === picked ? "page" : undefined} title=${SCREENS[name][0]}>
          <${Icon} of=${SCREENS[name][1]} /><span>${SCREENS[name][0]}</span><//>`,
          )}
          <a href="/v1/docs" title="API"><${Icon} of="M4 5h16M4 12h10M4 19h16" /><span>API</span>
            </a></nav>
        <div class="who"><span>${api.nameOf(me)} <span
          class="faint">${me.global_admin ? "global admin" : (level ?? "single webhooks")}</span>
          </span>
          ${me.expires_at && html`<span class="faint">until <${Time} at=${me.expires_at} /></span>`}
          <button type="button" class="link" onClick=${() => setCalls(true)}>Show as curl</button>
          <button type="button" class="small" onClick=${leave}>Leave</button></div>
      </header>
      <main class="main" id="main" tabindex="-1">
        ${
          tenant
            ? html`<${Screen} key=${`${picked}/${tenant}`} name=${picked} tenant=${tenant}
        me=${me} may=${may} parts=${at.parts.slice(3)} query=${at.query} />`
            : html`<${NoTenant} me=${me} />`
        }</main>
    </div>${calls && html`<${Calls} onClose=${() => setCalls(false)} />`}<${Toasts} />`;
}

/**
 * With who has very many, their newest are offered, and the others when they are asked for.
 * @param {{me: Api.Me, value: string, onChange: (id: string) => void}} given
 */
function PickTenant({ me, value, onChange }) {
  /** @typedef {{items: {id: string, name: string}[], cursor: string | null | undefined}} Older */
  const [older, setOlder] = useState(/** @type {Older} */ ({ items: [], cursor: null }));
  const options = new Map(
    [...me.tenants, ...older.items].map((one) => [one.id, one.name || one.id]),
  );
  const more = me.tenants.length >= MOST_TENANTS && older.cursor !== undefined;
  const goOn = async () => {
    let { items, cursor } = older;
    do {
      const page = await api.get("/v1/tenants", { limit: 100, cursor }, { quiet: true });
      items = [...items, ...page.items];
      cursor = page.next_cursor ?? undefined;
    } while (cursor && items.every((one) => options.has(one.id)));
    setOlder({ items, cursor });
  };
  if (!options.has(value)) options.set(value, value);
  return html`<${Select} label="Tenant" any=${null} value=${value} options=${[...options]}
      onChange=${onChange} />
    ${more && html`<button type="button" class="link" onClick=${goOn}>More tenants</button>`}`;
}

/** @param {{me: Api.Me}} given */
function NoTenant({ me }) {
  const [id, setId] = useState("");
  const [problem, setProblem] = useState(/** @type {api.Problem | null} */ (null));
  const create = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await api.post("/v1/tenants", { id });
      location.reload();
    } catch (/** @type {any} */ error) {
      setProblem(error);
    }
  };
  if (!me.global_admin)
    return html`<div class="empty"><strong>No tenant to show</strong>
    <div>This key has no right on any tenant. Ask whoever gave it to you.</div></div>`;
  return html`<form class="card login" onSubmit=${create}><h1>The first tenant</h1>
    <p class="soft">Webhooks, events and keys belong to a tenant: a team, a customer, a product.</p>
    <input aria-label="Tenant id" placeholder="acme" value=${id}
      onInput=${(e) => setId(e.currentTarget.value)} />
    <${ProblemBox} problem=${problem} /><button class="primary">Create tenant</button></form>`;
}

function App() {
  const at = useLocation();
  const [me, setMe] = useState(/** @type {Api.Me | null} */ (null));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [ready, setReady] = useState(false);
  const [choice, setChoice] = useState(/** @type {import("./entrance.js").Asked | null} */ (null));
  const leave = (/** @type {string | null} */ why = null) => {
    api.keep(null);
    sessionStorage.removeItem("hookline.tenant");
    setMe(null);
    setProblem(why);
  };
  const enter = async (/** @type {string | null} */ given) => {
    if (given) api.keep(given);
    const used = api.key();
    if (!used) return;
    try {
      setMe(await api.whoIs(used));
      setProblem(null);
    } catch (/** @type {any} */ error) {
      if (error.status !== 401) setProblem(error.message);
      else if (used.startsWith(SESSION)) leave(ENDED);
      else leave("This key is not known, or no longer good.");
    }
  };
  useEffect(() => {
    api.whenUnauthorised(() => leave(ENDED));
    // A link that is pasted over the address of this very page changes its fragment only.
    addEventListener("hashchange", () => linkInAddress() && location.reload());
    fromAddress()
      .then((asked) => (asked ? setChoice(asked) : enter(null)))
      .catch((error) => setProblem(error.message))
      .finally(() => setReady(true));
  }, []);
  const chosen = (/** @type {string | null} */ token) => {
    if (token) take(token);
    setChoice(null);
    enter(null);
  };
  if (!ready) return html`<p class="boot" role="status">Hookline is loading …</p>`;
  if (choice) return html`<${Choice} of=${choice} chosen=${chosen} />`;
  return me
    ? html`<${Shell} me=${me} at=${at} leave=${() => leave()} />`
    : html`<${Login} problem=${problem} enter=${enter} />`;
}

render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
