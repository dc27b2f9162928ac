// Pictures, galleries, sound, film, files and embeds.
import { block } from "./nodes.js";

const number = (text) => (text && /^\d+$/.test(text) ? Number(text) : null);

export const Image = block({
  name: "image",
  content: "inline*",
  draggable: true,
  isolating: true,
  defining: true,
  attrs: ["mediaId", "src", "alt", "title", "width", "height", "layout", "href"],
  html: () => ["figure", {}, ["figcaption", 0]],
  from: [
    {
      tag: "img[data-media], img[src]",
      getAttrs: (element) => ({
        mediaId: number(element.dataset.media), src: element.dataset.media ? null : element.getAttribute("src"),
        alt: element.getAttribute("alt"), width: number(element.getAttribute("width")), height: number(element.getAttribute("height")),
      }),
    },
  ],
});
export const Gallery = block({ name: "gallery", content: "image+", isolating: true, attrs: ["columns", "caption"], html: (node) => ["div", { class: "mh-gallery", "data-caption": node.attrs.caption }, 0] });
const card = (name, attrs, rest = {}) =>
  block({ name, content: "inline*", draggable: true, isolating: true, defining: true, attrs, html: () => ["figure", {}, ["figcaption", 0]], ...rest });
export const Audio = card("audio", ["mediaId", "src", "title"]);
export const Video = card("video", ["mediaId", "src", "title", "posterId", "poster", "width", "height"]);
export const File = card("file", ["mediaId", "src", "name", "bytes", "mediaType"]);
export const Embed = card("embed", ["url", "provider", "title"]);

export const mediaNodes = [Image, Gallery, Audio, Video, File, Embed];
