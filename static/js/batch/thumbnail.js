const WIDTH = 256;

/** Return a small JPEG of an image, undefined in browsers that cannot draw one. */
export async function thumbnail(blob) {
  try {
    const bitmap = await createImageBitmap(blob, { resizeWidth: WIDTH, resizeQuality: "medium" });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    // Not WebP: WebKit writes a PNG instead.
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
  } catch {
    return undefined;
  }
}
