// Everything the pages need beyond HTML and htmx: keys, dialogs, theme, drafts, refusals, fresh times.
// Pages only declare; see the attributes data-key, data-opens, data-reveals, data-fills, data-removes, data-draft.
"use strict";

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const say = (name, n = "") => (find("#says").dataset[name] ?? "").replace("{n}", n);
const visible = (element) => element.checkVisibility({ visibilityProperty: true });
const TYPED = "textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])";
const typing = (element) => element.isContentEditable || element.matches(TYPED);

// --- Keys ---------------------------------------------------------------------------------------------------

let before = ""; // "g" waits a moment for its second letter

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const { target, key } = event;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") return act(event, () => openDialog("palette"));
  if ((event.ctrlKey || event.metaKey) && key === "Enter" && target.form) return act(event, () => target.form.requestSubmit());
  if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
  if (typing(target)) return key === "Escape" && target.blur();
  if (key === "/") return act(event, () => openDialog("palette"));
  if (key === "?") return act(event, () => openDialog("keys"));
  const name = before ? `${before} ${key}` : key;
  before = "";
  const control = controlFor(name);
  if (control) return act(event, () => press(control));
  if (key === "g") {
    before = "g";
    setTimeout(() => (before = ""), 1200);
  }
});

function act(event, what) {
  event.preventDefault();
  what();
}

function controlFor(name) {
  return all("[data-key]").find((element) => element.dataset.key === name && !element.disabled && (visible(element) || element.closest("#side")));
}

// A button or link is pressed, a field is entered, a section is entered at its first control. A choice made by its
// key goes straight on to what it needs; the arrow keys stay among the choices.
function press(control) {
  if (typing(control)) return control.focus();
  if (control.matches("a, button, summary, input")) {
    control.focus();
    control.click();
    const needed = control.matches("[data-reveals]") && find("[data-when]:not([hidden])", control.form);
    return needed && (find(".quick button", needed) ?? find("input, select, textarea", needed))?.focus();
  }
  const fields = all("input:not([type=hidden]), select, textarea, button", control).filter((field) => visible(field) && !field.disabled);
  const first = fields.find((field) => field.type === "radio" && field.checked) ?? fields[0] ?? control;
  first.focus();
  control.scrollIntoView({ block: "nearest" });
}

function drawKeys() {
  const seen = new Map();
  for (const control of all("[data-key]")) {
    const words = control.dataset.keyLabel ?? control.getAttribute("aria-label") ?? wordsOf(control);
    if (!seen.has(control.dataset.key) && (visible(control) || control.closest("#side"))) seen.set(control.dataset.key, words);
  }
  const rows = [...seen].map(([key, words]) => {
    const row = document.createElement("div");
    row.append(document.createElement("dt"), document.createElement("dd"));
    const hint = document.createElement("kbd");
    hint.className = "key";
    hint.textContent = key;
    row.firstChild.append(hint);
    row.lastChild.textContent = words;
    return row;
  });
  find("#keys-list").replaceChildren(...rows);
}

function wordsOf(control) {
  const copy = control.cloneNode(true);
  all("kbd", copy).forEach((hint) => hint.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

// --- Dialogs, and small things a click does -----------------------------------------------------------------

function openDialog(name) {
  const dialog = document.getElementById(name);
  if (!dialog || dialog.open) return;
  if (name === "keys") drawKeys();
  find("#side:popover-open")?.hidePopover();
  dialog.showModal();
  if (name === "palette") {
    find("#palette-field").select();
    choosePages();
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.matches("dialog")) target.close(); // the backdrop; its content would be the target otherwise
  const control = target.closest("[data-opens], [data-removes], [data-fills]");
  if (!control) return;
  if (control.dataset.opens) openDialog(control.dataset.opens);
  if (control.dataset.removes) control.closest(control.dataset.removes)?.remove();
  if (control.dataset.fills) {
    const field = document.getElementById(control.dataset.fills);
    field.value = control.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
});

// --- Palette ------------------------------------------------------------------------------------------------

const options = () => all("#palette [role=option]").filter(visible);

function choosePages() {
  const wanted = find("#palette-field").value.trim().toLowerCase();
  for (const page of all("#palette-pages [role=option]")) page.hidden = !wordsOf(page).toLowerCase().includes(wanted);
  choose(options()[0]);
}

function choose(option) {
  all("#palette [role=option]").forEach((other, i) => {
    other.id = `option-${i}`;
    other.setAttribute("aria-selected", other === option);
  });
  if (option) find("#palette-field").setAttribute("aria-activedescendant", option.id);
  else find("#palette-field").removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

find("#palette")?.addEventListener("keydown", (event) => {
  const found = options();
  const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") act(event, () => choose(found[(at + 1) % found.length]));
  if (event.key === "ArrowUp") act(event, () => choose(found[(at - 1 + found.length) % found.length]));
  if (event.key === "Enter") act(event, () => found[at]?.click());
});
find("#palette-field")?.addEventListener("input", choosePages);

// --- Theme --------------------------------------------------------------------------------------------------

const themes = find("[data-theme-switch]");
if (themes) {
  themes.hidden = false;
  const now = document.documentElement.dataset.bsTheme ?? "system";
  all("input", themes).forEach((choice) => (choice.checked = choice.value === now));
  themes.addEventListener("change", ({ target }) => {
    if (target.value === "system") delete document.documentElement.dataset.bsTheme;
    else document.documentElement.dataset.bsTheme = target.value;
    localStorage.setItem("fullkit.theme", target.value);
  });
}

// --- Forms: fields that belong to a choice, one sending at a time, drafts ------------------------------------

function reveal(form) {
  const chosen = find("[data-reveals]:checked", form)?.value;
  for (const group of all("[data-when]", form)) {
    group.hidden = group.disabled = !group.dataset.when.split(" ").includes(chosen);
  }
}

document.addEventListener("change", ({ target }) => target.matches("[data-reveals]") && reveal(target.form));

const draftOf = (form) => `draft ${document.body.dataset.person} ${location.pathname} ${form.dataset.draft}`;
const kept = (field) => field.name && !/^(hidden|password|file|submit|button|fieldset)$/.test(field.type);

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form?.dataset.draft) return;
  const values = [...form.elements].filter(kept).map((field) => [field.name, field.value, field.checked]);
  sessionStorage.setItem(draftOf(form), JSON.stringify(values));
});

function restore(form) {
  const draft = JSON.parse(sessionStorage.getItem(draftOf(form)) ?? "[]");
  if (!draft.length || find("[aria-invalid=true]", form)) return; // after an error the server shows what was sent
  for (const field of [...form.elements].filter(kept)) {
    const choice = field.type === "radio" || field.type === "checkbox";
    const entry = draft.find(([name, value]) => name === field.name && (!choice || value === field.value));
    if (entry && choice) field.checked = entry[2];
    else if (entry) field.value = entry[1];
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.ariaBusy === "true") return event.stopImmediatePropagation(), event.preventDefault();
    if (form.method === "dialog") return;
    form.ariaBusy = "true";
    if (form.matches("[data-forgets]")) sessionStorage.clear(); // signing out leaves nothing for the next person
    if (form.dataset.draft && !form.hasAttribute("hx-post")) sessionStorage.setItem("sent", draftOf(form));
  },
  true,
);

// A form sent the plain way is safe once another page has arrived; going back or loading again is not arriving.
function forgetSent() {
  const arrived = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  if (arrived && sessionStorage.getItem("sent")) sessionStorage.removeItem(sessionStorage.getItem("sent"));
  sessionStorage.removeItem("sent");
}

// --- htmx: refusals, failures, focus ------------------------------------------------------------------------

// Where a "no" is said: inside the dialog that asked, where what was typed still stands, else at the top of the page.
function noticePlace(asking) {
  const dialog = asking?.closest("dialog[open]");
  if (!dialog) return find("#notice");
  if (!find(".notice-place", dialog)) {
    const place = document.createElement("div");
    place.className = "notice-place";
    place.role = "alert";
    place.tabIndex = -1;
    find("form", dialog).before(place);
  }
  return find(".notice-place", dialog);
}

function notice(sentence, asking) {
  const box = document.createElement("div");
  box.className = "notice";
  box.textContent = sentence;
  const place = noticePlace(asking);
  place.replaceChildren(box);
  place.focus();
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.requestConfig.verb !== "get" && noticePlace(detail.elt).replaceChildren());
document.addEventListener("htmx:sendError", ({ detail }) => notice(say("offline"), detail.elt));
document.addEventListener("htmx:timeout", ({ detail }) => notice(say("offline"), detail.elt));
document.addEventListener("htmx:responseError", ({ detail }) => notice(say(`error${detail.xhr.status}`) || say("error"), detail.requestConfig.elt));
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  if (detail.xhr.getResponseHeader("HX-Retarget")) [detail.shouldSwap, detail.isError] = [true, false]; // a "no" in words
  if (detail.target.id === "notice") detail.target = noticePlace(detail.requestConfig.elt);
  // A session that ended answers with the sign-in page; what was typed waits in the draft.
  const answered = new URL(detail.xhr.responseURL || location.href);
  if (answered.pathname !== "/sign-in") return;
  event.preventDefault();
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest("form");
  if (!form) return;
  form.ariaBusy = "false";
  if (detail.xhr.status >= 200 && detail.xhr.status < 300 && form.dataset.draft) sessionStorage.removeItem(draftOf(form));
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "palette-found") return choosePages();
  prepare(detail.target.parentElement ?? document);
  if (detail.target.matches(".notice-place")) return detail.target.focus();
  if (document.activeElement !== document.body) return;
  const place = document.getElementById(detail.target.id) ?? find("#main"); // never lose the reader's place
  if (place.matches("[data-key]")) press(place);
  else place.focus({ preventScroll: true });
});

// --- Times --------------------------------------------------------------------------------------------------

// The same two limits as the server's filter `when`; older and later times are told by the calendar and stay.
function refreshTimes() {
  for (const time of all("time[data-ago]")) {
    const minutes = Math.round((new Date(time.dateTime) - Date.now()) / 60000);
    const away = Math.abs(minutes);
    if (away < 1) time.textContent = say("now");
    else if (away < 90) time.textContent = say(minutes > 0 ? "minIn" : "minAgo", away);
    else if (away < 360) time.textContent = say(minutes > 0 ? "hIn" : "hAgo", Math.round(away / 60));
  }
}
setInterval(refreshTimes, 30000);

// How long this packet has been in hand, shown where the minutes may be typed; empty means as counted.
function countMinutes() {
  for (const field of all("input[data-since]")) {
    const minutes = Math.round((Date.now() - new Date(field.dataset.since)) / 60000);
    if (minutes >= 0) field.placeholder = Math.min(minutes, 240);
  }
}
setInterval(countMinutes, 15000);

// --- Work in hand -------------------------------------------------------------------------------------------

// An open page keeps the packet in hand only while somebody is there: after a while without a key or a pointer it
// stops saying so, and the lease runs out.
const AWAY = 20 * 60000;
let lastSeen = Date.now();
for (const sign of ["keydown", "pointerdown", "pointermove", "wheel"]) addEventListener(sign, () => (lastSeen = Date.now()), { passive: true });
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-while-here]") && Date.now() - lastSeen > AWAY) event.preventDefault();
});

// --- Start --------------------------------------------------------------------------------------------------

function prepare(root) {
  all("[data-key]", root).forEach((control) => control.setAttribute("aria-keyshortcuts", control.dataset.key.replace(" ", "+")));
  all("form[data-draft]", root).forEach(restore);
  all("form:has([data-reveals])", root).forEach(reveal);
}

addEventListener("pageshow", () => all("form").forEach((form) => (form.ariaBusy = "false")));
forgetSent();
prepare(document);
