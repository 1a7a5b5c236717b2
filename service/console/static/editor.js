// The editor with scripts: what a change does is shown beside the form, rows of conditions are rebuilt in their place,
// and texts of expressions are completed. Everything here also works by sending the form.
//
//   data-fresh       a part with an id that is taken anew from the page after each save
//   data-unchecked   says that the page's findings are not known yet
//   data-impact      where the sample of a change is shown
//   data-rows        a choice that changes which inputs a row has
//   data-rebuild     a button that only rebuilds the condition it stands in
//   data-complete    a text that is completed with names

import { enhance, fetchPart, formRequest, later } from "./console.js";

const desk = document.querySelector("[data-names]");

// --- what a change does ---------------------------------------------------------------------------

async function fetchPage(url, options) {
  const reply = await fetchPart(url, options);
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

function takeOver(fresh, selector) {
  for (const one of document.querySelectorAll(selector)) {
    const other = one.id ? fresh.getElementById(one.id) : null;
    if (other) one.replaceChildren(...other.childNodes);
  }
}

async function showFindings() {
  const url = new URL(location.href);
  url.searchParams.set("check", "1");
  const fresh = await fetchPage(url).catch(() => null);
  if (!fresh) return;
  takeOver(fresh, "[data-fresh]");
  for (const one of document.querySelectorAll("[data-unchecked]")) one.remove();
}

async function showImpact() {
  for (const place of document.querySelectorAll("[data-impact]")) {
    const waiting = place.querySelector("span[hidden]");
    if (waiting) { waiting.hidden = false; place.querySelector("a").hidden = true; }
    place.setAttribute("aria-busy", "true");
    const reply = await fetchPart(place.dataset.impact).catch(() => null);
    if (reply?.ok) place.innerHTML = await reply.text();
    place.removeAttribute("aria-busy");
  }
}

async function showConsequences() {
  await showFindings();
  await showImpact();
}

const lookAgain = later(showConsequences);
document.addEventListener("saved", (event) => { if (event.detail.ok) lookAgain(); });

// --- rows of conditions ---------------------------------------------------------------------------

async function rebuild(form, submitter, path) {
  const place = document.getElementById(`f-${path}`);
  const focus = document.activeElement?.id;
  const [url, options] = formRequest(form, submitter);
  if (!submitter) options.body.set("do", `refresh|${path}`);
  place.setAttribute("aria-busy", "true");
  const fresh = await fetchPage(url, options);
  const other = fresh.getElementById(place.id);
  if (!other) return form.requestSubmit();
  place.replaceWith(other);
  const etag = fresh.querySelector('#entry input[name="etag"]')?.value;
  for (const one of document.querySelectorAll('input[name="etag"]')) one.value = etag ?? one.value;
  prepare(other);
  enhance(other);
  (document.getElementById(focus) ?? other.querySelector(".cond:last-of-type select"))?.focus();
  lookAgain();
}

function rebuildNext(form, submitter, element) {
  const path = element.closest("[data-condition]").dataset.condition;
  form.turn = (form.turn ?? Promise.resolve()).then(() => rebuild(form, submitter, path));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rebuild]");
  if (!button) return;
  event.preventDefault();
  rebuildNext(button.form, button, button);
});

document.addEventListener("input", (event) => {
  const choice = event.target.closest("[data-rows]");
  if (!choice) return;
  event.stopPropagation();
  rebuildNext(choice.form, null, choice);
}, true);

// --- completion -----------------------------------------------------------------------------------

let known;

async function names() {
  known ??= fetchPart(desk.dataset.names).then((reply) => reply.json());
  return known;
}

function wordBefore(text, at) {
  return /[\w$.]*$/.exec(text.slice(0, at))[0];
}

function ranked(all, word) {
  const wanted = word.toLowerCase();
  const scored = all.map((one) => {
    const text = one.text.toLowerCase();
    const title = one.title.toLowerCase();
    const score = text.startsWith(wanted) ? 0 : text.includes(`.${wanted}`) ? 1 : title.startsWith(wanted) ? 2 : text.includes(wanted) || title.includes(wanted) ? 3 : 9;
    return [score, one];
  });
  return scored.filter(([score]) => score < 9).sort((one, other) => one[0] - other[0]).slice(0, 40).map(([, one]) => one);
}

function completing(field) {
  const list = document.createElement("ul");
  list.className = "completion";
  list.id = `list-${field.id}`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let found = [];
  let at = -1;

  const choose = (place) => {
    at = place;
    [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };
  const close = () => { list.hidden = true; list.replaceChildren(); choose(-1); };
  const take = (one) => {
    const end = field.selectionEnd;
    const start = end - wordBefore(field.value, end).length;
    field.setRangeText(one.text, start, end, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };
  const show = async () => {
    const word = wordBefore(field.value, field.selectionEnd);
    if (!word) return close();
    found = ranked(await names(), word).filter((one) => one.text !== word);
    if (document.activeElement !== field || !found.length) return close();
    list.setAttribute("aria-label", field.labels?.[0]?.textContent.trim() ?? "");
    list.replaceChildren(...found.map((one, index) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${index}`;
      item.setAttribute("role", "option");
      const code = document.createElement("code");
      code.textContent = one.text;
      const title = document.createElement("span");
      title.className = "faint";
      title.textContent = one.title === one.text ? one.kind : one.title;
      item.append(code, title);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(one); });
      return item;
    }));
    list.hidden = false;
    choose(0);
  };
  field.addEventListener("input", (event) => { if (event.isTrusted) show(); });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) { event.preventDefault(); show(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
      event.preventDefault();
      take(found[at]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
}

function prepare(root) {
  for (const field of root.querySelectorAll("[data-complete]")) completing(field);
  for (const one of root.querySelectorAll("[data-no-script]")) one.hidden = true;
}

prepare(document);
if (document.querySelector("[data-unchecked]")) showConsequences();
else showImpact();
