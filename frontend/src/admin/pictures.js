// A picture of a form (featured picture, portrait, logo) is chosen in the picker; without a script its number is typed.
// The picker is a file of its own, loaded when somebody asks for it.
const part = (box, name) => box.querySelector(`[data-picture-${name}]`);

const inputOf = (box) => box.querySelector(".mh-no-js input, input[type=hidden]");

/** Shows the picture and what it is called, or that there is none. */
function draw(box, item) {
  const shown = part(box, "shown");
  const picture = shown?.querySelector("img");
  if (shown) shown.hidden = !item;
  if (picture) {
    picture.alt = item?.alt ?? "";
    if (item) picture.src = item.thumbnail || item.url;
    else picture.removeAttribute("src");
  }
  const empty = part(box, "empty");
  if (empty) empty.hidden = Boolean(item);
  const name = part(box, "name");
  if (name) name.textContent = item?.filename ?? "";
  const facts = part(box, "facts");
  if (facts) facts.textContent = item?.width ? `${item.width} × ${item.height}` : "";
}

function show(box, item) {
  const input = inputOf(box);
  input.value = item ? String(item.id) : "";
  draw(box, item);
  input.dispatchEvent(new Event("change", { bubbles: true }));
  part(box, item ? "choose" : "empty")?.focus();
}

// A number that a script put into the field: the picture follows.
document.addEventListener("masthead:load", async (event) => {
  const box = event.target.closest("[data-picture-field]");
  if (!box || event.target !== inputOf(box)) return;
  const address = new URL(box.dataset.pickerUrl, location.href);
  address.searchParams.set("ids", event.target.value);
  const answer = event.target.value ? await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null) : null;
  const found = answer?.ok ? await answer.json() : {};
  draw(box, found.items?.[0] ?? null);
});

document.addEventListener("click", async (event) => {
  const box = event.target.closest("[data-picture-field]");
  if (!box) return;
  if (event.target.closest("[data-picture-remove]")) show(box, null);
  if (!event.target.closest("[data-picture-choose]")) return;
  const { choose } = await import(PICKER);
  const csrf = box.dataset.csrf ?? box.closest("form")?.elements.csrf_token?.value ?? "";
  const item = await choose({ pickerUrl: box.dataset.pickerUrl, uploadUrl: box.dataset.uploadUrl, csrf, kind: "image" });
  if (item) show(box, item);
});
