// Nothing typed on the edit page is lost: this browser keeps a copy until the server has said that it is saved.
//
//   <form data-keep-typed="PERSON">                    fields are kept for that person; passwords and tokens never are
//   <form data-keep-typed="PERSON" data-copy="NAME">   the answer to a save that was refused: the page shows what that copy holds
//   <button data-sign-out="PERSON">                    whoever signs out leaves no copy behind
//
// A save carries the name of its copy as `copy`; the answer to one that went well leads to #saved-NAME. A save that was lost on the
// way (signed out elsewhere, no connection) leads nowhere of the kind, so the copy stays and is offered when the page is opened again.
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { copies, forget, forgetOld, freshPage, keep } from "./copies.js";
import { sprite } from "./sprite.js";

const PAUSE = 400;
const NEVER = new Set(["csrf_token", "version", "markdown_seen"]);
const NAME = /^(?:#saved-)?([a-z0-9]{10})-(\d{1,4})$/;
const form = document.querySelector("form[data-keep-typed]");

const isKept = (field) => field.name && !field.matches("button, fieldset, [type=file]") && !NEVER.has(field.name) && !/password/.test(`${field.name} ${field.type} ${field.autocomplete}`);
const kept = () => [...form.elements].filter((field) => isKept(field) && !field.disabled);

/** What the form holds, as [name, value] pairs. */
function typed() {
  const names = new Set(kept().map((field) => field.name));
  return [...new FormData(form)].filter(([name]) => names.has(name));
}

// -- keeping ---------------------------------------------------------------------------------------------------

const [, page, number] = NAME.exec(form?.dataset.copy ?? "") ?? [null, freshPage(), "1"];
const own = { person: form?.dataset.keepTyped, path: location.pathname, page, number: Number(number), version: form?.elements.version?.value };
let sent = false;
let last = "";
let timer;

/** Writes the copy, if anything is other than when it was last written. */
function write() {
  clearTimeout(timer);
  timer = undefined;
  const fields = typed();
  const now = JSON.stringify(fields);
  if (now === last) return;
  last = now;
  // What is typed while a save is on its way is not in it: that is a copy of its own.
  if (sent) own.number += 1;
  sent = false;
  keep({ ...own, at: Date.now(), fields });
}

function writeSoon(event) {
  if (event.target.closest?.("dialog, [data-no-warn]") || (event.target.form ?? event.target.closest?.("form")) !== form) return;
  clearTimeout(timer);
  timer = setTimeout(write, PAUSE);
}

/** Removes a copy, and those of the same page that earlier saves left. */
const done = (person, { page, number }) => forget((copy) => copy.person === person && copy.page === page && copy.number <= number);

// -- bringing back ---------------------------------------------------------------------------------------------

/** A value as it is compared: documents in one order of keys. */
function plain(value) {
  const inOrder = (_key, part) => (part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);
  try {
    return value.startsWith("{") ? JSON.stringify(JSON.parse(value), inOrder) : value;
  } catch {
    return value;
  }
}

const grouped = (fields) => fields.reduce((groups, [name, value]) => groups.set(name, [...(groups.get(name) ?? []), plain(value)]), new Map());
const sameAs = (groups, name, values) => JSON.stringify(groups.get(name) ?? []) === JSON.stringify(values);
const isShown = (copy) => {
  const [here, there] = [grouped(typed()), grouped(copy.fields)];
  return [...new Set([...here.keys(), ...there.keys()])].every((name) => sameAs(here, name, there.get(name) ?? []));
};

/** Puts values into a field and tells whoever shows it; false if it cannot take them. */
function fill(field, values) {
  if (field.matches("[type=checkbox], [type=radio]")) field.checked = values.includes(field.value);
  else if (field.matches("select")) {
    if (!field.multiple && ![...field.options].some((option) => values.includes(option.value))) return false;
    for (const option of field.options) option.selected = values.includes(option.value);
  } else {
    const before = field.value;
    field.value = values[0] ?? "";
    if (!field.dispatchEvent(new CustomEvent("masthead:load", { bubbles: true, cancelable: true }))) {
      field.value = before;
      return false;
    }
  }
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  return true;
}

/** Fills the form from a copy; returns the texts that found no field. */
function bringBack(copy) {
  const here = grouped(typed());
  const values = new Map();
  // A box that was not ticked is in no copy.
  for (const field of kept()) if (field.matches("[type=checkbox], select[multiple]")) values.set(field.name, []);
  for (const [name, value] of copy.fields) values.set(name, [...(values.get(name) ?? []), value]);
  const left = [];
  for (const [name, wanted] of values) {
    if (sameAs(here, name, wanted.map(plain))) continue;
    const fields = kept().filter((field) => field.name === name);
    const taken = fields.map((field) => fill(field, wanted));
    if (!taken.some(Boolean)) left.push(...wanted.filter(Boolean));
  }
  // As it was typed over an earlier save: whoever saved since is asked about, not overwritten.
  if (form.elements.version && copy.version !== undefined) form.elements.version.value = own.version = copy.version;
  return left;
}

function when(time) {
  const language = document.documentElement.lang || undefined;
  const today = new Date(time).toDateString() === new Date().toDateString();
  const words = new Intl.DateTimeFormat(language, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(time);
  return today ? t("What you typed here at {time} was not saved.", { time: words }) : t("What you typed here on {time} was not saved.", { time: words });
}

/** Shows a note for the newest copy that no save confirmed and that the page does not show anyway. */
function offer() {
  const waiting = copies().filter((copy) => copy.person === own.person && copy.path === own.path && copy.page !== own.page && !isShown(copy));
  const copy = waiting.sort((one, other) => other.at - one.at)[0];
  if (!copy) return;
  const words = h("p", {}, when(copy.at));
  const button = (label, kind, press) => h("button", { type: "button", class: `btn ${kind} btn-sm`, onclick: press }, label);
  const actions = h("div", { class: "mh-actions mt-2" });
  const note = h("div", { class: "mh-note mb-4", role: "status", "data-no-warn": true }, sprite("history"), h("div", {}, words, actions));
  const close = () => {
    done(own.person, copy);
    note.remove();
    offer();
  };
  const bring = button(t("Bring it back"), "btn-secondary", () => {
    const left = bringBack(copy);
    write();
    form.querySelector("[data-title]")?.focus();
    if (!left.length) return close();
    words.textContent = t("This part has no field here now. Copy what you need of it.");
    words.after(h("textarea", { class: "form-control mt-2", rows: 6, readonly: true, "aria-label": t("What was typed"), value: left.join("\n\n") }));
    bring.remove();
  });
  actions.append(bring, button(t("Forget it"), "btn-quiet", close));
  (form.querySelector(".mh-paper") ?? form).prepend(note);
}

// -- when ------------------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const person = event.submitter?.dataset.signOut;
  if (person) forget((copy) => copy.person === person);
});

if (form) {
  const [whole, savedPage, savedNumber] = NAME.exec(location.hash) ?? [];
  if (whole?.startsWith("#")) {
    done(own.person, { page: savedPage, number: Number(savedNumber) });
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  forgetOld();
  for (const kind of ["input", "change", "masthead:changed"]) document.addEventListener(kind, writeSoon);
  document.addEventListener("submit", (event) => {
    if (event.target !== form || event.defaultPrevented) return;
    write();
    sent = true;
  });
  form.addEventListener("formdata", (event) => event.formData.set("copy", `${own.page}-${own.number}`));
  addEventListener("pagehide", () => timer !== undefined && write());
  // Once the editor stands: until then the form holds its text twice.
  document.readyState === "complete" ? offer() : document.addEventListener("DOMContentLoaded", offer);
}
