/** A webhook as the form has it, text by text, and back as the API takes it. */

export const EMPTY = {
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
/** @typedef {typeof EMPTY} Form */
/** @typedef {Exclude<keyof Form, "enabled" | "include_entity">} Name a field that is written */

/** What the API answers for a field that nobody set. @type {Partial<Form>} */
export const USUAL = {
  timeout_seconds: "10",
  initial_delay_seconds: "5",
  multiplier: "3",
  max_delay_seconds: "43200",
  max_age_seconds: "864000",
  signatures: "standard",
};
/** @param {string} text */
export const lines = (text) =>
  text
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter(Boolean);

/** @type {(keyof Api.Webhook["scope"])[]} */
export const SCOPES = ["projects", "entities", "environments"];
/** @type {(keyof Api.Webhook["retry"])[]} */
export const RETRY = [
  "initial_delay_seconds",
  "multiplier",
  "max_delay_seconds",
  "max_attempts",
  "max_age_seconds",
];

/** @param {Api.Webhook | null | undefined} hook @returns {Form} */
export function fieldsOf(hook) {
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
export function documentOf(form, hook) {
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
export function differences(hook, wanted) {
  const before = documentOf(fieldsOf(hook), hook);
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !same(value, before[name])),
  );
}
