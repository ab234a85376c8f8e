/** A new webhook, a copy of one, or an edit with its differences shown before it is saved. */

import { get, of, patch, post } from "../api.js";
import { useAct, useData } from "../data.js";
import { go, Link, path } from "../router.js";
import { tell } from "../toasts.js";
import { Await, Card, Empty, Field, Page, ProblemBox, Select } from "../ui.js";
import { html, useEffect, useState } from "../vendor/htm-preact.js";
import {
  differences,
  documentOf,
  EMPTY,
  fieldsOf,
  lines,
  RETRY,
  SCOPES,
  USUAL,
} from "./webhook_fields.js";
import { Changes, Created } from "./webhook_saving.js";

/** @typedef {import("../vendor/htm-preact.js").Happened} Happened */
/** @typedef {import("./webhook_fields.js").Form} Form */
/** @typedef {import("./webhook_fields.js").Name} Name */

/** @type {[name: Name, label: string, placeholder: string, more?: object][]} */
const PACE = [
  ["timeout_seconds", "Timeout (s)", "10", { min: 1, max: 30 }],
  ["initial_delay_seconds", "First wait (s)", "5"],
  ["multiplier", "Times", "3", { step: "any" }],
  ["max_delay_seconds", "Longest wait (s)", "43200"],
  ["max_attempts", "Most attempts", "as many as fit"],
  ["max_age_seconds", "Given up after (s)", "864000"],
  ["rate", "At most a second", "no limit", { step: "any" }],
];
/** Where the API has what the form has flat. @type {Partial<Record<Name, string>>} */
const PATHS = {
  ...Object.fromEntries(SCOPES.map((name) => [name, `scope.${name}`])),
  ...Object.fromEntries(RETRY.map((name) => [name, `retry.${name}`])),
  ...Object.fromEntries(["username", "password", "token"].map((name) => [name, `auth.${name}`])),
  rate: "rate_limit.per_second",
};
/** @param {Name} name */
const pathOf = (name) => PATHS[name] ?? name;

/** @param {Given} given */
export default function WebhookForm({ tenant, may, query }) {
  const source = query.edit ?? query.from;
  const editing = Boolean(query.edit);
  const loaded = useData(
    (signal) =>
      source
        ? get(of(tenant, "webhooks", source), undefined, { signal, quiet: true })
        : Promise.resolve(null),
    [source],
  );
  const types = useData(
    (signal) =>
      may.read
        ? get(of(tenant, "event-types"), { limit: 100 }, { signal, quiet: true })
        : Promise.resolve(null),
    [tenant],
  );
  const [form, setForm] = useState(EMPTY);
  const [shown, setShown] = useState(false);
  const [made, setMade] = useState(/** @type {Api.Webhook | null} */ (null));
  const act = useAct();
  useEffect(() => {
    if (loaded.value)
      setForm({
        ...fieldsOf(loaded.value),
        ...(editing ? {} : { name: `${loaded.value.name} (copy)`, password: "", token: "" }),
      });
  }, [loaded.value]);
  useEffect(() => {
    const first = ".field.wrong :is(input, textarea, select)";
    if (act.problem && !shown)
      /** @type {HTMLElement | null} */ (document.querySelector(first))?.focus();
  }, [act.problem, shown]);
  /** @param {Name} name */
  const set = (name) => (/** @type {Happened} */ event) => put(name)(event.currentTarget.value);
  /** @param {keyof Form} name */
  const put = (name) => (/** @type {string | boolean} */ value) =>
    setForm((old) => ({ ...old, [name]: value }));
  const check = (/** @type {"enabled" | "include_entity"} */ name, /** @type {string} */ label) =>
    html`<label class="check"><input type="checkbox" checked=${form[name]}
      onChange=${(e) => put(name)(e.currentTarget.checked)} /> ${label}</label>`;
  const wrong = (/** @type {string} */ name) => act.problem?.of(name);
  /** @type {(name: Name, label: string, more?: object, hint?: string) => Shown} */
  const input = (name, label, more = {}, hint = "") => html`<${Field} label=${label} hint=${hint}
    name=${name} problem=${wrong(pathOf(name))}>
    <input name=${name} value=${form[name]} onInput=${set(name)}
    aria-invalid=${Boolean(wrong(pathOf(name)))} ...${more} /><//>`;
  /** @type {(name: Name, label: string, rows: number, hint?: Shown) => Shown} */
  const area = (name, label, rows, hint = "") => html`<${Field} label=${label}
    hint=${hint} name=${name} problem=${wrong(pathOf(name))}>
    <textarea name=${name} rows=${rows} spellcheck="false" value=${form[name]} onInput=${set(name)}>
    </textarea><//>`;
  const start = fieldsOf(loaded.value);
  const filled = (/** @type {Name} */ name) =>
    Boolean(wrong(pathOf(name).split(".")[0])) ||
    (editing && String(start[name]) !== String(USUAL[name] ?? "")) ||
    (query.from && start[name] !== (USUAL[name] ?? ""));
  const hook = editing ? loaded.value : null;
  const changes = hook ? differences(hook, documentOf(form, hook)) : {};
  const save = () =>
    act
      .run(async () => {
        if (hook) {
          const saved = await patch(of(tenant, "webhooks", hook.id), changes, {
            headers: { "if-match": String(hook.version) },
          });
          for (const one of saved.warnings ?? []) tell(`${one.field}: ${one.message}`, "bad");
          go(path("t", tenant, "webhooks", hook.id));
        } else setMade(await post(of(tenant, "webhooks"), documentOf(form, null)));
      })
      .then(() => setShown(false));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (hook) setShown(true);
    else save();
  };
  const stale = act.problem?.status === 412;
  const crumbs = [html`<${Link} to=${path("t", tenant, "webhooks")}>Webhooks<//>`];
  if (!editing && !may.write)
    return html`<${Page} title="New webhook" crumbs=${crumbs}>
    <${Empty} title="Not with this key">Creating a webhook takes the level write in the tenant. Ask whoever gave you the key or the link.<//><//>`;
  return html`<${Page} title=${editing ? `Edit ${hook?.name ?? ""}` : "New webhook"}
    crumbs=${crumbs}>
    <${Await} data=${
      loaded.value === null && source
        ? { ...loaded, value: undefined }
        : { ...loaded, value: loaded.value ?? {} }
    }>
      ${() => html`<form class="form" onSubmit=${submit} novalidate>
      ${
        stale &&
        html`<div class="notice wait" role="alert">
        <b>Somebody changed this webhook while you edited it.</b> Nothing of yours was saved, and nothing of theirs is lost. <button
        type="button"
        onClick=${() => {
          act.clear();
          loaded.reload();
        }}>Load it as it is now</button></div>`
      }
      ${
        act.problem &&
        !stale &&
        html`<${ProblemBox} problem=${act.problem} title="Not saved yet"
        />`
      }
      <${Card} title="What and where"><div class="two">
        ${input("name", "Name", { required: true }, "Unique in this tenant")}
        ${input(
          "url",
          "Address",
          { type: "url", placeholder: "https://example.com/hooks" },
          "Public, https; its path and query may hold event fields",
        )}</div>
        ${area(
          "events",
          "Events",
          4,
          html`One a line: a type, a prefix such as <code>order.*</code>, or <code>*</code>
          ${
            types.value?.items?.length
              ? html`. Known: ${types.value.items.slice(0, 12).map(
                  (one) => html`<button type="button" class="link" key=${one.type}
          onClick=${() =>
            setForm((old) => ({
              ...old,
              events: [...lines(old.events), one.type].join("\n"),
            }))}>${one.type}</button> `,
                )}${types.value.items.length > 12 ? "and more, in the catalogue under Access" : ""}`
              : ""
          }`,
        )}
        ${input("description", "Description")}
          ${check("enabled", "Switched on")}<//>
      <${Section} title="Which events of these" hint="scope, filter, activation"
        open=${
          filled("projects") ||
          filled("entities") ||
          filled("environments") ||
          filled("filter") ||
          filled("context") ||
          filled("user")
        }>
        <div class="two">${area("projects", "Projects", 2, "Empty: all")}
        ${area(
          "entities",
          "Entities",
          2,
          "Called when the entity or its project is listed",
        )}${area("environments", "Environments", 2, "Empty: all")}</div>
        ${area(
          "filter",
          "Filter",
          2,
          html`JMESPath over the event, for instance <code>data.total > \`100\` && project == 'web'</code>`,
        )}
          <div class="two">${input("context", "Activation for context")}
          ${input("user", "Activation for user")}</div><//>
      <${Card} title="What is sent"><div class="two"><${Field} label="Method">
        <${Select} label="Method" any=${null} value=${form.method}
        options=${["POST", "PUT", "PATCH", "GET"]} onChange=${put("method")} /><//>
          <${Field} label="Format" hint="Body and headers as this system sends them"
            problem=${wrong("format")}><${Select} label="Format" any=${null} value=${form.format}
            options=${["hookline", "izanami", "unleash", "apiida", "etlworks"]}
            onChange=${put("format")} /><//>
          ${input("content_type", "Content type", { placeholder: "application/json" })}
          <${Field} label="Template language" problem=${wrong("template_language")}>
            <${Select} label="Template language" any="as the format has it"
            value=${form.template_language} options=${["mustache", "handlebars"]}
            onChange=${put("template_language")} /><//></div>
        ${area(
          "body_template",
          "Body template",
          5,
          html`Empty: the format's default body. ${
            may.read &&
            html`<${Link} to=${path("t", tenant, "workshop")}>Try one in the Workshop<//>`
          }`,
        )}
        ${check("include_entity", "Include the entity's data")}
          ${area(
            "headers",
            "Own headers",
            3,
            "One a line, Name: value. Those that look sensitive are encrypted and read as *****.",
          )}
          <//>
      <${Section} title="How it proves itself" hint="authentication, signatures, certificate"
        open=${filled("auth") || filled("signatures") || filled("ca_certificate")}>
        <div class="two"><${Field} label="Authentication" problem=${wrong("auth")}>
        <${Select} label="Authentication" any="none" value=${form.auth}
        options=${["basic", "bearer"]} onChange=${put("auth")} /><//>
          ${
            form.auth === "basic" &&
            html`${input("username", "User name")}${input("password", "Password", {
              type: "password",
              autocomplete: "new-password",
            })}`
          }
            ${
              form.auth === "bearer" &&
              input("token", "Token", { type: "password", autocomplete: "off" })
            }
          ${input(
            "signatures",
            "Signatures",
            { placeholder: "standard" },
            "standard, standard-ed25519, hmac-sha256, hmac-sha1",
          )}</div>
            ${area("ca_certificate", "Own certificate authority (PEM)", 2)}<//>
      <${Section} title="When it fails" hint="timeout, retries, rate"
        open=${PACE.some(([name]) => filled(name))}><div class="two">${PACE.map(
          ([name, label, placeholder, more]) =>
            input(name, label, { type: "number", placeholder, ...more }),
        )}</div><//>
      <div class="bar"><button class="primary" disabled=${
        act.busy || (hook && !Object.keys(changes).length)
      }>
        ${hook ? "Look at the changes" : "Create webhook"}</button>
        <${Link} class="button" to=${path(
          "t",
          tenant,
          "webhooks",
          ...(hook ? [hook.id] : []),
        )}>Back<//>
        ${
          hook &&
          !Object.keys(changes).length &&
          html`<span class="faint">Nothing is changed yet.</span>`
        }</div></form>`}<//>
    ${
      shown &&
      hook &&
      html`<${Changes} hook=${hook} changes=${changes} act=${act} save=${save}
      onClose=${() => setShown(false)} />`
    }
    ${
      made &&
      html`<${Created} hook=${made}
      onClose=${() => go(path("t", tenant, "webhooks", made.id))} />`
    }
        <//>`;
}

/**
 * Sections that most webhooks leave alone are closed until they hold something, or a problem.
 * @param {{title: string, hint: string, open: boolean, children?: Shown}} given
 */
function Section({ title, hint, open, children }) {
  return html`<details class="card" open=${open}><summary>${title}<small>${hint}</small></summary>
    ${children}</details>`;
}
