/** "It did not arrive": from the webhook's state and Why to the attempt's error, each with what to do. */

import { go, Link, path } from "../router.js";
import { Card, Page, Search } from "../ui.js";
import { html } from "../vendor/htm-preact.js";

/** @type {Record<string, [what: string, act: string]>} */
export const ERRORS = {
  dns: [
    "The host's name could not be found.",
    "Check the url for a slip. Is the name public? A name that only your own network knows cannot be called.",
  ],
  blocked: [
    "The address is one that calls may not go to.",
    "Only public addresses are called. For a private network, the operator can allow it by the stack's parameter AllowedNetworks.",
  ],
  connect: [
    "Nobody answered at that address and port.",
    "Is the service running, and does its firewall let calls in? Only ports 80, 443 and those from 1024 are called.",
  ],
  tls: [
    "The certificate or the TLS handshake was not good.",
    "Is the certificate for this name, whole (with its intermediates) and not expired? A private authority's goes into the webhook's ca_certificate.",
  ],
  timeout: [
    "No whole answer came within the webhook's timeout.",
    "Answer with a 2xx first and work afterwards; or raise timeout_seconds, at most 30.",
  ],
  reset: [
    "The connection was cut before an answer had come.",
    "A proxy or a crash in your service does that: look at its log at the time of the attempt.",
  ],
  too_large: ["The answer was larger than is read.", "Answer with a short body, or none."],
  template: [
    "The webhook's template could not be rendered for this event.",
    "Open the Workshop with this event: it names the place. Saving a mended template lets the next attempt use it.",
  ],
  protocol: [
    "What came back was not HTTP.",
    "Does the port speak HTTP, and the scheme (http, https) match it?",
  ],
};

/** @type {[(status: number) => boolean, string][]} */
const CODES = [
  [
    (s) => s >= 300 && s < 400,
    "The endpoint redirects: redirects are never followed. Set the webhook's url to where it points.",
  ],
  [
    (s) => s === 401 || s === 403,
    "The endpoint refuses the call: check the webhook's auth and headers, and that its signature check uses the current secret.",
  ],
  [
    (s) => s === 404 || s === 405,
    "The path or method is not known there: check the url and method.",
  ],
  [
    (s) => s === 410,
    "The endpoint says it is gone for good: the webhook was switched off. Switch it on again when it is back.",
  ],
  [
    (s) => s === 413,
    "The body is too large for the endpoint: a template, or include_entity false, makes it smaller.",
  ],
  [
    (s) => s === 429,
    "The endpoint asks for fewer calls: its Retry-After is kept. A rate_limit on the webhook avoids it.",
  ],
  [
    (s) => s >= 400 && s < 500,
    "The endpoint refuses this call: the response body below often says why.",
  ],
  [
    (s) => s >= 500,
    "The endpoint failed: look at its log at the time of the attempt. It is tried again by itself.",
  ],
];

/** @param {Api.Attempt} attempt */
export function adviceOn(attempt) {
  if (attempt.error) return (ERRORS[attempt.error.kind] ?? ["", ""]).join(" ");
  const status = attempt.response?.status ?? 0;
  return CODES.find(([fits]) => fits(status))?.[1] ?? "";
}

/** @param {Given} given */
export default function Help({ tenant, may }) {
  return html`<${Page} title="It did not arrive"
    sub="From the event to the endpoint, in the order in which things go wrong.">
    <${Card} title="1. Was the event accepted?">
      <div class="prose">${
        may.read
          ? html`<p>Find it under <${Link} to=${path("t", tenant, "events")}>Events<//> by its id or type. A publish that was answered 202 is there. If it is not, the publisher got another answer: it says why.</p>`
          : html`<p>Ask whoever publishes it for the event's id: the answer to the publish has it. With it, see what became of the event at your webhooks:</p>
          <${Search} label="Event id" value=""
          onSearch=${(/** @type {string} */ id) => id && go(path("t", tenant, "events", id))} />`
      }</div><//>
    <${Card} title="2. Was it for this webhook?">
      <div class="prose">
      <p>Open the event: <b>Why</b> has a line for each webhook: delivered, waiting, failed, or not sent because of</p>
      <ul><li><b>type</b>: the webhook does not subscribe to it. Add the type, or a prefix such as <code>order.*</code>.</li>
        <li><b>scope or environment</b>: the event's project, entity or environment is not listed.</li>
        <li><b>filter</b>: it came to false; the values it saw are shown. In JMESPath a text is quoted <code>'so'</code> and a number <code>\`7\`</code>.</li><li><b>off, or created later</b>: no delivery is created for a webhook that was off or not there yet. “Send to a webhook” on the event does it now.</li></ul></div><//>
    <${Card} title="3. Does it wait?"><div class="prose"><p>The delivery says for what: its schedule, the endpoint's Retry-After, the circuit, the rate limit, or because the webhook is off; and when it goes on. <b>Retry now</b> tries at once, past the circuit too.</p></div><//>
    <${Card} title="4. What did the attempt meet?"><dl class="facts">${Object.entries(ERRORS).map(
      ([
        kind,
        [what, act],
      ]) => html`<div key=${kind}><dt><code>${kind}</code> ${what}</dt><dd>${act}</dd>
      </div>`,
    )}</dl><//>
    <${Card} title="5. It says success, and still?"><div class="prose"><p>Then the endpoint answered with a 2xx: the delivery's page shows the address called, the request byte for byte and the answer. A proxy, a test server or another region may be behind the name. Copy the attempt as curl and follow it through your service.</p></div><//><//>`;
}
