// The bill beside the form follows what is typed.
const QUIET_MS = 400;

function follow(form) {
  const place = form.querySelector("[data-bill]");
  const status = form.querySelector("[data-bill-status]");
  let request;
  let timer;

  // A longer bill moves the button below it: not between the press and the release of a click.
  function whenReleased(act) {
    if (form.matches(":active")) setTimeout(() => whenReleased(act), 50);
    else act();
  }

  function show(answer) {
    const fragment = answer?.querySelector("[data-bill-fragment]") ?? template(missing());
    place.replaceChildren(fragment);
    place.removeAttribute("aria-busy");
    status.textContent = fragment.dataset?.say ?? "";
  }

  // A page instead of a bill. That of the sign-in: the session has ended.
  const INSTEAD = { 200: "signed-out", 403: "signed-out", 413: "too-large", 429: "too-often" };
  const missing = () => INSTEAD[request.status] ?? "offline";

  const template = (name) => form.querySelector(`template[data-bill="${name}"]`).content.firstElementChild.cloneNode(true);

  function refresh() {
    request?.abort();
    if (!form.elements.prompts.value.trim()) {
      place.replaceChildren(template("empty"));
      place.removeAttribute("aria-busy");
      status.textContent = "";
      return;
    }
    // Not fetch: this parses the answer without turning text into HTML by script.
    request = new XMLHttpRequest();
    request.open("POST", form.dataset.billUrl);
    request.responseType = "document";
    request.addEventListener("load", () => whenReleased(() => show(request.response)));
    request.addEventListener("load", () => refreshAfter(Number(request.getResponseHeader("Retry-After"))));
    request.addEventListener("error", () => place.replaceChildren(template("offline")));
    request.send(new FormData(form));
    place.setAttribute("aria-busy", "true");
  }

  function refreshAfter(seconds) {
    if (seconds) timer = setTimeout(refresh, seconds * 1000);
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, QUIET_MS);
  });
  if (form.elements.prompts.value.trim() && !place.querySelector("[data-bill-fragment]")) refresh();
}

for (const form of document.querySelectorAll("form[data-bill-url]")) follow(form);
