/** What came in by one call of a third party, and what was done with it. */

import { get, of, post } from "../api.js";
import { useAct, useData } from "../data.js";
import { bytes, pretty, size, span } from "../format.js";
import { go, Link, path } from "../router.js";
import { tell } from "../toasts.js";
import { Await, Block, Card, Facts, Headers, Page, ProblemBox, Status, Time } from "../ui.js";
import { html } from "../vendor/htm-preact.js";

/** @param {Given & {id: string}} given */
export function Message({ tenant, id, may }) {
  const data = useData(
    (signal) => get(of(tenant, "inbound", "messages", id), undefined, { signal }),
    [id],
  );
  const act = useAct();
  const resubmit = () =>
    act.run(async () => {
      const made = await post(of(tenant, "inbound", "messages", id, "resubmit"));
      tell("It runs again, as a message of its own");
      go(path("t", tenant, "inbound", "messages", made.id));
    });
  const value = data.value;
  return html`<${Page} title=${value ? `${value.method} ${value.uri || "/"}` : "Message"}
    crumbs=${[html`<${Link} to=${path("t", tenant, "inbound")}>Inbound<//>`]} sub=${
      value &&
      html`<${Status} of=${value.status} /> ${
        value.outcome && html`<${Status} of=${value.outcome} />`
      } <span class="mono">${value.id}</span>`
    }
    actions=${
      value &&
      may.write &&
      html`<button type="button" class="primary" disabled=${act.busy}
      onClick=${resubmit}>Resubmit</button>`
    }><${ProblemBox} problem=${act.problem} />
      <${Await} data=${data}>${(/** @type {Api.Message} */ value) => html`
      ${
        value.message &&
        html`<p class=${`notice ${value.status === "failed" ? "bad" : ""}`}
        dir="auto">${value.message}</p>`
      }
      <${Card} title="What was done"><${Facts} of=${[
        ["Received", html`<${Time} at=${value.received_at} />`],
        ["Provider", value.provider_name],
        ["From", value.remote_addr],
        ["Answered", value.sync ? "when it was done (sync)" : "at once (async)"],
        value.resubmit_of && [
          "Repeats",
          html`<${Link} to=${path(
            "t",
            tenant,
            "inbound",
            "messages",
            value.resubmit_of,
          )}>${value.resubmit_of}<//> by ${value.resubmitted_by}`,
        ],
      ]} />
        ${
          value.passed_over.length > 0 &&
          html`<h3>Providers passed over</h3>
          <table class="cards"><tbody>${value.passed_over.map(
            (one) => html`<tr key=${one.provider_id}>
          <td class="lead mono">${one.provider_id}</td><td data-name="because" dir="auto">${one.reason}</td></tr>`,
          )}</tbody>
          </table>`
        }
        ${
          value.executions.length > 0
            ? html`<h3>Functions</h3>
          <div class="timeline">${value.executions.map(
            (one, i) => html`<details class="attempt"
          key=${one.function_id + one.started_at} open=${one.status !== "success"}>
          <summary><b class="num">${i + 1}</b><span>${one.function_name}</span><${Status} of=${one.status} />
          <span dir="auto" class="cut">${one.message}</span>
          <span class="num">${
            one.started_at && one.ended_at
              ? span((Date.parse(one.ended_at) - Date.parse(one.started_at)) / 1000)
              : "–"
          }</span>
          </summary><div class="inside"><${Block} label="Message" text=${one.message} />
          <${Block} label="Log" text=${one.logs} />
          </div></details>`,
          )}</div>`
            : html`<p class="faint">No function ran.</p>`
        }<//>
      <div class="grid"><${Card} title="Headers"><${Headers} of=${value.headers} />
        ${
          Object.keys(value.query).length > 0 &&
          html`<h3>Query</h3>
        <${Headers} of=${Object.fromEntries(
          Object.entries(value.query).map(([n, v]) => [n, v.join(", ")]),
        )} />`
        }<//>
        <${Card} title="Body">${
          value.payload === null &&
          value.body &&
          html`<p
          class="notice wait">It could not be read as a payload: see the message above.</p>`
        }
          <${Block} label=${value.body_is_base64 ? "Pristine bytes, as base64" : "Pristine bytes"}
          note=${`${bytes(size(value.body))}${value.body_truncated ? ", cut" : ""}`} text=${
            value.body_is_base64 ? value.body : pretty(value.body)
          } /><//></div>`}<//><//>`;
}
