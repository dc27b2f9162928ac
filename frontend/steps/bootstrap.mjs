// Takes out of Bootstrap's compiled CSS the rules for the classes we name, in logical properties
// (one file serves both directions), and drops the custom properties nobody reads.
import fs from "node:fs";
import path from "node:path";
import postcss from "postcss";
import selectorParser from "postcss-selector-parser";

const LOGICAL = {
  "margin-left": "margin-inline-start", "margin-right": "margin-inline-end",
  "padding-left": "padding-inline-start", "padding-right": "padding-inline-end",
  "border-left": "border-inline-start", "border-right": "border-inline-end",
  "border-top-left-radius": "border-start-start-radius", "border-top-right-radius": "border-start-end-radius",
  "border-bottom-left-radius": "border-end-start-radius", "border-bottom-right-radius": "border-end-end-radius",
  left: "inset-inline-start", right: "inset-inline-end",
};

/** Class names of a list file: one or more a line, `#` starts a comment, `{a,b}` expands. */
export function readClassList(file) {
  const expand = (word) => {
    const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(word);
    return match ? match[2].split(",").flatMap((part) => expand(match[1] + part + match[3])) : [word];
  };
  const words = fs.readFileSync(file, "utf8").replace(/#.*$/gm, "").split(/\s+/).filter(Boolean);
  return new Set(words.flatMap(expand));
}

function classesOf(selector) {
  const names = [];
  selectorParser((root) => root.walkClasses((node) => void names.push(node.value))).processSync(selector);
  return names;
}

function toLogical(declaration) {
  if (LOGICAL[declaration.prop]) declaration.prop = LOGICAL[declaration.prop];
  if (declaration.prop === "text-align") {
    if (declaration.value === "left") declaration.value = "start";
    if (declaration.value === "right") declaration.value = "end";
  }
}

/** Removes rules, media blocks and keyframes that hold nothing any more. */
function prune(root) {
  root.walkAtRules((rule) => {
    if (rule.nodes && rule.nodes.length === 0) rule.remove();
  });
  const css = root.toString();
  root.walkAtRules("keyframes", (rule) => {
    if (!new RegExp(`animation[^;}]*${rule.params}`).test(css)) rule.remove();
  });
}

/** Removes `--bs-…` declarations that no kept rule and none of `others` reads, until none is left. */
function dropUnusedProperties(root, others) {
  for (let again = true; again; ) {
    again = false;
    const read = new Set([...(root.toString() + others).matchAll(/var\((--[\w-]+)/g)].map((match) => match[1]));
    root.walkDecls(/^--bs-/, (declaration) => {
      if (read.has(declaration.prop)) return;
      const rule = declaration.parent;
      declaration.remove();
      if (rule.nodes.length === 0) rule.remove();
      again = true;
    });
  }
}

/** Bootstrap's CSS for `classes` (a Set); `ours` is the CSS that comes after it. */
export function pickBootstrap(modules, classes, ours) {
  const root = postcss.parse(fs.readFileSync(path.join(modules, "bootstrap/dist/css/bootstrap.css"), "utf8"));
  root.walkComments((comment) => comment.remove());
  root.walkAtRules("charset", (rule) => rule.remove());
  root.walkRules((rule) => {
    if (rule.parent.type === "atrule" && rule.parent.name.endsWith("keyframes")) return;
    const kept = rule.selectors.filter((selector) => classesOf(selector).every((name) => classes.has(name)));
    if (kept.length === 0) rule.remove();
    else rule.selectors = kept;
  });
  // A data: picture would need img-src data: in the policy; our own CSS draws these marks.
  root.walkDecls((declaration) => {
    if (declaration.value.includes("url(")) declaration.remove();
    else toLogical(declaration);
  });
  root.walkRules((rule) => void (rule.nodes.length === 0 && rule.remove()));
  dropUnusedProperties(root, ours);
  prune(root);
  return root.toString();
}
