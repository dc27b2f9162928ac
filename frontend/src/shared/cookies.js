// Choices of this browser that the server reads to write the page right from the start.
const YEAR = 31536000;

/** Keeps `value` for a year; null forgets it. */
export function remember(name, value) {
  const age = value === null ? 0 : YEAR;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value ?? "")}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

/** The kept value or null. */
export function recall(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : null;
}
