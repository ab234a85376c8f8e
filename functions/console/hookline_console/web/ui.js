/** The pieces that every screen is made of. */

import { due, exact, relative, time } from "./format.js";
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @typedef {import("./api.js").Problem} Problem */
/** @typedef {false | null | undefined | "" | 0} Nothing */
/** @typedef {[name: string, value: Shown]} Fact */

/** @type {Record<string, [kind: string, word: string]>} */
export const STATUS = {
  success: ["ok", "success"],
  delivered: ["ok", "delivered"],
  healthy: ["ok", "healthy"],
  matched: ["ok", "matched"],
  created: ["wait", "created"],
  retrying: ["wait", "retrying"],
  waiting: ["wait", "waiting"],
  pending: ["wait", "pending"],
  draining: ["wait", "draining"],
  running: ["wait", "running"],
  failing: ["wait", "failing"],
  failed: ["bad", "failed"],
  circuit_open: ["bad", "circuit open"],
  open: ["bad", "circuit open"],
  ALARM: ["bad", "alarm"],
  OK: ["ok", "ok"],
  INSUFFICIENT_DATA: ["off", "no data"],
  cancelled: ["off", "cancelled"],
  disabled: ["off", "off"],
  off: ["off", "off"],
  not_sent: ["off", "not sent"],
  no_function: ["wait", "no function"],
  no_provider: ["off", "no provider"],
};

/**
 * Colour says the kind, the word says which: never colour alone.
 * @param {{of: string, children?: Shown}} given
 */
export function Status({ of, children }) {
  const [kind, word] = STATUS[of] ?? ["off", of];
  return html`<span class=${`status ${kind}`}><i aria-hidden="true"></i>${children ?? word}</span>`;
}

/** @param {{at: string | null | undefined, ago?: boolean, next?: boolean, now?: number}} given */
export function Time({ at, ago = false, next = false, now }) {
  if (!at) return html`<span class="faint none">–</span>`;
  return html`<time datetime=${at} title=${exact(at)}>${
    next ? due(at, now) : ago ? relative(at, now) : time(at)
  }</time>`;
}

/** @param {{of: number | null | undefined}} given */
export function Code({ of }) {
  if (of === null || of === undefined) return html`<span class="faint none">–</span>`;
  const kind = of < 300 ? "ok" : of < 400 ? "wait" : "bad";
  return html`<span class=${`code ${kind}`}>${of}</span>`;
}

/**
 * What is there instead of content: loading, a problem, nothing.
 * @param {{data: Data<any> & Partial<List<unknown>>, empty?: Shown, children: (value: any) => Shown, rows?: number}} given
 */
export function Await({ data, empty, children, rows = 5 }) {
  const shown = data.items ?? data.value?.items;
  if (data.error && data.value === undefined)
    return html`<${ProblemBox} problem=${data.error}
    retry=${() => data.reload()} />`;
  if (data.value === undefined)
    return html`<div class="skeleton" role="status"
    aria-label="Loading">${Array.from({ length: rows }, (_, i) => html`<i key=${i}></i>`)}</div>`;
  const nothing = empty && Array.isArray(shown) && !shown.length;
  return html`${
    data.error &&
    html`<p class="notice bad"
    role="alert">Could not be refreshed: ${data.error.message}</p>`
  }
    ${data.loading && html`<i class="coming" role="status" aria-label="Loading"></i>`}
    ${nothing ? (data.cursor ? html`<${NoneYet} list=${data} />` : empty) : children(data.value)}`;
}

/** @param {{problem: Problem | null | undefined, retry?: () => void, title?: string}} given */
export function ProblemBox({ problem, retry, title }) {
  if (!problem) return null;
  const denied = problem.status === 403 || problem.status === 404;
  return html`<div class=${`problem ${denied ? "denied" : ""}`} role="alert">
    <strong>${
      title ??
      (denied
        ? "Not here, or not for this key"
        : problem.status === 0
          ? "Not reachable"
          : "That did not work")
    }</strong>
    <p>${
      denied && problem.status === 404
        ? "Either it does not exist, or the key in use may not see it: the API answers both alike."
        : problem.message
    }</p>
    ${
      problem.errors?.length
        ? html`<ul>${problem.errors.map(
            (e) => html`<li key=${e.field}>
      <code>${e.field || "body"}</code> ${e.message}</li>`,
          )}</ul>`
        : null
    }
    ${
      problem.requestId &&
      html`<p class="faint">Request ${problem.requestId}
      ${problem.code ? ` · ${problem.code}` : ""}</p>`
    }
    ${retry && html`<button type="button" onClick=${retry}>Try again</button>`}
  </div>`;
}

/** @param {{title: string, children?: Shown}} given */
export function Empty({ title, children }) {
  return html`<div class="empty"><strong>${title}</strong><div>${children}</div></div>`;
}

/**
 * A page may be empty and the list go on: so much has been searched, and not all.
 * @param {{list: List<unknown>}} given
 */
function NoneYet({ list }) {
  return html`<${Empty} title="None so far">
    <p>The list is longer than what has been searched.</p>
    <button type="button" disabled=${list.busy} onClick=${list.goOn}>
      ${list.busy ? "Searching …" : "Search further"}</button>
    ${list.moreError && html`<p class="bad">${list.moreError.message}</p>`}<//>`;
}

/** @param {{list: List<unknown>, of?: string}} given */
export function More({ list, of: what = "shown" }) {
  if (!list.items.length) return null;
  return html`<div class="more">
    <span>${list.items.length} ${what}${list.cursor ? "; the list goes on" : ", that is all"}</span>
    ${
      list.cursor &&
      html`<button type="button" disabled=${list.busy} onClick=${list.goOn}>
      ${list.busy ? "Loading …" : "Show more"}</button>`
    }
    ${
      list.paged &&
      html`<button type="button" class="link" disabled=${list.busy}
      onClick=${() => list.reload()}>Back to the first page</button>`
    }
    ${list.moreError && html`<span class="bad">${list.moreError.message}</span>`}
  </div>`;
}

/** @param {{title: string, crumbs?: Shown[], actions?: Shown, children?: Shown, sub?: Shown}} given */
export function Page({ title, crumbs = [], actions, children, sub }) {
  useEffect(() => {
    document.title = `${typeof title === "string" ? title : "Hookline"} · Hookline`;
  }, [title]);
  return html`<header class="head">
      <div class="titles">${
        crumbs.length
          ? html`<nav class="crumbs" aria-label="Where this is">
        ${crumbs}</nav>`
          : null
      }
        <h1>${title}</h1>${sub && html`<p class="sub">${sub}</p>`}</div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </header>${children}`;
}

/** @param {{of: [id: string, label: string][], at: string, to: (id: string) => void}} given */
export function Tabs({ of, at, to }) {
  return html`<nav class="tabs" aria-label="Parts">
    ${of.map(
      ([id, label]) =>
        html`<button key=${id} type="button" aria-current=${
          id === at ? "page" : undefined
        } onClick=${() => to(id)}>${label}</button>`,
    )}</nav>`;
}

/** @param {{title?: Shown, aside?: Shown, children?: Shown, kind?: string}} given */
export function Card({ title, aside, children, kind = "" }) {
  return html`<section class=${`card ${kind}`}>
    ${
      title &&
      html`<header><h2>${title}</h2>${aside && html`<div class="aside">${aside}</div>`}
    </header>`
    }${children}</section>`;
}

/** @param {{of: (Fact | Nothing)[]}} given */
export function Facts({ of }) {
  return html`<dl class="facts">${of
    .filter((one) => !!one)
    .map(
      ([name, value]) => html`<div key=${name}>
    <dt>${name}</dt><dd>${value ?? html`<span class="faint">–</span>`}</dd></div>`,
    )}</dl>`;
}

/** @param {{label: string, hint?: Shown, problem?: string, name?: string, children?: Shown}} given */
export function Field({ label, hint, problem, name, children }) {
  return html`<label class=${`field ${problem ? "wrong" : ""}`}><span>${label}</span>${children}
    ${
      problem
        ? html`<em role="alert" id=${`${name}-problem`}>${problem}</em>`
        : hint && html`<small>${hint}</small>`
    }</label>`;
}

/** @param {{value: string | null | undefined, options: (string | [value: string, label: string])[], onChange: (value: string) => void, label: string, any?: string | null}} given */
export function Select({ value, options, onChange, label, any = "all" }) {
  const offered = options.some((o) => (Array.isArray(o) ? o[0] : o) === value);
  // An address may name what is not offered: better seen than a box without a word.
  const foreign = value && !offered ? [value] : [];
  return html`<select aria-label=${label} value=${value ?? ""}
    onChange=${(e) => onChange(e.currentTarget.value)}>
    ${any !== null && html`<option value="">${any}</option>`}
    ${[...foreign, ...options].map((o) =>
      Array.isArray(o)
        ? html`<option key=${o[0]} value=${o[0]}>${o[1]}
      </option>`
        : html`<option key=${o} value=${o}>${o}</option>`,
    )}
  </select>`;
}

/**
 * A search box that waits until the typing rests.
 * @param {{value: string | undefined, onSearch: (text: string) => void, label: string}} given
 */
export function Search({ value, onSearch, label }) {
  const [text, setText] = useState(value ?? "");
  const timer = useRef(0);
  useEffect(() => setText(value ?? ""), [value]);
  const typed = (/** @type {import("./vendor/htm-preact.js").Happened} */ event) => {
    const now = event.currentTarget.value;
    setText(now);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(now.trim()), 300);
  };
  return html`<input type="search" aria-label=${label} placeholder=${label} value=${text}
    onInput=${typed} />`;
}

/** @param {{text: string, label?: string}} given */
export function Copy({ text, label = "Copy" }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" class="small" onClick=${copy}>${done ? "Copied" : label}
    </button>`;
}

/**
 * Text of a stranger: shown as text, in a box that scrolls by itself, never as markup.
 * @param {{text: string | null | undefined, label?: string, note?: string}} given
 */
export function Block({ text, label, note }) {
  if (text === null || text === undefined || text === "")
    return html`<p class="faint">
    ${label ? `${label}: ` : ""}nothing</p>`;
  return html`<figure class="block">${
    (label || note) &&
    html`<figcaption><span>${label}</span>
    <span class="faint">${note}</span><${Copy} text=${text} /></figcaption>`
  }
    <pre tabindex="0" dir="auto">${text}</pre></figure>`;
}

/** @param {{of: object | null | undefined}} given */
export function Headers({ of }) {
  const pairs = Object.entries(of ?? {});
  if (!pairs.length) return html`<p class="faint">no headers</p>`;
  return html`<dl class="headers">${pairs.map(
    ([name, value]) => html`<div key=${name}>
    <dt>${name}</dt><dd dir="auto">${String(value)}</dd></div>`,
  )}</dl>`;
}
