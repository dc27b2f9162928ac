// Passkeys: making one on the person's own page, showing one to sign in, as a second step, or to confirm that it is you.
//
//   [data-passkey=make|show|fill]   a button; [data-question] where the question comes from, [data-answer] where it goes
//   [data-passkey-autofill]         the browser offers passkeys in the field for the mail address as well
//   [data-passkey-first]            shown where the browser knows passkeys; [data-passkey-second] steps back then
//   [data-passkey-now]              asked for as soon as the page is there
//   [data-fill=ID]                  the field that takes the answer; its form is sent then
import { t } from "../shared/strings.js";

const known = "PublicKeyCredential" in window && "credentials" in navigator;
/** Milliseconds after which a question that waits is asked anew; it holds for five minutes. */
const RENEWED = 240000;
let waiting = null;
let renewal = 0;

/** What is said instead of what a browser says. */
function sentence(error) {
  if (/^(\d+\.){3}\d+$|^\[/.test(location.hostname)) {
    return t("Passkeys need a name, and this is an address of numbers. On this machine, open the site as {address}.", { address: `${location.protocol}//localhost${location.port ? `:${location.port}` : ""}` });
  }
  if (!window.isSecureContext) return t("Passkeys need a connection that is encrypted. Open the site at its https address.");
  if (!known) return t("This browser does not know passkeys. A newer one does, or use your password.");
  switch (error.name) {
    case "NotAllowedError":
      return t("Nothing was shown, or it took too long. Try again, or go another way.");
    case "InvalidStateError":
      return t("This device has a passkey for your account already.");
    case "SecurityError":
      return t("Passkeys work at the site’s own address only, and this is another one.");
    case "NotSupportedError":
    case "ConstraintError":
      return t("This device cannot keep the kind of passkey that is needed. Try another one, or a security key.");
    case "AbortError":
      return t("That was stopped. Try again.");
    default:
      return error.told || t("That did not work. Try again, or go another way.");
  }
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (list) => (list || []).map((item) => ({ ...item, id: bytes(item.id) }));

/** The question as the browser takes it. */
function question(options) {
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (options.user) asked.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) asked.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) asked.allowCredentials = described(options.allowCredentials);
  return asked;
}

/** The answer as JSON takes it (RegistrationResponseJSON, AuthenticationResponseJSON). */
function answer(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = text(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: parts, clientExtensionResults: {} };
}

async function send(address, csrf, body) {
  let found = {};
  let status = 0;
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify(body),
    });
    status = response.status;
    found = await response.json();
  } catch {
    found = {};
  }
  if (status >= 200 && status < 300) return found;
  if (found.confirm) location.assign(`${found.confirm}?next=${encodeURIComponent(location.pathname)}`);
  const told = found.error || (status ? t("This page is too old. Reload it and try again.") : t("The connection broke off. Try again."));
  throw Object.assign(new Error(told), { name: "Told", told });
}

function problem(button, words) {
  const note = (button.closest("form, main") || document).querySelector("[data-passkey-problem]") || document.querySelector("[data-passkey-problem]");
  if (!note) return;
  note.querySelector("div").textContent = words;
  note.hidden = !words;
}

async function ask(button, { quietly = false } = {}) {
  const { question: from, csrf } = button.dataset;
  waiting?.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  if (!quietly) clearTimeout(renewal);
  const publicKey = question(await send(from, csrf, {}));
  if (button.dataset.passkey === "make") return navigator.credentials.create({ publicKey, signal });
  return navigator.credentials.get({ publicKey, signal, ...(quietly ? { mediation: "conditional" } : {}) });
}

async function go(button, options) {
  const { answer: to, csrf, passkey, fill, next } = button.dataset;
  const got = answer(await ask(button, options));
  if (fill) {
    const field = document.getElementById(fill);
    field.value = JSON.stringify(got);
    field.form.submit();
    return;
  }
  const more = passkey === "make" ? { name: button.form?.elements.name?.value || "" } : { next: next || "", remember: Boolean(document.querySelector("[name=remember]")?.checked) };
  let target;
  try {
    ({ next: target } = await send(to, csrf, { answer: got, ...more }));
  } catch (error) {
    throw Object.assign(error, { answered: true });
  }
  const there = new URL(target, location.href);
  const here = there.pathname === location.pathname && there.search === location.search;
  location.assign(there);
  // The same page with another # would not be loaded anew.
  if (here) location.reload();
}

async function press(button, { unasked = false } = {}) {
  problem(button, "");
  if (!known) {
    problem(button, sentence({}));
    return;
  }
  button.disabled = true;
  try {
    await go(button);
  } catch (error) {
    // Some browsers want a press before they ask; whoever did not press hears nothing of that.
    if (!unasked || error.told || !["NotAllowedError", "AbortError"].includes(error.name)) problem(button, error.told || sentence(error));
    if ("passkeyAutofill" in button.dataset) offer(button);
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-passkey]");
  if (button) press(button);
  if (event.target.closest("[data-print]")) print();
});

// Enter in the field of the name is a press of its button.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-passkey-form]")) return;
  event.preventDefault();
  press(event.target.querySelector("button[data-passkey]"));
});

/** Offer passkeys in the field for the mail address, where the browser can; anew before the question is too old. */
async function offer(button) {
  clearTimeout(renewal);
  try {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    renewal = setTimeout(() => offer(button), RENEWED);
    await go(button, { quietly: true });
  } catch (error) {
    // Pressing the button takes this question's place; what goes wrong before anybody answered is not told.
    if (error.answered) problem(button, error.told);
  }
}

if (known) {
  for (const part of document.querySelectorAll("[data-passkey-first]")) part.hidden = false;
  if (document.querySelector("[data-passkey-first]")) {
    for (const second of document.querySelectorAll("[data-passkey-second]")) second.classList.replace("btn-primary", "btn-secondary");
  }
  const quiet = document.querySelector("[data-passkey-autofill]");
  if (quiet) offer(quiet);
}
const atOnce = document.querySelector("[data-passkey-now]");
if (atOnce) press(atOnce, { unasked: true });
