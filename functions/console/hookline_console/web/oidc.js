/** Login at the stack's OpenID issuer: authorization code with PKCE, no secret in the page. */

const KEPT = "hookline.oidc";
/** @param {Uint8Array} bytes */
const url64 = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const random = () => url64(crypto.getRandomValues(new Uint8Array(32)));

/** @param {string} issuer */
async function endpoints(issuer) {
  const found = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    credentials: "omit",
  });
  if (!found.ok) throw new Error(`The issuer answered ${found.status}`);
  return found.json();
}

const back = () => `${location.origin}/console`;

/** @param {Record<string, any>} stack */
export async function begin(stack) {
  const { authorization_endpoint: to } = await endpoints(stack.issuer);
  const kept = { verifier: random(), state: random() };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  const challenge = url64(
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(kept.verifier))),
  );
  const query = new URLSearchParams({
    response_type: "code",
    client_id: stack.client,
    redirect_uri: back(),
    scope: "openid",
    state: kept.state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  location.assign(`${to}?${query}`);
}

/** The token that the issuer's code is worth. @param {Record<string, any>} stack */
export async function finish(stack) {
  const given = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  sessionStorage.removeItem(KEPT);
  history.replaceState(null, "", "/console");
  if (given.has("error"))
    throw new Error(`The issuer refused: ${given.get("error_description") ?? given.get("error")}`);
  if (given.get("state") !== kept.state)
    throw new Error("The answer does not belong to this login. Try again.");
  const { token_endpoint: at } = await endpoints(stack.issuer);
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: given.get("code") ?? "",
    redirect_uri: back(),
    client_id: stack.client,
    code_verifier: kept.verifier,
  });
  const reply = await fetch(at, { method: "POST", body, credentials: "omit" });
  if (!reply.ok) throw new Error(`The issuer did not give a token (${reply.status})`);
  const { access_token: access, id_token: id } = await reply.json();
  // Issuers differ in which of the two can say who somebody is to this stack.
  const ours = [access, id].find((token) => claims(token)?.hookline_principal);
  if (!ours) throw new Error("The issuer's token names no principal of this stack.");
  return ours;
}

/** What a JWT says, unverified: the API verifies it. @param {unknown} token */
function claims(token) {
  try {
    const part = String(token).split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(part));
  } catch {
    return null; // not a JWT: opaque to everybody but the issuer
  }
}
