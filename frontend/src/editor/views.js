// How blocks that plain HTML cannot show look in the editor. Pictures of other hosts are named, not fetched.
import { h, size } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { isOwnPicture } from "./address.js";
import { icon } from "./ui.js";

const still = (element) => {
  element.contentEditable = "false";
  return element;
};

/** A node view from `make()` → {dom, contentDOM, show(node)}; redrawn when the node changes but stays of its type. */
const view = (make) => (properties) => {
  let { node } = properties;
  const parts = make(properties);
  parts.show(node);
  return {
    dom: parts.dom,
    contentDOM: parts.contentDOM,
    update(next) {
      if (next.type !== node.type) return false;
      node = next;
      parts.show(node);
      return true;
    },
    ignoreMutation: (mutation) => mutation.type !== "selection" && !parts.contentDOM?.contains(mutation.target),
    stopEvent: (event) => Boolean(parts.stops?.(event)),
  };
};

function caption(label) {
  return h("figcaption", { "data-placeholder": label });
}

function pictureBox(library) {
  const box = still(h("div", { class: "mh-picture" }));
  let shown;
  const show = (node) => {
    const { mediaId, src, alt, width, height } = node.attrs;
    const key = JSON.stringify([mediaId, src, alt, width, height]);
    if (key === shown) return;
    shown = key;
    const draw = (item) => {
      if (key !== shown) return;
      const address = library.pictureOf(item, src);
      const missing = !alt && !(item && item.alt);
      const picture = address
        ? h("img", { src: address, alt: alt ?? item?.alt ?? "", width: width ?? item?.width, height: height ?? item?.height, draggable: "false" })
        : h("div", { class: "mh-picture__missing" }, icon("image-off"), h("span", {}, src || item?.filename || t("This picture is gone")));
      box.replaceChildren(picture, missing && address ? h("span", { class: "mh-picture__alt" }, icon("triangle-alert"), t("No alt text yet")) : "");
    };
    if (mediaId) library.find(mediaId, draw);
    else draw(null);
  };
  return { box, show };
}

const imageView = (library) =>
  view(() => {
    const { box, show } = pictureBox(library);
    const contentDOM = caption(t("Caption"));
    const dom = h("figure", { class: "mh-photo" }, box, contentDOM);
    return {
      dom,
      contentDOM,
      show: (node) => {
        dom.dataset.layout = node.attrs.layout ?? "normal";
        show(node);
      },
    };
  });

/** A quiet line for what has no picture: icon, name, second line, then the caption. */
const cardView = (shape, describe, label, library) =>
  view(() => {
    const name = h("strong");
    const sub = h("span", { class: "mh-quiet" });
    const contentDOM = caption(label);
    const dom = h("figure", { class: "mh-mediacard" }, still(h("div", { class: "mh-mediacard__head" }, icon(shape), h("span", {}, name, sub))), contentDOM);
    const show = (node) => {
      const draw = (item) => {
        const [first, second] = describe(node.attrs, item);
        name.textContent = first;
        sub.textContent = second ?? "";
      };
      if (node.attrs.mediaId) library.find(node.attrs.mediaId, draw);
      else draw(null);
    };
    return { dom, contentDOM, show };
  });

const breakView = (words) =>
  view(() => {
    const text = h("span");
    return { dom: still(h("div", { class: "mh-break" }, text)), show: (node) => void (text.textContent = words(node.attrs)) };
  });

const rawView = view(() => {
  const source = h("code");
  const dom = still(h("div", { class: "mh-raw" }, h("div", { class: "mh-raw__head" }, icon("code-xml"), t("HTML")), h("pre", {}, source)));
  return { dom, show: (node) => void (source.textContent = node.attrs.html ?? "") };
});

const SHAPES = { note: "info", tip: "lightbulb", warning: "triangle-alert" };
const calloutView = view(() => {
  const head = still(h("div", { class: "mh-callout__head" }));
  const contentDOM = h("div", { class: "mh-callout__body" });
  const dom = h("aside", { class: "mh-callout" }, head, contentDOM);
  return {
    dom,
    contentDOM,
    show: (node) => {
      const kind = node.attrs.kind ?? "note";
      dom.dataset.kind = kind;
      const words = { note: t("Note"), tip: t("Tip"), warning: t("Warning") };
      head.replaceChildren(icon(SHAPES[kind] ?? "info"), node.attrs.title || words[kind] || kind);
    },
  };
});

const detailsView = view(({ editor, getPos }) => {
  const contentDOM = h("div", { class: "mh-details__parts" });
  const fold = h("button", { type: "button", class: "mh-iconbtn mh-iconbtn--sm mh-details__fold", "aria-label": t("Open for readers") }, icon("chevron-down"));
  const dom = h("div", { class: "mh-details" }, still(fold), contentDOM);
  fold.addEventListener("click", () => {
    const position = getPos();
    const { open } = editor.state.doc.nodeAt(position).attrs;
    editor.view.dispatch(editor.state.tr.setNodeAttribute(position, "open", open ? null : true));
  });
  return {
    dom,
    contentDOM,
    stops: (event) => fold.contains(event.target),
    show: (node) => {
      fold.setAttribute("aria-pressed", String(Boolean(node.attrs.open)));
      fold.title = node.attrs.open ? t("Readers find it open") : t("Readers find it folded");
    },
  };
});

const inlineImageView = (library) =>
  view(() => {
    const dom = h("span", { class: "mh-inlineimage" });
    const show = (node) => {
      const { mediaId, src, alt } = node.attrs;
      const draw = (item) => {
        const address = library.pictureOf(item, src);
        dom.replaceChildren(address ? h("img", { src: address, alt: alt ?? "", draggable: "false" }) : h("span", {}, alt || t("picture")));
      };
      if (mediaId) library.find(mediaId, draw);
      else draw(null);
    };
    return { dom, show };
  });

const host = (address) => {
  try {
    return new URL(address, location.href).host;
  } catch {
    return address ?? "";
  }
};
const nameOf = (attrs, item) => attrs.title || attrs.name || item?.filename || attrs.src || t("This file is gone");

/** Node views by name; `library` knows the media. */
export const nodeViews = (library) => ({
  image: imageView(library),
  inlineImage: inlineImageView(library),
  audio: cardView("file-audio", (attrs, item) => [nameOf(attrs, item), t("Audio")], t("Caption"), library),
  video: cardView("file-video", (attrs, item) => [nameOf(attrs, item), t("Video")], t("Caption"), library),
  file: cardView("file-text", (attrs, item) => [nameOf(attrs, item), [attrs.mediaType, attrs.bytes && size(attrs.bytes)].filter(Boolean).join(", ")], t("Description"), library),
  embed: cardView("square-mouse-pointer", (attrs) => [attrs.title || attrs.url || t("Embed"), `${attrs.provider || host(attrs.url)} · ${t("loaded on click")}`], t("Caption"), library),
  pageBreak: breakView(() => t("Page break")),
  readMore: breakView((attrs) => attrs.text || t("Read more")),
  rawHtml: rawView,
  callout: calloutView,
  details: detailsView,
});

/** Extensions with their node views put in. */
export function withViews(extensions, library) {
  const views = nodeViews(library);
  return extensions.map((extension) => (views[extension.name] ? extension.extend({ addNodeView: () => views[extension.name] }) : extension));
}
export { isOwnPicture };
