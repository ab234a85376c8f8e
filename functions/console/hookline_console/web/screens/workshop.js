/** Screen 7: an event on the left, a template or filter in the middle, what would be sent on the right. */

import { get, messageOf, of, patch, post } from "../api.js";
import { useAct, useData, useList } from "../data.js";
import { bytes, exactly, size } from "../format.js";
import { filtering } from "../router.js";
import { tell } from "../toasts.js";
import { Block, Card, More, Page, ProblemBox, Select, Tabs } from "../ui.js";
import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { Editor, placeOf } from "./editor.js";
import { mayWrite } from "./standing.js";
import { PickWebhook } from "./webhook_names.js";
import { publishable, SAMPLE, STARTERS } from "./workshop_examples.js";
import { Tries } from "./workshop_tries.js";

/** @typedef {import("./workshop_tries.js").Outcome} Outcome */
/** @typedef {import("./workshop_tries.js").Try} Try */

/** @param {Given} given */
export default function Workshop({ tenant, may, query }) {
  const [eventText, setEventText] = useState(JSON.stringify(SAMPLE, null, 2));
  const [template, setTemplate] = useState(STARTERS["Slack: a message"][1]);
  const [language, setLanguage] = useState("mustache");
  const [type, setType] = useState("application/json");
  const [expression, setExpression] = useState("data.total > `10`");
  const [who, setWho] = useState({ context: "", user: "" });
  const [matched, setMatched] = useState(/** @type {Api.DryRun | null} */ (null));
  const [made, setMade] = useState(/** @type {Api.Preview | null} */ (null));
  const [tries, setTries] = useState(/** @type {Try[] | null} */ (null));
  const act = useAct();
  const mode = query.mode === "filter" ? "filter" : "template";
  const stored = useData(
    (signal) =>
      may.read
        ? get(of(tenant, "events"), { limit: 20 }, { signal, quiet: true })
        : Promise.resolve({ items: [], next_cursor: null }),
    [tenant],
  );
  const types = useList(
    (cursor, signal) =>
      may.read
        ? get(of(tenant, "event-types"), { limit: 100, cursor }, { signal, quiet: true })
        : Promise.resolve({ items: [], next_cursor: null }),
    [tenant],
  );
  const hook = useData(
    (signal) =>
      query.webhook
        ? get(of(tenant, "webhooks", query.webhook), undefined, { signal, quiet: true })
        : Promise.resolve(null),
    [query.webhook],
  );
  useEffect(() => {
    const saved = hook.value;
    if (!saved) return;
    // What was typed while it came stays.
    setTemplate((typed) => saved.body_template ?? typed);
    setLanguage(saved.template_language ?? "mustache");
    setType(saved.content_type);
    setExpression((typed) => saved.filter ?? typed);
    setWho({ context: saved.context ?? "", user: saved.user ?? "" });
  }, [hook.value]);
  const parsed = () => {
    try {
      return exactly(eventText);
    } catch (/** @type {any} */ error) {
      throw new Error(`The event is not JSON: ${error.message}`);
    }
  };
  const webhook = () => ({
    name: hook.value?.name ?? "example",
    ...(who.context ? { context: who.context } : {}),
    ...(who.user ? { user: who.user } : {}),
  });
  const edited = {
    template,
    ...(language === "handlebars" ? { template_language: language } : {}),
    content_type: type,
  };
  const preview = (/** @type {object} */ event, /** @type {object} */ made = edited) =>
    post(
      of(tenant, "templates", "preview"),
      { ...made, event, webhook: webhook() },
      { quiet: true },
    );
  const matching = (/** @type {object} */ given, filter = expression) =>
    post(
      of(tenant, "events", "dry-run"),
      { ...given, webhook: { filter, events: ["*"] } },
      { quiet: true },
    );
  const apply = () =>
    act.run(async () =>
      mode === "filter" ? setMatched(await matching(parsed())) : setMade(await preview(parsed())),
    );
  useSoon(
    () => apply(),
    [eventText, template, language, type, expression, mode, who.context, who.user],
  );
  /** @type {(id: string, filter: string) => Promise<Outcome>} */
  const triedFilter = async (id, filter) => {
    const [found] = (await matching({ event_id: id }, filter)).items;
    return { word: found?.matched ? "called" : "not called", text: found?.reason };
  };
  /** @type {(id: string, made: object) => Promise<Outcome>} */
  const triedTemplate = async (id, made) => {
    const event = await get(of(tenant, "events", id), undefined, { quiet: true, exact: true });
    const { valid, body } = await preview(publishable(event), made);
    return { word: valid ? "valid" : "invalid", text: body };
  };
  /** How it is saved answers: nothing of a webhook that is not there. @param {string} id */
  const asSaved = async (id) => {
    const saved = hook.value;
    if (!saved) return null;
    if (mode === "template") return triedTemplate(id, savedBody(saved));
    return saved.filter ? triedFilter(id, saved.filter) : { word: "called", text: "no filter" };
  };
  /** @type {(tried: Promise<Outcome | null>) => Promise<Outcome | null>} */
  const told = (tried) => tried.catch((problem) => ({ word: "failed", text: messageOf(problem) }));
  const tryAll = () =>
    act.run(async () => {
      /** @type {Try[]} */
      const out = [];
      for (const one of stored.value?.items ?? []) {
        const now =
          mode === "filter" ? triedFilter(one.id, expression) : triedTemplate(one.id, edited);
        out.push({ one, now: await told(now), saved: await told(asSaved(one.id)) });
      }
      setTries(out);
    });
  const save = () =>
    act.run(async () => {
      const change =
        mode === "filter"
          ? { filter: expression }
          : {
              body_template: template,
              content_type: type,
              ...(language === (hook.value?.template_language ?? "mustache")
                ? {}
                : { template_language: language }),
            };
      if (!hook.value) return;
      const saved = await patch(of(tenant, "webhooks", hook.value.id), change, {
        headers: { "if-match": String(hook.value.version) },
      });
      hook.set(saved);
      tell(`Saved into ${saved.name}`);
      for (const one of saved.warnings ?? []) tell(`${one.field}: ${one.message}`, "bad");
    });
  const load = async (/** @type {string} */ value) => {
    const [kind, id] = [value.slice(0, 1), value.slice(1)];
    if (kind === "e")
      setEventText(
        JSON.stringify(
          publishable(await get(of(tenant, "events", id), undefined, { exact: true })),
          null,
          2,
        ),
      );
    else {
      const found = await get(of(tenant, "event-types", id), undefined, { exact: true });
      setEventText(
        JSON.stringify({ ...SAMPLE, type: id, data: found.example ?? SAMPLE.data }, null, 2),
      );
    }
  };
  const write = mayWrite(hook.value ?? undefined, may);
  return html`<${Page} title="Workshop"
    sub="Try a template or a filter on real events before it is saved. Nothing is sent."
    actions=${html`<${Tabs} of=${[["template", "Template"], ["filter", "Filter"]]} at=${mode}
    to=${filtering("mode")} />`}>
    <div class="filters"><${PickWebhook} tenant=${tenant} any="no webhook" value=${query.webhook}
      name=${hook.value?.name} onChange=${filtering("webhook")} />
      ${
        hook.value &&
        write &&
        html`<button type="button" class="primary" disabled=${act.busy}
        onClick=${save}>Save into this webhook</button>`
      }
      ${
        stored.value &&
        stored.value.items.length > 0 &&
        html`<button type="button" disabled=${act.busy}
        onClick=${tryAll}>Try on the last ${
          stored.value.items.length === 1 ? "event" : `${stored.value.items.length} events`
        }</button>`
      }</div>
    <div class="panes">
      <${Card} title="Event" aside=${html`<${Select} label="Take an event" any="take another …"
        value="" options=${[
          ...(stored.value?.items ?? []).map((one) => [
            `e${one.id}`,
            `${one.type} · ${one.id.slice(-6)}`,
          ]),
          ...types.items.map((one) => [`t${one.type}`, `example of ${one.type}`]),
        ]}
        onChange=${load} />`}>
        <textarea aria-label="Event" spellcheck="false" value=${eventText}
          onInput=${(e) => setEventText(e.currentTarget.value)}></textarea>
        <div class="two"><input aria-label="Context" placeholder="context" value=${who.context}
          onInput=${(e) => setWho({ ...who, context: e.currentTarget.value })} />
          <input aria-label="User" placeholder="user" value=${who.user}
          onInput=${(e) => setWho({ ...who, user: e.currentTarget.value })} /></div>
        ${types.cursor && html`<${More} list=${types} of="types to choose from" />`}<//>
      ${
        mode === "template"
          ? html`<${Card} title="Template" aside=${html`<${Select} label="Start from"
          any="start from …" value="" options=${Object.keys(STARTERS)}
          onChange=${(/** @type {string} */ name) => {
            setLanguage(STARTERS[name][0]);
            setTemplate(STARTERS[name][1]);
          }}
          />`}>
            <${Editor} text=${template} onText=${setTemplate} at=${placeOf(act.problem)}
              label="Template" />
            <div class="two"><${Select} label="Language" any=${null} value=${language}
              options=${["mustache", "handlebars"]} onChange=${setLanguage} />
              <input aria-label="Content type" value=${type}
              onInput=${(e) => setType(e.currentTarget.value)} /></div><//>`
          : html`<${Card} title="Filter"><${Editor} text=${expression} onText=${setExpression}
          at=${placeOf(act.problem)} label="Filter" low />
          <p class="faint">JMESPath over the event. A text is <code>'quoted so'</code>, a number or a truth is in backticks: <code>\`7\`</code>, <code>\`true\`</code>. An unquoted name is a field.</p><//>`
      }
      <${Card} title=${mode === "filter" ? "Would it be called?" : "What would be sent"}
        aside=${html`<button type="button" disabled=${act.busy} onClick=${apply}>Apply</button>`}>
        <${ProblemBox} problem=${act.problem} title="It does not work yet" />
        ${!act.problem && mode === "filter" && matched && html`<${FilterResult} result=${matched} />`}
        ${
          !act.problem &&
          mode === "template" &&
          made &&
          html`<${BodyResult} result=${made}
        hook=${hook.value} />`
        }<//>
    </div>
    ${tries && html`<${Tries} of=${tries} what=${mode === "filter" ? "Because" : "Body"} />`}<//>`;
}

/** What a preview is asked of a webhook as it is saved. @param {Api.Webhook} hook */
const savedBody = (hook) => ({
  ...(hook.body_template === null
    ? {}
    : { template: hook.body_template, template_language: hook.template_language }),
  format: hook.format,
  content_type: hook.content_type,
});

/** @param {{result: Api.Preview, hook: Api.Webhook | null | undefined}} given */
function BodyResult({ result, hook }) {
  return html`${
    result.valid
      ? html`<p class="notice ok">Valid ${result.content_type}, ${bytes(size(result.body))}.</p>`
      : html`<p class="notice bad" role="alert">
    ${result.problem ?? `Not valid ${result.content_type}`}</p>`
  }
    ${(result.warnings ?? []).map(
      (one) => html`<p class="notice wait"
      key=${one.field + one.message}><code>${one.field}</code> ${one.message}</p>`,
    )}
      <${Block} label="Body, byte for byte" text=${result.body} />
      <${Block} label="Headers" text=${[
        `Content-Type: ${result.content_type}`,
        ...Object.entries(hook?.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      ].join("\n")} />
      <p class="faint">Each call adds its ids, its time and its signature.</p>`;
}

/** @param {{result: Api.DryRun}} given */
function FilterResult({ result }) {
  const [found] = result.items;
  if (!found) return null;
  return html`<p class=${`notice ${found.matched ? "ok" : ""}`}>
    ${found.matched ? "Yes: the webhook would be called." : html`No: ${found.reason}`}</p>
    ${(found.warnings ?? []).map(
      (one) => html`<p class="notice wait"
    key=${one.message}>${one.message}</p>`,
    )}`;
}

/** Runs when the typing rests, not at every key. @param {() => void} run @param {unknown[]} deps */
function useSoon(run, deps) {
  useEffect(() => {
    const timer = setTimeout(run, 450);
    return () => clearTimeout(timer);
  }, deps);
}
