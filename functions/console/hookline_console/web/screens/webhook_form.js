/** A new webhook, a copy of one, or an edit with its differences shown before it is saved. */

import { get, of, patch, post } from "../api.js";
import { useAct, useData } from "../data.js";
import { Dialog } from "../dialog.js";
import { go, Link, path } from "../router.js";
import { Await, Block, Card, Empty, Field, Page, ProblemBox, Select, tell } from "../ui.js";
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

/** @typedef {import("../vendor/htm-preact.js").Happened} Happened */
/** @typedef {import("./webhook_fields.js").Form} Form */
/** @typedef {import("./webhook_fields.js").Name} Name */

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
  /** @param {Name} name */
  const set = (name) => (/** @type {Happened} */ event) => put(name)(event.currentTarget.value);
  /** @param {keyof Form} name */
  const put = (name) => (/** @type {string | boolean} */ value) =>
    setForm((old) => ({ ...old, [name]: value }));
  const check = (/** @type {"enabled" | "include_entity"} */ name, /** @type {string} */ label) =>
    html`<label class="check"><input type="checkbox" checked=${form[name]}
      onChange=${(e) => put(name)(e.currentTarget.checked)} /> ${label}</label>`;
  const wrong = (/** @type {string} */ name) => act.problem?.of(name);
  /** @type {(name: Name, label: string, more?: {path?: string, [attribute: string]: unknown}, hint?: string) => Shown} */
  const input = (name, label, more = {}, hint = "") => html`<${Field} label=${label} hint=${hint}
    name=${name} problem=${wrong(more.path ?? name)}>
    <input name=${name} value=${form[name]} onInput=${set(name)}
    aria-invalid=${Boolean(wrong(more.path ?? name))} ...${more} /><//>`;
  /** @type {(name: Name, label: string, rows: number, hint?: Shown, at?: string) => Shown} */
  const area = (name, label, rows, hint = "", at = name) => html`<${Field} label=${label}
    hint=${hint} name=${name} problem=${wrong(at)}>
    <textarea name=${name} rows=${rows} spellcheck="false" value=${form[name]} onInput=${set(name)}>
    </textarea><//>`;
  /** @type {Partial<Record<Name, string>>} */
  const at = {
  useEffect(() => {
    const first = ".field.wrong :is(input, textarea, select)";
    if (act.problem && !shown)
      /** @type {HTMLElement | null} */ (document.querySelector(first))?.focus();
  }, [act.problem, shown]);
    ...Object.fromEntries(SCOPES.map((name) => [name, "scope"])),
    ...Object.fromEntries(RETRY.map((name) => [name, "retry"])),
    rate: "rate_limit",
  };
  const start = fieldsOf(loaded.value);
  const filled = (/** @type {Name} */ name) =>
    Boolean(wrong(at[name] ?? name)) ||
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
        <div class="two">${area("projects", "Projects", 2, "Empty: all", "scope.projects")}
        ${area(
          "entities",
          "Entities",
          2,
          "Called when the entity or its project is listed",
          "scope.entities",
        )}${area("environments", "Environments", 2, "Empty: all", "scope.environments")}</div>
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
            html`${input("username", "User name", { path: "auth.username" })}${input(
              "password",
              "Password",
              { type: "password", autocomplete: "new-password", path: "auth.password" },
            )}`
          }
            ${
              form.auth === "bearer" &&
              input("token", "Token", { type: "password", autocomplete: "off", path: "auth.token" })
            }
          ${input(
            "signatures",
            "Signatures",
            { placeholder: "standard" },
            "standard, standard-ed25519, hmac-sha256, hmac-sha1",
          )}</div>
            ${area("ca_certificate", "Own certificate authority (PEM)", 2)}<//>
      <${Section} title="When it fails" hint="timeout, retries, rate"
        open=${
          filled("timeout_seconds") ||
          filled("initial_delay_seconds") ||
          filled("multiplier") ||
          filled("max_delay_seconds") ||
          filled("max_attempts") ||
          filled("max_age_seconds") ||
          filled("rate")
        }><div class="two">${input("timeout_seconds", "Timeout (s)", {
          type: "number",
          min: 1,
          max: 30,
          placeholder: "10",
        })}
        ${input("initial_delay_seconds", "First wait (s)", {
          type: "number",
          placeholder: "5",
          path: "retry.initial_delay_seconds",
        })}
        ${input("multiplier", "Times", {
          type: "number",
          step: "any",
          placeholder: "3",
          path: "retry.multiplier",
        })}${input("max_delay_seconds", "Longest wait (s)", {
          type: "number",
          placeholder: "43200",
          path: "retry.max_delay_seconds",
        })}
        ${input("max_attempts", "Most attempts", {
          type: "number",
          placeholder: "as many as fit",
          path: "retry.max_attempts",
        })}
        ${input("max_age_seconds", "Given up after (s)", {
          type: "number",
          placeholder: "864000",
          path: "retry.max_age_seconds",
        })}
        ${input("rate", "At most a second", {
          type: "number",
          step: "any",
          placeholder: "no limit",
          path: "rate_limit.per_second",
        })}</div><//>
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
      html`<${Dialog} title="What will change" wide onClose=${() => setShown(false)}>
      <div class="diff">${Object.entries(changes).map(
        ([name, value]) => html`<div key=${name}>
      <b>${name}</b><del>${said(documentOf(fieldsOf(hook), hook)[name])}</del>
      <ins>${said(value)}</ins></div>`,
      )}</div>
      <p class="soft">In force with the next attempt. Saved only if nobody else has changed it since (version ${hook.version}).</p>
      <footer><button type="button" onClick=${() => setShown(false)}>Back</button>
        <button type="button" class="primary" disabled=${act.busy} onClick=${save}>Save</button>
        </footer><//>`
    }
    ${
      made &&
      html`<${Dialog} title="Webhook created"
      onClose=${() => go(path("t", tenant, "webhooks", made.id))}>
      <p>This is its signing secret. It is shown this once; who has admin on the webhook can read it again.</p>
      <${Block} label="Secret" text=${made.secret} />
      ${(made.warnings ?? []).map(
        (one) => html`<p class="notice wait" key=${one.field}>
      <code>${one.field}</code> ${one.message}</p>`,
      )}
      <footer><button type="button" class="primary"
        onClick=${() => go(path("t", tenant, "webhooks", made.id))}>Open it</button></footer><//>`
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

/** @param {unknown} value */
const said = (value) =>
  value === null || value === undefined
    ? "–"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
