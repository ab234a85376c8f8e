/** What the public API takes and answers, by the document that it gives of itself, and what screens are given. */

import type { components, paths } from "../../.local/openapi";

type Schemas = components["schemas"];

/** `/v1/tenants/{tenant}/webhooks` with a blank for each name: `/v1/tenants/_/webhooks`. */
type Blanked<Path extends string> = Path extends `${infer Before}{${string}}${infer After}`
  ? `${Before}_${Blanked<After>}`
  : Path;
type Shapes_ = { [Path in keyof paths & string as Blanked<Path>]: paths[Path] };

type Blank<Part extends string> = string extends Part ? "_" : Part;
type Joined_<Parts extends readonly string[]> = Parts extends readonly [
  infer First extends string,
  ...infer Rest extends string[],
]
  ? `/${Blank<First>}${Joined_<Rest>}`
  : "";

type Done = 200 | 201 | 202 | 204;
type BodyOf<Responses> = {
  [Status in keyof Responses & Done]: Responses[Status] extends {
    content: { "application/json": infer Body };
  }
    ? Body
    : null;
}[keyof Responses & Done];

declare global {
  namespace Api {
    type Shapes = Shapes_;
    type Shape = keyof Shapes_;
    type Joined<Parts extends readonly string[]> = Joined_<Parts>;
    /** A path, and which of the document's it is. */
    type Path<One> = string & { readonly shape: One };
    type AtWebhook = <More extends string[]>(
      ...more: More
    ) => Path<`/v1/tenants/_${Joined_<["webhooks", string, ...More]>}`>;
    type Answer<One, Method extends string> = One extends Shape
      ? Shapes_[One] extends { [Name in Method]: { responses: infer Responses } }
        ? BodyOf<Responses>
        : never
      : never;
    type Item<One> = Answer<One, "get"> extends { items: (infer Each)[] } ? Each : never;
    /** A list's filters by name; one that is empty is left out. */
    type Query<One> = One extends Shape
      ? Shapes_[One] extends { get: { parameters: { query?: infer Given } } }
        ? { [Name in keyof Given]?: Given[Name] | string | null }
        : never
      : never;
    type Options = {
      headers?: Record<string, string>;
      signal?: AbortSignal;
      /** Not shown among what the page just did. */
      quiet?: boolean;
      /** Keeps the digits of numbers. */
      exact?: boolean;
      /** Another key than the tab's. */
      as?: string;
    };
    type Page<Item> = { items: Item[]; next_cursor: string | null };

    type Attempt = Schemas["Attempt"];
    type Delivery = Schemas["Delivery"];
    type DeliveryWithAttempts = Schemas["DeliveryWithAttempts"];
    type DryRun = Schemas["DryRun"];
    type Event = Schemas["Event"];
    type EventType = Schemas["EventType"];
    type Function = Schemas["Function"];
    type Hour = Schemas["Hour"];
    type Key = Schemas["Key"];
    type Me = Schemas["Me"];
    type Message = Schemas["Message"];
    type Operations = Schemas["Operations"];
    type Preview = Schemas["Preview"];
    type Provider = Schemas["Provider"];
    type Principal = Schemas["Principal"];
    type RecoverJob = Schemas["RecoverJob"];
    type RequestRecord = Schemas["RequestRecord"];
    type ResponseRecord = Schemas["ResponseRecord"];
    type Rotated = Schemas["Rotated"];
    type Stats = Schemas["Stats"];
    type StatsBucket = Schemas["StatsBucket"];
    type TenantStats = Schemas["TenantStats"];
    type Webhook = Schemas["Webhook"];
    type WebhookItem = Schemas["WebhookItem"];
    type Whys = Schemas["Whys"];
  }

  /** What the caller may do in the tenant; nothing where their rights are on single webhooks. */
  type May = { read: boolean; write: boolean; admin: boolean; level: string | null };
  /** What every screen is given. */
  type Given = {
    tenant: string;
    me: Api.Me;
    may: May;
    parts: string[];
    query: Record<string, string>;
  };
  /** What may stand in a template. */
  type Shown = import("./hookline_console/web/vendor/htm-preact.js").Value;
  /** Something that a user does: whether it runs, and why it did not work. */
  type Act = {
    busy: boolean;
    problem: import("./hookline_console/web/api.js").Problem | null;
    run: (act: () => unknown) => Promise<unknown>;
    clear: () => void;
  };
  type Data<Value> = {
    value: Value | undefined;
    error: import("./hookline_console/web/api.js").Problem | null;
    loading: boolean;
    reload: (quiet?: boolean) => Promise<void>;
    set: (value: Value) => void;
  };
  type List<Item> = Omit<Data<Api.Page<Item>>, "set"> & {
    items: Item[];
    cursor: string | null;
    goOn: () => Promise<void>;
    busy: boolean;
    paged: boolean;
    moreError: import("./hookline_console/web/api.js").Problem | null;
  };
}
