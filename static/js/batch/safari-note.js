// Safari, and every browser on iOS, may delete what a site has stored after seven days without a visit.
// Only WebKit has GestureEvent.
for (const note of document.querySelectorAll("[data-webkit-note]")) note.hidden = !("GestureEvent" in window);
