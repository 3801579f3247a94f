const KEPT_MS = 600_000;

/** Hand a Blob to the browser's downloads under `name`. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Safari reads the Blob some time after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
