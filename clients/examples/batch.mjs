// Create a folder of pictures from a list of prompts, with Node 20:
//   IIB_API_KEY=iib_… IIB_URL=https://images.example.com node batch.mjs folder
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

const api = `${process.env.IIB_URL}/api/v1`;
const folder = process.argv[2] ?? "pictures";
await mkdir(folder, { recursive: true });

async function ask(url, options = {}, attempts = 5) {
  const headers = { ...options.headers, Authorization: `Bearer ${process.env.IIB_API_KEY}` };
  const answer = await fetch(url, { ...options, headers }).catch((error) => error);
  if (answer.ok) return answer;
  const isBroken = answer instanceof Error;
  if (attempts > 1 && (isBroken || [429, 502, 503, 504].includes(answer.status))) {
    // Retry after a broken connection, 429 and 5xx; the server says in Retry-After how long to wait.
    await sleep(1000 * Number(answer.headers?.get("retry-after") ?? 2));
    return ask(url, options, attempts - 1);
  }
  throw isBroken ? answer : new Error(`${answer.status}: ${await answer.text()}`);
}

// Step: submit
const order = {
  prompts: ["a lighthouse at dawn", { prompt: "a red fox in the snow", name: "fox", ratio: "16:9" }],
  style: "watercolour",
  quality: "low",
  format: "png",
};
// With the same Idempotency-Key, a repeated request creates and costs nothing.
const headers = { "Content-Type": "application/json", "Idempotency-Key": randomUUID() };
const submitted = await ask(`${api}/batches`, { method: "POST", headers, body: JSON.stringify(order) });
let batch = await submitted.json();

// Step: wait
while (!["finished", "cancelled"].includes(batch.status)) {
  await sleep(2000);
  batch = await (await ask(`${api}/batches/${batch.id}`)).json();
}
for (const { name, error } of batch.images) {
  if (error) console.error(`${name}: ${error.message}`);
}

// Step: save
for (const image of batch.images.filter(({ url }) => url)) {
  const content = Buffer.from(await (await ask(image.url)).arrayBuffer());
  if (createHash("sha256").update(content).digest("hex") !== image.sha256) throw new Error(`${image.name} is damaged`);
  await writeFile(`${folder}/${image.name}`, content);
}

// Step: zip
const zip = await ask(`${api}/batches/${batch.id}/zip`);
await pipeline(zip.body, createWriteStream(`${folder}.zip`));
