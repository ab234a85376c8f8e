/** "Verify this signature": the steps of Standard Webhooks with this delivery's own bytes. */

import { get, of } from "../api.js";
import { useAct } from "../data.js";
import { Dialog } from "../dialog.js";
import { size } from "../format.js";
import { Block, Field, ProblemBox } from "../ui.js";
import { html, useState } from "../vendor/htm-preact.js";
import { mayAdmin } from "./standing.js";

/** @param {string} text */
const encode = (text) => new TextEncoder().encode(text);
/** @param {ArrayBuffer} buffer */
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

/** @param {{tenant: string, webhook: Api.Webhook | undefined, id: string, attempt: Api.Attempt, may: May, onClose: () => void}} given */
export function Verify({ tenant, webhook, id, attempt, may, onClose }) {
  const headers = Object.fromEntries(
    Object.entries(attempt.request.headers ?? {}).map(([n, v]) => [n.toLowerCase(), v]),
  );
  const [secret, setSecret] = useState("");
  const [made, setMade] = useState("");
  const act = useAct();
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${
    attempt.request.body ?? ""
  }`;
  const read = () =>
    act.run(async () => setSecret((await get(of(tenant, "webhooks", id, "secret"))).secret));
  const compute = () =>
    act.run(async () => {
      const bytes = Uint8Array.from(atob(secret.trim().replace(/^whsec_/, "")), (c) =>
        c.charCodeAt(0),
      );
      const key = await crypto.subtle.importKey(
        "raw",
        bytes,
        { name: "HMAC", hash: "SHA-256" },
        false,
        ["sign"],
      );
      setMade(`v1,${base64(await crypto.subtle.sign("HMAC", key, encode(signed)))}`);
    });
  const sent = headers["webhook-signature"] ?? "";
  const masked = sent.includes("*****");
  const matches = made && sent.split(" ").includes(made);
  return html`<${Dialog} title="Verify this signature" wide onClose=${onClose}>
    <div class="prose"><ol>
      <li>Take the raw bytes of the body, before anything parses them: ${size(attempt.request.body)} bytes${
        attempt.request.body_truncated
          ? html` <b
        class="bad">(the log keeps only the first 64 KiB of this one: it cannot be verified from here)</b>`
          : ""
      }.</li>
      <li>Join id, timestamp and body with dots:</li></ol>
      <${Block} label="Signed content" text=${signed} />
      <ol start="3">
        <li>Decode the secret's base64 after <code>whsec_</code>; that is the key. HMAC-SHA256 over the signed content, in base64, after <code>v1,</code>:</li>
        </ol>
      <${Field} label="Secret" hint="Used in this page only; it is sent nowhere.">
        <input type="password" autocomplete="off" value=${secret} placeholder="whsec_…"
        onInput=${(e) => setSecret(e.currentTarget.value)} /><//>
      <div class="bar">${
        mayAdmin(webhook, may) &&
        html`<button type="button"
        onClick=${read}>Read the webhook's secret</button>`
      }
        <button type="button" class="primary" disabled=${!secret}
        onClick=${compute}>Compute</button></div>
      <${ProblemBox} problem=${
        act.problem && { message: act.problem.message ?? "The secret is not whsec_ and base64." }
      } />
      ${made && html`<${Block} label="Computed" text=${made} />`}
      <ol start="4">
        <li>Compare in constant time with each signature in <code>webhook-signature</code>, and refuse a timestamp more than five minutes off.</li>
        </ol>
      ${
        masked
          ? html`<p
        class="notice">The log masks signatures that are still good. Compare what is computed here with what your endpoint received.</p>`
          : html`<${Block} label="Sent" text=${sent || "none"} />
        ${
          made &&
          html`<p class=${`notice ${matches ? "ok" : "bad"}`}>
        ${
          matches
            ? "They match: the call was signed with this secret."
            : "They do not match: another secret signed this attempt, or the body was changed on its way."
        }
        </p>`
        }`
      }
    </div><//>`;
}
