const LONGEST_EDGE = 1024;

/**
 * Return the photo as a JPEG of at most 1,024 pixels, upright and without metadata. The server does the same, so the file
 * itself is returned if this browser can't decode it (HEIC), or if it is small already.
 */
export async function shrink(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
    const scale = LONGEST_EDGE / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return file;
    const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    // A JPEG has no transparent parts.
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  } catch {
    return file;
  } finally {
    bitmap?.close();
  }
}
