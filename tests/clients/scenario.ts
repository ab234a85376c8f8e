// A program over `openapi-fetch` and the types that `openapi-typescript` makes of the API's document.
// It compiles under `strict` only while the document says what the API takes and answers.
import { ok, strictEqual } from "node:assert";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const { HOOKLINE_API: baseUrl, HOOKLINE_KEY: key, HOOKLINE_ENDPOINT: url } = process.env;
ok(baseUrl && key && url, "HOOKLINE_API, HOOKLINE_KEY and HOOKLINE_ENDPOINT say where");

const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
const tenant = `typescript-${Date.now()}`;
const path = { tenant };

const made = await api.POST("/v1/tenants", { body: { id: tenant } });
strictEqual(made.data?.id, tenant);

const saved = await api.POST("/v1/tenants/{tenant}/webhooks", {
  params: { path, header: { "Idempotency-Key": "first" } },
  body: { name: "orders", url, events: ["order.*"], retry: { max_attempts: 3 } },
});
const webhook: components["schemas"]["Webhook"] | undefined = saved.data;
ok(webhook);
ok(webhook.secret.startsWith("whsec_"), "shown this once");
strictEqual(webhook.enabled, true);

const at = { params: { path: { tenant, webhook: webhook.id } } };
const stale = await api.PATCH("/v1/tenants/{tenant}/webhooks/{webhook}", {
  params: { ...at.params, header: { "If-Match": "99" } },
  body: { description: "too late" },
});
strictEqual(stale.response.status, 412);
ok(stale.error && "code" in stale.error, "a problem: the gateway's own refusals have no code");
strictEqual(stale.error.code, "precondition_failed");

const refused = await api.POST("/v1/tenants/{tenant}/webhooks", {
  params: { path },
  body: { name: "", url, events: [] },
});
ok(refused.error && "errors" in refused.error && (refused.error.errors?.length ?? 0) >= 2);

const published = await api.POST("/v1/tenants/{tenant}/events", {
  params: { path },
  body: { type: "order.paid", id: "order-17", data: { total: "12.50" } },
});
strictEqual(published.data?.duplicate, false);

const test = await api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/test", { ...at, body: {} });
const delivery = test.data?.id;
ok(delivery);
const log = await api.GET("/v1/tenants/{tenant}/webhooks/{webhook}/deliveries", {
  params: { ...at.params, query: { limit: 10 } },
});
ok(log.data?.items.some((each) => each.id === delivery && each.test));

const gone = await api.DELETE("/v1/tenants/{tenant}/webhooks/{webhook}", at);
strictEqual(gone.response.status, 204);
strictEqual((await api.DELETE("/v1/tenants/{tenant}", { params: { path } })).response.status, 204);
console.log("done");
