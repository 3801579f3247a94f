// Runs client-zip for `zip.js`: asks for one entry after the other, then sends the parts of the ZIP.
let onAnswer;

addEventListener("message", ({ data }) => onAnswer(data));

function ask(kind, spare) {
  return new Promise((resolve) => {
    onAnswer = resolve;
    postMessage({ kind, spare }, spare ? [spare] : []);
  });
}

async function* entries(images, returnsBuffers) {
  for (let entry, spare; (entry = await ask("next", spare)); ) {
    const isImage = "image" in entry;
    if (isImage) images.set(entry.input, entry.image);
    yield entry;
    // Its checksum is computed, and the ZIP has only its number, so the buffer may be used for the next image.
    spare = isImage && returnsBuffers ? entry.input.buffer : undefined;
  }
}

// client-zip returns the very arrays that it was given, so each can be replaced by the number of its image.
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
  // Workers don't have the import map of their page.
  const { clientZip, streamsToDisk } = await ask("start");
  const { makeZip } = await import(clientZip);
  // The bytes of each image -> its number.
  const images = new WeakMap();
  const stream = makeZip(entries(images, !streamsToDisk), { buffersAreUTF8: true });
  const parts = streamsToDisk ? [await new Response(stream).blob()] : await withoutBytes(stream, images);
  postMessage({ kind: "done", parts });
}

// So that the page gets an error event.
run().catch(reportError);
