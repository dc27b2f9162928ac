// Addresses as the editor may show and take them. The server judges again; this keeps a click harmless.
const SCHEMES = new Set(["http", "https", "mailto", "tel", "cms"]);

/** The address when its scheme is one of ours or missing, else null. */
export function safeAddress(address) {
  if (typeof address !== "string") return null;
  const bare = address.replace(/[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202f\u2060\ufeff]/g, "");
  if (bare === "") return null;
  const scheme = /^([^/?#:]*):/.exec(bare);
  return scheme && !SCHEMES.has(scheme[1].toLowerCase()) ? null : address.trim();
}

/** Whether typed text looks like an address rather than words to search for. */
export const looksLikeAddress = (text) => /^([a-z][a-z0-9+.-]*:|\/|#|\?)/i.test(text) || /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(text) || /^\S+@\S+\.\S+$/.test(text);

/** What is meant by typed text: https:// before a bare host, mailto: before a mail address. */
export function completeAddress(text) {
  const trimmed = text.trim();
  if (/^([a-z][a-z0-9+.-]*:|\/|#|\?)/i.test(trimmed) || trimmed === "") return trimmed;
  if (/^\S+@\S+\.\S+$/.test(trimmed)) return `mailto:${trimmed}`;
  return /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(trimmed) ? `https://${trimmed}` : trimmed;
}

/** Whether a picture may be shown without asking another host. */
export function isOwnPicture(address) {
  if (!address || typeof location === "undefined") return false;
  // An address relative to the post means nothing on this page.
  if (!/^(https?:|\/)/i.test(address)) return false;
  try {
    return new URL(address, location.href).origin === location.origin;
  } catch {
    return false;
  }
}
