// The server's messages at the top of the page, which are removed when they are no longer true.
const place = document.querySelector(".messages");

/** Remove the messages of this kind, such as "success", or all of them. */
export function removeMessages(kind) {
  if (!place) return;
  for (const message of place.querySelectorAll(kind ? `[data-kind="${kind}"]` : "*")) message.remove();
  if (!place.children.length) place.remove();
}
