/** What the Workshop begins with: an event, templates that others know, and a kept event as it was published. */

/** @type {Record<string, [language: string, template: string]>} */
export const STARTERS = {
  "Unleash: its own example": [
    "mustache",
    '{\n  "event": "{{event.type}}",\n  "createdBy": "{{event.createdBy}}",\n  "featureToggle": "{{event.data.name}}",\n  "timestamp": "{{event.data.createdAt}}"\n}',
  ],
  "Izanami: activation": [
    "handlebars",
    '{"active": {{payload.active}}, "feature": "{{payload.name}}"}',
  ],
  "Slack: a message": ["mustache", '{"text": "{{type}} by {{actor.name}}: {{entity_id}}"}'],
  "The event's data alone": ["mustache", "{{#json}}data{{/json}}"],
  "A line of text": ["mustache", "{{type}} {{entity_id}} at {{timestamp}}"],
};
export const SAMPLE = {
  type: "order.created",
  entity_id: "o-17",
  actor: { id: "u-1", name: "Ada" },
  project: "web",
  environment: "production",
  data: {
    total: 12.5,
    items: [
      { sku: "A1", n: 2 },
      { sku: "B2", n: 1 },
    ],
  },
};

const WRITTEN = [
  "type",
  "occurred_at",
  "actor",
  "project",
  "environment",
  "entity_id",
  "entity_type",
  "entity_url",
  "entity",
  "data",
  "previous_data",
  "tags",
  "feature",
];
/** What of a kept event its publisher had written. @param {Record<string, any>} event */
export const publishable = (event) =>
  Object.fromEntries(
    WRITTEN.filter((name) => event[name] !== undefined && event[name] !== null).map((name) => [
      name,
      event[name],
    ]),
  );
