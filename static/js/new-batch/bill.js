// Updates the bill next to the form while the customer types.
const TYPING_PAUSE_MS = 400;
// What the server answers when it does not send a bill. The sign-in page (200) means that the session has ended.
const PROBLEMS = { 200: "signed-out", 403: "signed-out", 413: "too-large", 429: "too-often" };

// fetch would leave us text to turn into HTML. XMLHttpRequest parses the document itself.
function requestBill(form, onLoad, onError) {
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.billUrl);
  request.responseType = "document";
  request.addEventListener("load", () => onLoad(request));
  request.addEventListener("error", onError);
  request.send(new FormData(form));
  return request;
}

// A longer bill moves the submit button down, so it must not appear between the press and the release of a click.
function whenReleased(form, act) {
  if (form.matches(":active")) setTimeout(() => whenReleased(form, act), 50);
  else act();
}

// Messages about an earlier state of the list, such as those of a form that was sent with errors.
function removeOldErrors(form) {
  for (const error of form.querySelectorAll("[role=alert]:not([data-problem]), .errors")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function keepUpToDate(form) {
  const place = form.querySelector("[data-bill]");
  const status = form.querySelector("[data-bill-status]");
  let request;
  let timer;
  let isEdited = false;

  const template = (name) => form.querySelector(`template[data-bill="${name}"]`).content.firstElementChild.cloneNode(true);

  function show(fragment) {
    place.replaceChildren(fragment);
    place.removeAttribute("aria-busy");
    status.textContent = fragment.dataset.say ?? "";
  }

  function showAnswer(answered) {
    const bill = answered.response?.querySelector("[data-bill-fragment]");
    if (isEdited && bill && answered.status === 200) removeOldErrors(form);
    show(bill ?? template(PROBLEMS[answered.status] ?? "offline"));
  }

  function refreshAfter(seconds) {
    if (seconds) timer = setTimeout(refresh, seconds * 1000);
  }

  function refresh() {
    request?.abort();
    if (!form.elements.prompts.value.trim()) {
      show(template("empty"));
      return;
    }
    request = requestBill(form, (answered) => {
      whenReleased(form, () => showAnswer(answered));
      refreshAfter(Number(answered.getResponseHeader("Retry-After")));
    }, () => show(template("offline")));
    place.setAttribute("aria-busy", "true");
  }

  form.addEventListener("input", () => {
    isEdited = true;
    // It is about the list as it was.
    place.querySelector("[name=first]")?.setAttribute("disabled", "");
    clearTimeout(timer);
    timer = setTimeout(refresh, TYPING_PAUSE_MS);
  });
  // The server may have sent the bill with the form.
  const sent = place.querySelector("[data-bill-fragment]");
  if (sent) show(sent);
  else if (form.elements.prompts.value.trim()) refresh();
}

for (const form of document.querySelectorAll("form[data-bill-url]")) keepUpToDate(form);
