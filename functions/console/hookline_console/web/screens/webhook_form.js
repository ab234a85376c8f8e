/** A new webhook, a copy of one, or an edit with its differences shown before it is saved. */

import { get, of, patch, post } from "../api.js";
import { useAct, useData } from "../data.js";
import { go, Link, path } from "../router.js";
import { Await, Block, Card, Dialog, Empty, Field, Page, ProblemBox, Select, tell } from "../ui.js";
import { html, useEffect, useState } from "../vendor/htm-preact.js";

const EMPTY = {
  name: "",
  url: "",
  events: "",
  description: "",
  method: "POST",
  format: "hookline",
  content_type: "",
  enabled: true,
  include_entity: true,
  template_language: "",
  body_template: "",
  filter: "",
  projects: "",
  entities: "",
  environments: "",
  context: "",
  user: "",
  headers: "",
  auth: "",
  username: "",
  password: "",
  token: "",
  timeout_seconds: "",
  rate: "",
  initial_delay_seconds: "",
  multiplier: "",
  max_delay_seconds: "",
  max_attempts: "",
  max_age_seconds: "",
  ca_certificate: "",
  signatures: "",
};
/** @typedef {import("../vendor/htm-preact.js").Happened} Happened */
/** @typedef {typeof EMPTY} Form */
/** @typedef {Exclude<keyof Form, "enabled" | "include_entity">} Name a field that is written */

/** What the API answers for a field that nobody set. @type {Partial<Form>} */
const USUAL = {
  timeout_seconds: "10",
  initial_delay_seconds: "5",
  multiplier: "3",
  max_delay_seconds: "43200",
  max_age_seconds: "864000",
  signatures: "standard",
};
/** @param {string} text */
const lines = (text) =>
  text
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter(Boolean);

/** @type {(keyof Api.Webhook["scope"])[]} */
const SCOPES = ["projects", "entities", "environments"];
/** @type {(keyof Api.Webhook["retry"])[]} */
const RETRY = [
  "initial_delay_seconds",
  "multiplier",
  "max_delay_seconds",
  "max_attempts",
  "max_age_seconds",
];

/** @param {Api.Webhook | null | undefined} hook @returns {Form} */
function fieldsOf(hook) {
  if (!hook) return EMPTY;
  const form = { ...EMPTY };
  form.name = hook.name;
  form.url = hook.url;
  form.description = hook.description;
  form.method = hook.method;
  form.format = hook.format;
  form.content_type = hook.content_type;
  form.enabled = hook.enabled;
  form.include_entity = hook.include_entity;
  form.template_language = hook.template_language ?? "";
  form.body_template = hook.body_template ?? "";
  form.filter = hook.filter ?? "";
  form.context = hook.context ?? "";
  form.user = hook.user ?? "";
  form.ca_certificate = hook.ca_certificate ?? "";
  form.events = hook.events.join("\n");
  for (const name of SCOPES) form[name] = hook.scope[name].join("\n");
  form.headers = Object.entries(hook.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
  form.auth = hook.auth?.type ?? "";
  if (hook.auth?.type === "basic") {
    form.username = hook.auth.username;
    form.password = hook.auth.password;
  }
  if (hook.auth?.type === "bearer") form.token = hook.auth.token;
  form.timeout_seconds = String(hook.timeout_seconds);
  form.rate = hook.rate_limit ? String(hook.rate_limit.per_second) : "";
  for (const name of RETRY) form[name] = String(hook.retry[name] ?? "");
  form.signatures = (hook.signatures ?? []).filter((one) => typeof one === "string").join(", ");
  return form;
}

/**
 * What the form says, as the API takes it; what is empty is left out, or null in an edit.
 * @param {Form} form @param {Api.Webhook | null} hook
 * @returns {Record<string, unknown>}
 */
function documentOf(form, hook) {
  const none = hook ? null : undefined;
  const number = (/** @type {string} */ text) => (text === "" ? none : Number(text));
  const text = (/** @type {string} */ value) => (value === "" ? none : value);
  /** @type {Record<string, string | null>} */
  const headers = Object.fromEntries(
    form.headers
      .split("\n")
      .filter((one) => one.includes(":"))
      .map((one) => [
        one.slice(0, one.indexOf(":")).trim(),
        one.slice(one.indexOf(":") + 1).trim(),
      ]),
  );
  for (const name of Object.keys(hook?.headers ?? {})) if (!(name in headers)) headers[name] = null;
  const retry = Object.fromEntries(
    RETRY.map((n) => [n, number(form[n])]).filter(([, v]) => v !== undefined),
  );
  const scope = Object.fromEntries(SCOPES.map((n) => [n, lines(form[n])]));
  const auth =
    form.auth === "basic"
      ? { type: "basic", username: form.username, password: form.password }
      : form.auth === "bearer"
        ? { type: "bearer", token: form.token }
        : none;
  const described = (hook?.signatures ?? []).filter((one) => typeof one !== "string");
  const all = {
    name: form.name,
    url: form.url,
    events: lines(form.events),
    description: form.description || none,
    method: form.method,
    content_type: text(form.content_type),
    enabled: form.enabled,
    include_entity: form.include_entity,
    body_template: text(form.body_template),
    filter: text(form.filter),
    context: text(form.context),
    user: text(form.user),
    scope: Object.values(scope).some((one) => one.length) || hook ? scope : undefined,
    headers: Object.keys(headers).length ? headers : undefined,
    auth,
    timeout_seconds: number(form.timeout_seconds),
    rate_limit: form.rate === "" ? none : { per_second: Number(form.rate) },
    retry: Object.keys(retry).length ? retry : undefined,
    ca_certificate: text(form.ca_certificate),
    signatures:
      form.signatures || described.length ? [...lines(form.signatures), ...described] : undefined,
    format: form.format,
    template_language: form.template_language || undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** @param {unknown} a @param {unknown} b */
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/**
 * A merge patch of what differs only: nobody else's change is undone by saving.
 * @param {Api.Webhook} hook @param {Record<string, unknown>} wanted
 */
function differences(hook, wanted) {
  const before = documentOf(fieldsOf(hook), hook);
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !same(value, before[name])),
  );
}

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
