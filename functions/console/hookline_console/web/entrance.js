/** The door: a key, a login at the issuer, or a link; and whose link it is, where somebody is in. */

import * as api from "./api.js";
import { html, useState } from "./vendor/htm-preact.js";

/** @typedef {{token: string, now: Api.Me, then: Api.Me | null}} Asked */

/** What the page was told of its stack. */
const stack = /** @type {HTMLElement} */ (document.querySelector("meta[name=hookline]")).dataset;
export const icon = () =>
  /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]")).href;

export const SESSION = "hls_";
export const ENDED = "This link or session has ended. Ask for a new link, or enter a key.";
export const linkInAddress = () => new URLSearchParams(location.hash.slice(1)).get("session");

/** From now on this tab acts as the link has it. @param {string} token */
export function take(token) {
  api.keep(token);
  sessionStorage.removeItem("hookline.tenant");
}

/**
 * A session in the fragment (a link) is taken out of the address at once. Where somebody else is
 * logged in it is not followed unasked: a link from a stranger would have them work, and paste
 * their secrets, as whom the stranger chose.
 * @returns {Promise<Asked | null>} what is to be asked
 */
export async function fromAddress() {
  const token = linkInAddress();
  if (token) {
    history.replaceState(null, "", location.pathname + location.search);
    const held = api.key();
    const now = held && held !== token ? await known(held) : null;
    const then = now && (await known(token));
    if (now && !(then?.principal && then.principal.id === now.principal?.id))
      return { token, now, then };
    take(token);
  } else if (sessionStorage.getItem("hookline.oidc") && /[?&](code|error)=/.test(location.search)) {
    const { finish } = await import("./oidc.js");
    api.keep(await finish(stack));
  }
  return null;
}

/** Whom a key stands for; null where it is no longer good. @param {string} key */
const known = (key) =>
  api.whoIs(key).catch((problem) => {
    if (problem.status !== 401) throw problem;
    return null;
  });

/**
 * Nothing is replaced before the answer.
 * @param {{of: Asked, chosen: (token: string | null) => void}} given
 */
export function Choice({ of: { token, now, then }, chosen }) {
  return html`<main class="login"><span class="brand"><img src=${icon()} alt="" />Hookline</span>
    <div class="card form"><h1>${then ? "Log in as somebody else?" : "This link has ended"}</h1>
      <p>You are logged in as <b>${api.nameOf(now)}</b>.
        ${
          then
            ? html` The link that was opened would log you in as <b>${api.nameOf(then)}</b> instead: what you see and do from then on is theirs. If you did not expect that, stay.`
            : " Whoever gave it to you can make a new one."
        }</p>
      <button type="button" class="primary" onClick=${() => chosen(null)}>
        Stay as ${api.nameOf(now)}</button>
      ${
        then &&
        html`<button type="button" onClick=${() => chosen(token)}>Go on as ${api.nameOf(then)}
        </button>`
      }</div></main>`;
}

/** @param {{problem: string | null, enter: (key: string) => void}} given */
export function Login({ problem, enter }) {
  const [text, setText] = useState("");
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (text.trim()) enter(text.trim());
  };
  const oidc = async () => (await import("./oidc.js")).begin(stack);
  return html`<main class="login"><span class="brand"><img src=${icon()} alt="" />Hookline <small>
    ${stack.stage}</small></span>
    <form class="card form" onSubmit=${submit}>
      <label class="field"><span>API key</span>
        <input type="password" autocomplete="off" spellcheck="false" placeholder="hl_…"
        value=${text} onInput=${(e) => setText(e.currentTarget.value)} />
        <small>Kept in this tab only, and forgotten with it.</small></label>
      ${problem && html`<p class="notice bad" role="alert">${problem}</p>`}
      <button class="primary">Enter</button>
      ${
        stack.issuer &&
        stack.client &&
        html`<button type="button"
        onClick=${oidc}>Sign in with ${new URL(stack.issuer).host}</button>`
      }
    </form>
    <p class="faint">A link from a colleague opens without a key. The stack's first key: secret <code>hookline-${stack.stage}-root-key</code>, as <code>hl_root_</code> and its value.</p>
      </main>`;
}
