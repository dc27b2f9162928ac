// The media picker for forms outside the text, as a module: `choose({pickerUrl, uploadUrl, csrf, kind})` gives the item or null.
import { Library, pick } from "../editor/media.js";
import { t } from "../shared/strings.js";

export async function choose({ kind, ...addresses }) {
  const [item] = await pick(new Library(addresses), { kind, title: t("Choose a picture") });
  return item ?? null;
}
