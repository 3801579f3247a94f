// Runs client-zip for `zip.js`: asks for one entry after the other, and ends with the parts of the ZIP.
let answered;

addEventListener("message", ({ data }) => answered(data));

function ask(kind, spare) {
  return new Promise((resolve) => {
    answered = resolve;
    postMessage({ kind, spare }, spare ? [spare] : []);
  });
}

async function* entries(images, givesBack) {
  for (let entry, spare; (entry = await ask("next", spare)); ) {
    const isImage = "image" in entry;
    if (isImage) images.set(entry.input, entry.image);
    yield entry;
    // Its checksum is known now, and only its number goes on: the next image may be read into its place.
    spare = isImage && givesBack ? entry.input.buffer : undefined;
  }
}

// client-zip passes the bytes on unchanged, so the number of the image can stand for them.
async function withoutBytes(stream, images) {
  const parts = [];
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return parts;
    parts.push(images.get(value) ?? value);
  }
}

async function run() {
  // The page's import map does not reach its workers.
  const { clientZip, streamsToDisk } = await ask("start");
  const { makeZip } = await import(clientZip);
  // The bytes of each image -> its number.
  const images = new WeakMap();
  const stream = makeZip(entries(images, !streamsToDisk), { buffersAreUTF8: true });
  const parts = streamsToDisk ? [await new Response(stream).blob()] : await withoutBytes(stream, images);
  postMessage({ kind: "done", parts });
}

// The page hears of it as an error of its worker.
run().catch(reportError);
