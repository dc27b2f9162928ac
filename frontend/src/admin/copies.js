// Where copies of typed text lie in this browser. Where storage is full or forbidden there are none, and nothing else changes.
const PREFIX = "mh-typed:";
const LONGEST = 30 * 24 * 60 * 60 * 1000;

/** What `work` gives for the storage, or null where the browser refuses. */
function stored(work) {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
}

/** Ten letters or digits that name the page a copy was typed on. */
export const freshPage = () => [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => (byte % 36).toString(36)).join("");

/** Every copy in this browser: {person, path, page, number, at, version, fields}. */
export function copies() {
  const keys = stored((store) => Object.keys(store).filter((key) => key.startsWith(PREFIX))) ?? [];
  return keys.flatMap((key) => {
    const value = stored((store) => JSON.parse(store.getItem(key)));
    const [, person, path, page, number] = key.split(":").map(decodeURIComponent);
    return value?.fields ? [{ ...value, person, path, page, number: Number(number) }] : [];
  });
}

const keyOf = ({ person, path, page, number }) => PREFIX + [person, path, page, number].map(encodeURIComponent).join(":");

/** Writes or replaces a copy. */
export function keep(copy) {
  const { at, version, fields } = copy;
  stored((store) => store.setItem(keyOf(copy), JSON.stringify({ at, version, fields })));
}

/** Removes the copies that `which` is true for. */
export function forget(which) {
  for (const copy of copies()) if (which(copy)) stored((store) => store.removeItem(keyOf(copy)));
}

/** Removes what nobody came back for. */
export const forgetOld = () => forget((copy) => !(Date.now() - copy.at < LONGEST));
