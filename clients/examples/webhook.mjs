// A receiver of webhooks that verifies their signatures, with Node alone:
//   IIB_WEBHOOK_SECRET=whsec_… node webhook.mjs 8080
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

const key = Buffer.from(process.env.IIB_WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const OLDEST_SECONDS = 300;

// Step: verify
// Whether the raw body was signed with our secret, and not long ago (standardwebhooks.com).
function isGenuine(headers, body) {
  const { "webhook-id": id = "", "webhook-timestamp": sentAt = "", "webhook-signature": signatures = "" } = headers;
  if (!/^\d+$/.test(sentAt) || Math.abs(Date.now() / 1000 - Number(sentAt)) > OLDEST_SECONDS) return false;
  const signature = createHmac("sha256", key).update(`${id}.${sentAt}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${signature}`);
  // There are several signatures while the secret is being replaced. Compare them in constant time.
  return signatures.split(" ").some((each) => {
    const given = Buffer.from(each);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// Answers 204 to genuine messages and 401 to others; a message may come twice, with the same webhook-id.
createServer(async (request, response) => {
  const body = await buffer(request);
  const genuine = isGenuine(request.headers, body);
  if (genuine) console.log(request.headers["webhook-id"], JSON.parse(body).type);
  response.writeHead(genuine ? 204 : 401).end();
}).listen(Number(process.argv[2]), "127.0.0.1");
