// One sprite of <symbol>s from lucide, and the same shapes as a module for the editor's own toolbar.
import fs from "node:fs";
import path from "node:path";

function shapeOf(modules, name) {
  const svg = fs.readFileSync(path.join(modules, "lucide-static/icons", `${name}.svg`), "utf8");
  return svg
    .replace(/<!--.*?-->/gs, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \/>/g, "/>");
}

export const readNames = (file) => fs.readFileSync(file, "utf8").replace(/#.*$/gm, "").split(/\s+/).filter(Boolean).sort();

/** The sprite as text; used as `<svg class="mh-icon"><use href="icons.svg#name"/></svg>`. */
export function buildSprite(modules, names) {
  const symbols = names.map(
    (name) =>
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" ` +
      `stroke-linecap="round" stroke-linejoin="round">${shapeOf(modules, name)}</symbol>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

/** The shapes of an icon as [tag, attributes], so that a script makes elements of them and never parses markup. */
const partsOf = (shape) =>
  [...shape.matchAll(/<(\w+) ([^>]*?)\/>/g)].map(([, tag, attributes]) => [
    tag,
    Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
  ]);

/** esbuild plugin: `import icons from "icons:list"` gives {name: [[tag, attributes], …]} of the names in `file`. */
export const iconPlugin = (modules, file) => ({
  name: "icons",
  setup(build) {
    build.onResolve({ filter: /^icons:list$/ }, () => ({ path: "list", namespace: "icons" }));
    build.onLoad({ filter: /.*/, namespace: "icons" }, () => ({
      contents: `export default ${JSON.stringify(Object.fromEntries(readNames(file).map((name) => [name, partsOf(shapeOf(modules, name))])))}`,
      loader: "js",
    }));
  },
});
