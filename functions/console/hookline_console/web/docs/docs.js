/** The API's page: RapiDoc over this stack's own document, with the key and tenant of this tab. */

import "./inline_styles.js";
import "../vendor/rapidoc.js";
import { key } from "../api.js";

const page = /** @type {any} */ (document.querySelector("rapi-doc"));

const COLOURS = {
  light: ["light", "#ffffff", "#1c2330", "#4338ca", "#f5f6f9", "#3d4656", "#4338ca"],
  dark: ["dark", "#12161f", "#dfe4ee", "#a5acff", "#181d28", "#b7c0d0", "#a5acff"],
};
const NAMES = [
  "theme",
  "bg-color",
  "text-color",
  "primary-color",
  "nav-bg-color",
  "nav-text-color",
  "nav-accent-color",
];

function colour(/** @type {{matches: boolean}} */ dark) {
  const values = dark.matches ? COLOURS.dark : COLOURS.light;
  NAMES.forEach((name, i) => {
    page.setAttribute(name, values[i]);
  });
}
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", colour);
colour(dark);

// Where there is no width for its navigation, the list of operations is the page.
if (innerWidth < 768) page.setAttribute("render-style", "view");

/** RapiDoc's name of an operation's place on the page. */
const place = (/** @type {string} */ method, /** @type {string} */ path) =>
  `${method}-${path.replace(/[\s#:?&={}]/g, "-")}`;

/** A curl line says where the key goes, and never the key. */
const Try = customElements.get("api-request")?.prototype;
const written = Try.generateCURLSyntax;
Try.generateCURLSyntax = function (/** @type {any[]} */ ...given) {
  return written
    .apply(this, given)
    .replace(/'(authorization: Bearer )[^']*'/i, '"$1$HOOKLINE_KEY"');
};

const reply = await fetch("/v1/openapi.json", { credentials: "omit" });
const api = await reply.json();
// RapiDoc's reader of 3.1 takes many seconds over a document of this size. The one of 3.0 takes
// none, and what 3.1 has more (lists of types, `const`, `examples`) is RapiDoc's own to show.
api.openapi = "3.0.3";
// It would stand beside its column, and is cut off where that is narrow.
delete api.info.license;
const tenant = sessionStorage.getItem("hookline.tenant");
const ids = new Map();
for (const [path, methods] of Object.entries(api.paths))
  for (const [method, operation] of Object.entries(methods)) {
    ids.set(operation.operationId, place(method, path));
    for (const one of operation.parameters ?? [])
      if (tenant && one.in === "path" && one.name === "tenant") one.example = tenant;
  }

/** `#create_webhook` is as good an address as RapiDoc's own, and easier to write down. */
const go = () => {
  const found = ids.get(decodeURIComponent(location.hash.slice(1)));
  if (found) location.replace(`#${found}`);
};
addEventListener("hashchange", go);
go();

page.addEventListener("spec-loaded", () => {
  const mine = key();
  if (mine) page.setApiKey("key", mine);
});
page.loadSpec(api);
