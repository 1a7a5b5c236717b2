// Makes pages better where scripts run; every page works without. Nothing here knows what a page is about.
//
//   data-confirm="words"        asks before a form is sent
//   data-live="#place"          a form whose answer is shown in a place while it is filled in
//   data-autosave               a form that is sent by itself a moment after the last change
//   data-refresh="url"          a place that is fetched again every second, as long as it says so
//   data-go                     a select that sends its form when it changes

const csrf = document.querySelector('meta[name="csrf"]').content;
const WAIT = 350;

async function fetchPart(url, options = {}) {
  const reply = await fetch(url, { ...options, headers: { "X-Fragment": "1", "X-CSRF-Token": csrf, ...(options.headers ?? {}) } });
  if (reply.status === 401) {
    location.reload();
    throw new Error("signed out");
  }
  return reply;
}

function later(work) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), WAIT);
  };
}

function formRequest(form, submitter) {
  const fields = new FormData(form, submitter);
  if (form.method === "post") return [submitter?.getAttribute("formaction") ?? form.action, { method: "POST", body: new URLSearchParams(fields) }];
  const url = new URL(form.dataset.liveUrl ?? form.action, location.href);
  url.search = new URLSearchParams(fields);
  return [url, {}];
}

function showLive(form) {
  const place = document.querySelector(form.dataset.live);
  let turn = 0;
  const show = later(async () => {
    const mine = ++turn;
    place.setAttribute("aria-busy", "true");
    const [url, options] = formRequest(form);
    const reply = await fetchPart(form.dataset.liveUrl ?? url, options);
    const text = await reply.text();
    if (mine === turn) {
      place.innerHTML = text;
      place.removeAttribute("aria-busy");
      enhance(place);
    }
  });
  form.addEventListener("input", show);
}

// One save at a time (`form.turn` is the last of them), and a button of the form waits for it: each begins from the
// revision that the one before made.
function autosave(form) {
  const state = form.querySelector("[data-state]");
  form.turn = Promise.resolve();
  let waiting = 0;
  const send = async () => {
    state.textContent = state.dataset.saving;
    const [url, options] = formRequest(form);
    const reply = await fetchPart(url, options).catch(() => null);
    const told = reply?.headers.get("X-Told");
    state.textContent = reply?.ok ? state.dataset.saved : decodeURIComponent(told ?? "") || state.dataset.failed;
    state.classList.toggle("bad-text", !reply?.ok);
    const etag = reply?.ok && reply.headers.get("ETag");
    if (etag) for (const one of document.querySelectorAll('input[name="etag"]')) one.value = etag.replaceAll('"', "");
    document.dispatchEvent(new CustomEvent("saved", { detail: { form, ok: Boolean(reply?.ok) } }));
  };
  const save = later(() => {
    waiting += 1;
    form.turn = form.turn.then(send).finally(() => { waiting -= 1; });
  });
  form.addEventListener("input", save);
  document.addEventListener("submit", async (event) => {
    if (!waiting || event.defaultPrevented || !event.target.elements.etag) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await form.turn;
    event.target.requestSubmit(event.submitter);
  }, true);
}

async function refresh(place) {
  await new Promise((done) => setTimeout(done, 1000));
  if (!place.isConnected) return;
  if (document.hidden) return refresh(place);
  const reply = await fetchPart(place.dataset.refresh).catch(() => null);
  if (!reply?.ok) return refresh(place);
  const box = document.createElement("div");
  box.innerHTML = await reply.text();
  const fresh = box.firstElementChild;
  place.replaceWith(fresh);
  enhance(fresh.parentElement);
}

function ask(form, submitter) {
  const dialog = document.createElement("dialog");
  const words = (submitter?.dataset.confirm ?? form.dataset.confirm).split("|");
  dialog.innerHTML = '<form method="dialog" class="stack"><p></p><div class="row row-end"><button value=""></button><button value="yes" class="primary"></button></div></form>';
  dialog.querySelector("p").textContent = words[0];
  const [no, yes] = dialog.querySelectorAll("button");
  no.textContent = words[2] ?? "Cancel";
  yes.textContent = words[1] ?? "OK";
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return;
    form.dataset.asked = "yes";
    form.requestSubmit(submitter);
  });
  dialog.showModal();
}

export function enhance(root = document) {
  const all = (selector) => root.querySelectorAll(`${selector}:not([data-ready])`);
  for (const one of all("[data-live]")) { one.dataset.ready = "1"; showLive(one); }
  for (const one of all("[data-autosave]")) { one.dataset.ready = "1"; autosave(one); }
  for (const one of all("[data-refresh]")) { one.dataset.ready = "1"; refresh(one); }
  for (const one of all("[data-go]")) { one.dataset.ready = "1"; one.addEventListener("change", () => one.form.requestSubmit()); }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const submitter = event.submitter;
  if (!(form.dataset.confirm || submitter?.dataset.confirm) || form.dataset.asked) return;
  event.preventDefault();
  ask(form, submitter);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing) {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); }
  }
});

for (const one of document.querySelectorAll("[data-script-only]")) one.hidden = false;
for (const one of document.querySelectorAll("[data-no-script]")) one.hidden = true;
enhance();
export { csrf, fetchPart, formRequest, later };
