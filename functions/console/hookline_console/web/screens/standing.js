/** How one webhook stands, and what may be done with it: what several screens ask of it. */

export const stateOf = (hook) => (hook.enabled ? hook.health.state : "disabled");
export const mayWrite = (hook, may) => ["write", "admin"].includes(hook?.level ?? may.level);
export const mayAdmin = (hook, may) => (hook?.level ?? may.level) === "admin";
