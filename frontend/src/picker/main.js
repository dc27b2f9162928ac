// Media fields outside the text (featured picture, portrait, logo): choose, replace, remove.
//
//   <div data-media-field data-picker-url="…" data-upload-url="…" data-csrf="…" data-kind="image">
//     <input type="hidden" name="featured_media" value="12">
//     <img data-media-preview src="…" alt="…" width="96" height="72" hidden>  <span data-media-name>coffee.jpg</span>
//     <button type="button" class="btn btn-secondary btn-sm mh-js-only" data-media-choose>Replace</button>
//     <button type="button" class="btn btn-quiet btn-sm mh-js-only" data-media-clear>Remove</button>
//   </div>
//
// The hidden input changes and fires `change`; words on the button come from data-word-choose and data-word-replace.
import { isOwnPicture } from "../editor/address.js";
import { Library, pick } from "../editor/media.js";

function show(box, item) {
  const input = box.querySelector("input");
  const preview = box.querySelector("[data-media-preview]");
  const name = box.querySelector("[data-media-name]");
  const choose = box.querySelector("[data-media-choose]");
  input.value = item ? String(item.id) : "";
  if (preview) {
    const address = item?.thumbnail || item?.url;
    preview.hidden = !isOwnPicture(address);
    if (preview.hidden) preview.removeAttribute("src");
    else preview.src = address;
    preview.alt = item?.alt ?? "";
  }
  if (name) name.textContent = item?.filename ?? "";
  const clear = box.querySelector("[data-media-clear]");
  if (clear) clear.hidden = !item;
  if (choose?.dataset.wordChoose) choose.textContent = item ? choose.dataset.wordReplace : choose.dataset.wordChoose;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", async (event) => {
  const box = event.target.closest("[data-media-field]");
  if (!box) return;
  if (event.target.closest("[data-media-clear]")) return show(box, null);
  if (!event.target.closest("[data-media-choose]")) return;
  const { pickerUrl, uploadUrl, csrf, kind = "image", title } = box.dataset;
  const [item] = await pick(new Library({ pickerUrl, uploadUrl, csrf }), { kind, title });
  if (item) show(box, item);
});
