/** How one webhook stands, and what may be done with it: what several screens ask of it. */

/** @param {Api.Webhook | Api.WebhookItem} hook */
export const stateOf = (hook) => (hook.enabled ? hook.health.state : "disabled");
/** @param {Pick<Api.Webhook, "level"> | undefined} hook @param {May} may */
export const mayWrite = (hook, may) => ["write", "admin"].includes(hook?.level ?? may.level ?? "");
/** @param {Pick<Api.Webhook, "level"> | undefined} hook @param {May} may */
export const mayAdmin = (hook, may) => (hook?.level ?? may.level) === "admin";
