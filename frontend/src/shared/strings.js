// Words on screen. English is the key; a page may give translations as JSON in <script type="application/json" id="mh-messages">.
let messages = null;

function translations() {
  if (messages === null) {
    try {
      messages = JSON.parse(document.getElementById("mh-messages")?.textContent || "{}");
    } catch {
      messages = {};
    }
  }
  return messages;
}

/** The text in the reader's language, with `{name}` replaced by parameters. */
export function t(text, parameters = {}) {
  const found = translations()[text] || text;
  return found.replace(/\{(\w+)\}/g, (whole, name) => (name in parameters ? String(parameters[name]) : whole));
}

/** A number as the page's language writes it. */
export const count = (value) => new Intl.NumberFormat(document.documentElement.lang || undefined).format(value);
