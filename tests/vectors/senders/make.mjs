// Makes what npm's libraries sign or accept (see README.md beside it).
import { createHmac, createSign } from "node:crypto";
import { writeFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import https from "node:https";
import { EventEmitter } from "node:events";
const require = createRequire(import.meta.url);
const AT = 1795348800;
const BODY = '{"type":"order.paid","id":"evt_1","text":"grüß dich","amount":19.90}';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const vectors = {};
Date.now = () => AT * 1000;
const add = (preset, library, how, headers, body, more) =>
  (vectors[preset] = { made_by: `${library} ${version(library)}: ${how}`, headers, body, ...more });

const { sign } = await import("@octokit/webhooks-methods");
add("github", "@octokit/webhooks-methods", "sign", { "x-hub-signature-256": await sign("It's a Secret to Everybody", BODY), "x-github-event": "push", "x-github-delivery": "d-1" }, BODY, { secrets: ["It's a Secret to Everybody"] });

try {
  const { LinearWebhookClient, LinearWebhooks } = await import("@linear/sdk/webhooks");
  const Client = LinearWebhookClient ?? LinearWebhooks;
  const body = JSON.stringify({ action: "create", type: "Issue", webhookTimestamp: AT * 1000 });
  const secret = "lin_wh_secret_1";
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const ok = new Client(secret).verify(Buffer.from(body), signature);
  if (!ok) throw new Error("linear says no");
  add("linear", "@linear/sdk", "LinearWebhookClient.verify accepts it", { "linear-signature": signature, "linear-event": "Issue", "linear-delivery": "l-1" }, body, { secrets: [secret] });
} catch (error) { console.log("linear", error.message); }

{
  require("@shopify/shopify-api/adapters/node");
  const { createSHA256HMAC } = require("./node_modules/@shopify/shopify-api/dist/cjs/runtime/crypto/utils.js");
  const signature = await createSHA256HMAC("hush-hush", BODY);
  add("shopify", "@shopify/shopify-api", "createSHA256HMAC", { "x-shopify-hmac-sha256": signature, "x-shopify-topic": "orders/paid", "x-shopify-webhook-id": "w-1" }, BODY, { secrets: ["hush-hush"] });
}
{
  const { signWebhookPayload } = require("@notionhq/client");
  const signature = await signWebhookPayload({ body: BODY, verificationToken: "secret_notion_1" });
  add("notion", "@notionhq/client", "signWebhookPayload", { "x-notion-signature": signature }, BODY, { secrets: ["secret_notion_1"] });
}
// Amazon SNS: a certificate of our own, handed to sns-validator in place of Amazon's.
const cert = readFileSync("cert.pem", "utf8"), key = readFileSync("key.pem", "utf8");
https.get = (url, handler) => { const res = new EventEmitter(); res.statusCode = 200; setImmediate(() => { handler(res); res.emit("data", cert); res.emit("end"); }); return new EventEmitter(); };
const Validator = require("sns-validator");
for (const [preset, type] of [["aws-sns", "Notification"], ["aws-sns-confirmation", "SubscriptionConfirmation"]]) {
  const message = { Type: type, MessageId: "165545c9-2a5c-472c-8df2-7ff2be2b3b1b", TopicArn: "arn:aws:sns:eu-west-1:123456789012:orders", Message: '{"order":17}', Timestamp: "2026-11-22T12:00:00.000Z", SignatureVersion: "2", SigningCertURL: "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem" };
  if (type === "Notification") { message.Subject = "paid"; message.UnsubscribeURL = "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe"; }
  else { message.Token = "2336412f"; message.SubscribeURL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f"; }
  const fields = type === "Notification" ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
  const text = fields.filter((f) => f in message).map((f) => `${f}\n${message[f]}\n`).join("");
  message.Signature = createSign("sha256WithRSAEncryption").update(text).sign(key, "base64");
  await new Promise((resolve, reject) => new Validator().validate(message, (error) => (error ? reject(error) : resolve())));
  add(preset, "sns-validator", "validate accepts it", { "x-amz-sns-message-type": type, "content-type": "text/plain; charset=UTF-8" }, JSON.stringify(message), { published: { [message.SigningCertURL]: cert }, expect: { "body:TopicArn": message.TopicArn } });
}
// Zoom's own receiver, asked over loopback: an event, and the validation of its address.
{
  const { HttpReceiver } = await import("@zoom/rivet/meetings");
  const secret = "s3cret-of-theirs", port = 18391;
  const receiver = new HttpReceiver({ port, webhooksSecretToken: secret });
  receiver.init({ eventEmitter: { emit: async () => true } });
  await receiver.start(port);
  const call = async (document) => {
    const body = JSON.stringify(document);
    const signature = createHmac("sha256", secret).update(`v0:${AT}:${body}`).digest("hex");
    const headers = { "x-zm-request-timestamp": String(AT), "x-zm-signature": `v0=${signature}` };
    const answer = await fetch(`http://127.0.0.1:${port}/zoom/events`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body });
    if (answer.status !== 200) throw new Error("zoom says no");
    return { headers, body, answer: await answer.text() };
  };
  const { headers, body } = await call({ event: "meeting.started", event_ts: AT * 1000, payload: { account_id: "A", object: { id: "1", topic: "grüß dich" } } });
  add("zoom", "@zoom/rivet", "HttpReceiver accepts it", headers, body, { secrets: [secret] });
  const asked = await call({ event: "endpoint.url_validation", event_ts: AT * 1000, payload: { plainToken: "abc" } });
  console.log("the validation is answered", asked.answer);
}
{
  const { generateChallengeResponse } = require("event-notification-nodejs-sdk/lib/validator.js");
  const config = { verificationToken: "v".repeat(40), endpoint: "https://hooks.example.com/in/acme/ebay" };
  console.log("eBay's challenge is answered", generateChallengeResponse("a8628072", config));
}
writeFileSync("node.json", JSON.stringify(vectors, null, 1));
console.log(Object.keys(vectors));
