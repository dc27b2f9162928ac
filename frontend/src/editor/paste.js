// Makes HTML from Word, Google Docs and web pages fit the schema before ProseMirror parses it.
import { safeAddress } from "./address.js";

const BOLD = /font-weight\s*:\s*(bold|bolder|[6-9]00)/i;
const NORMAL = /font-weight\s*:\s*(normal|[1-4]00)/i;
const MARKS = [
  [BOLD, "strong"], [/font-style\s*:\s*italic/i, "em"], [/text-decoration[^;]*underline/i, "u"], [/text-decoration[^;]*line-through/i, "s"],
  [/vertical-align\s*:\s*super/i, "sup"], [/vertical-align\s*:\s*sub/i, "sub"],
];
const BLOCKS = "p,h1,h2,h3,h4,h5,h6,td,th,div,li";

/**
 * Takes out of the text what a parser would report to the policy as soon as it saw it: style elements, scripts and handlers.
 * Style attributes become data-style, to be read below.
 */
const disarm = (html) =>
  html
    .replace(/<(style|script|svg|xml)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<[a-z](?:"[^"]*"|'[^']*'|[^"'<>])*>/gi, (tag) =>
      tag
        .replace(/([\s"'/])style\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "$1data-style=$2")
        .replace(/([\s"'/])on[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "$1"),
    );

/** Under Trusted Types strings become HTML through this alone; cms/core/headers.py names it. */
const policy = globalThis.trustedTypes?.createPolicy("masthead-paste", { createHTML: disarm }) ?? { createHTML: disarm };

function rename(element, tag) {
  const fresh = element.ownerDocument.createElement(tag);
  fresh.append(...element.childNodes);
  element.replaceWith(fresh);
  return fresh;
}

/** Word writes lists as paragraphs with "mso-list: l0 level1"; they become lists again. */
function wordLists(body) {
  let stack = [];
  for (const paragraph of [...body.querySelectorAll("p")]) {
    const level = Number(/mso-list:[^;]*level(\d+)/i.exec(paragraph.dataset.style ?? "")?.[1] ?? 0);
    if (!level) {
      if (paragraph.textContent.trim()) stack = [];
      continue;
    }
    const marker = paragraph.querySelector('[data-style*="mso-list:Ignore" i], [data-style*="mso-list: Ignore" i]');
    const numbered = /^\s*(\d+|[a-z]|[ivxl]+)[.)]/i.test(marker?.textContent ?? paragraph.textContent);
    marker?.remove();
    stack.length = Math.min(stack.length, level);
    while (stack.length < level) {
      const list = body.ownerDocument.createElement(numbered ? "ol" : "ul");
      const parent = stack.at(-1);
      if (parent) (parent.lastElementChild ?? parent.appendChild(body.ownerDocument.createElement("li"))).append(list);
      else paragraph.before(list);
      stack.push(list);
    }
    const item = body.ownerDocument.createElement("li");
    stack.at(-1).append(item);
    item.append(rename(paragraph, "p"));
  }
}

function marksFromStyles(body) {
  for (const element of body.querySelectorAll("[data-style]")) {
    const { style } = element.dataset;
    const align = /text-align\s*:\s*(center|right|justify)/i.exec(style)?.[1];
    if (align && element.matches(BLOCKS)) element.dataset.alignment = align.toLowerCase();
    // Google Docs wraps the whole paste in <b style="font-weight:normal">.
    if (element.matches("b,strong") && NORMAL.test(style)) element.replaceWith(...element.childNodes);
    else if (element.matches("span,font,a")) {
      for (const [pattern, tag] of MARKS) {
        if (!pattern.test(style) || (tag === "u" && element.matches("a"))) continue;
        const wrap = body.ownerDocument.createElement(tag);
        wrap.append(...element.childNodes);
        element.append(wrap);
      }
    }
    delete element.dataset.style;
  }
}

/** A caption is an attribute of our tables; a picture of another host becomes a link, so that none is asked. */
function captionsAndPictures(body, isOwn) {
  for (const caption of body.querySelectorAll("table > caption")) {
    caption.parentElement.dataset.caption = caption.textContent.trim();
    caption.remove();
  }
  for (const picture of body.querySelectorAll("img:not([data-node])")) {
    const src = picture.getAttribute("src") ?? "";
    if (picture.dataset.media || isOwn(src)) continue;
    const href = /^https?:/i.test(src) ? safeAddress(src) : null;
    const link = body.ownerDocument.createElement(href ? "a" : "span");
    if (href) link.setAttribute("href", href);
    link.textContent = picture.alt || (href ? src : "");
    picture.replaceWith(link);
  }
}

/** The files behind data: pictures of pasted HTML. */
export function picturesIn(html) {
  return [...html.matchAll(/<img[^>]*\ssrc=["']data:(image\/(?:png|jpeg|gif|webp));base64,([^"']+)["']/gi)].map(([, type, data], index) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    return new File([bytes], `picture-${index + 1}.${type.split("/")[1]}`, { type });
  });
}

/** Pasted HTML, cleaned. */
export function cleanPaste(html, isOwn) {
  if (html.includes("data-pm-slice")) return disarm(html);
  const { body } = new DOMParser().parseFromString(policy.createHTML(html), "text/html");
  for (const element of body.querySelectorAll("script,style,meta,link,title,xml,o\\:p,iframe,object,embed,svg,noscript,template")) element.remove();
  wordLists(body);
  marksFromStyles(body);
  captionsAndPictures(body, isOwn);
  return body.innerHTML.replace(/<!--[\s\S]*?-->/g, "").replace(/<br class="Apple-interchange-newline">/g, "");
}
