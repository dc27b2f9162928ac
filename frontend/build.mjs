// Writes cms/admin/static, cms/api/static and themes/default/static. `npm run build` from this folder; the output is committed.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync, brotliCompressSync } from "node:zlib";
import * as esbuild from "esbuild";
import { pickBootstrap, readClassList } from "./steps/bootstrap.mjs";
import { buildFonts } from "./steps/fonts.mjs";
import { buildSprite, iconPlugin, readNames } from "./steps/icons.mjs";
import { licencesOf } from "./steps/licences.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "node_modules");
// The guard test builds into a folder of its own and compares.
const target = process.env.FRONTEND_OUT ? path.resolve(process.env.FRONTEND_OUT) : path.dirname(here);
const source = (...parts) => path.join(here, "src", ...parts);
const BROWSERS = ["chrome120", "firefox121", "safari17"];

/** A static tree: files get the hash of their content into their name, manifest.json maps plain to hashed names. */
class Tree {
  constructor(folder) {
    this.folder = path.join(target, folder);
    this.manifest = {};
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
  write(name, content) {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return Buffer.from(content);
  }
  /** Writes `name` hashed; returns the hashed name (relative to the tree, as CSS of the tree's root refers to it). */
  emit = (name, content) => {
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
    const { dir, name: stem, ext } = path.posix.parse(name);
    const hashed = path.posix.join(dir, `${stem}.${hash}${ext}`);
    const bytes = this.write(hashed, content);
    this.manifest[name] = hashed;
    if (!name.startsWith("fonts/")) report(name, bytes);
    else console.log(`${name.padEnd(44)} ${String(bytes.length).padStart(7)}`);
    return hashed;
  };
  finish() {
    const sorted = Object.fromEntries(Object.entries(this.manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
    this.write("manifest.json", `${JSON.stringify(sorted, null, 2)}\n`);
  }
}

function report(name, bytes) {
  const sizes = [bytes.length, gzipSync(bytes, { level: 6 }).length, brotliCompressSync(bytes).length];
  console.log(`${name.padEnd(44)} ${sizes.map((size) => String(size).padStart(7)).join(" ")}`);
}

async function minifyCss(css) {
  const result = await esbuild.transform(css, { loader: "css", minify: true, legalComments: "none", charset: "utf8" });
  return result.code;
}

async function stylesheet(tree, { faces, classes, files, name }) {
  const ours = files.map((file) => fs.readFileSync(file, "utf8")).join("\n");
  const fonts = await buildFonts(faces, modules, tree.emit);
  const bootstrap = pickBootstrap(modules, readClassList(classes), ours);
  const notice = "/*! Holds parts of Bootstrap 5.3.8 (MIT), see LICENSES.txt */\n";
  tree.emit(name, notice + (await minifyCss(`${fonts}\n${bootstrap}\n${ours}`)));
}

/** Bundles one script; returns its hashed name and the files that went in. */
async function script(tree, entry, name, { icons = source("editor", "icons.txt"), ...options } = {}) {
  const result = await esbuild.build({
    entryPoints: [entry], bundle: true, minify: true, write: false, metafile: true, format: "iife", target: BROWSERS, charset: "utf8",
    legalComments: "none", absWorkingDir: here, plugins: [iconPlugin(modules, icons)], external: ["./picker.*"], ...options,
  });
  return { name: tree.emit(name, result.outputFiles[0].text), inputs: Object.keys(result.metafile.inputs) };
}

const LATIN = ["latin", "latin-ext"];
const ADMIN_FACES = [
  { family: "Schibsted Grotesk", file: "schibsted-grotesk", source: "@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-*-wght-normal.woff2", scripts: LATIN, axes: { wght: { min: 400, max: 700 } }, weight: "400 700", standIn: "sans" },
  { family: "Newsreader", file: "newsreader", source: "@fontsource-variable/newsreader/files/newsreader-*-wght-normal.woff2", scripts: LATIN, axes: { wght: { min: 400, max: 700 } }, weight: "400 700", standIn: "serif" },
  { family: "Newsreader", file: "newsreader-italic", source: "@fontsource-variable/newsreader/files/newsreader-*-wght-italic.woff2", scripts: LATIN, axes: { wght: 400 }, weight: "400", style: "italic" },
  { family: "JetBrains Mono", file: "jetbrains-mono", source: "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-*-wght-normal.woff2", scripts: ["ascii", "latin-rest"], names: { ascii: "latin", "latin-rest": "latin" }, axes: { wght: 400 }, weight: "400" },
];
const THEME_FACES = [
  { family: "Literata", file: "literata", source: "@fontsource-variable/literata/files/literata-*-wght-normal.woff2", scripts: LATIN, axes: { wght: { min: 400, max: 700 } }, weight: "400 700", standIn: "serif" },
  { family: "Literata", file: "literata-italic", source: "@fontsource-variable/literata/files/literata-*-wght-italic.woff2", scripts: LATIN, axes: { wght: 400 }, weight: "400", style: "italic" },
  { family: "Bricolage", file: "bricolage", source: "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-*-wght-normal.woff2", scripts: LATIN, axes: { wght: { min: 300, max: 800 } }, weight: "300 800", standIn: "sans" },
  { family: "Plex Mono", file: "plex-mono", source: "@fontsource/ibm-plex-mono/files/ibm-plex-mono-*-400-normal.woff2", scripts: ["ascii", "latin-rest"], names: { ascii: "latin", "latin-rest": "latin" }, weight: "400" },
  { family: "Naskh", file: "noto-naskh", source: "@fontsource-variable/noto-naskh-arabic/files/noto-naskh-arabic-*-wght-normal.woff2", scripts: ["arabic"], axes: { wght: { min: 400, max: 700 } }, weight: "400 700" },
  { family: "Readex", file: "readex", source: "@fontsource-variable/readex-pro/files/readex-pro-*-wght-normal.woff2", scripts: ["arabic"], axes: { wght: { min: 300, max: 700 } }, weight: "300 700" },
];

const packageOf = (face) => face.source.split("/").slice(0, 2).join("/");

async function buildAdmin() {
  const tree = new Tree("cms/admin/static");
  tree.emit("icons.svg", buildSprite(modules, readNames(source("admin", "icons.txt"))));
  await stylesheet(tree, {
    faces: ADMIN_FACES, classes: source("admin", "bootstrap-classes.txt"), name: "admin.css",
    files: ["admin.css", "parts.css", "account.css", "editor.css"].map((file) => source("admin", file)),
  });
  // admin.js loads the picker by its hashed name when it is asked for.
  const picker = await script(tree, source("picker", "main.js"), "picker.js", { icons: source("picker", "icons.txt"), format: "esm" });
  const admin = await script(tree, source("admin", "admin.js"), "admin.js", { format: "esm", define: { PICKER: JSON.stringify(`./${picker.name}`) } });
  const editor = await script(tree, source("editor", "main.js"), "editor.js");
  const inputs = [picker, admin, editor].flatMap((built) => built.inputs);
  tree.write("LICENSES.txt", licencesOf(modules, inputs, ["bootstrap", "lucide-static", ...ADMIN_FACES.map(packageOf)]));
  tree.finish();
}

async function buildApi() {
  const tree = new Tree("cms/api/static");
  // Swagger UI comes as it is, but for the addresses of maps that we do not serve.
  const theirs = (name) => fs.readFileSync(path.join(modules, "swagger-ui-dist", name), "utf8");
  const whole = (text) => text.replace(/\n?(\/\/|\/\*)# sourceMappingURL=.*\n?$/, "\n");
  tree.emit("swagger-ui.js", whole(theirs("swagger-ui-bundle.js")).replace("swagger-ui-bundle.js.LICENSE.txt", "LICENSES.txt"));
  tree.emit("swagger-ui.css", whole(theirs("swagger-ui.css")));
  tree.emit("api.css", await minifyCss(fs.readFileSync(source("api", "api.css"), "utf8")));
  await script(tree, source("api", "console.js"), "console.js");
  const inside = ["NOTICE", "swagger-ui-bundle.js.LICENSE.txt"].map((name) => theirs(name).trim());
  tree.write("LICENSES.txt", [licencesOf(modules, [], ["swagger-ui-dist"]).trim(), ...inside].join(`\n\n${"-".repeat(72)}\n\n`) + "\n");
  tree.finish();
}

async function buildTheme() {
  const tree = new Tree("themes/default/static");
  await stylesheet(tree, { faces: THEME_FACES, classes: source("theme", "bootstrap-classes.txt"), name: "theme.css", files: [source("theme", "theme.css")] });
  await script(tree, source("theme", "theme.js"), "theme.js");
  tree.write("LICENSES.txt", licencesOf(modules, [], ["bootstrap", ...THEME_FACES.map(packageOf)]));
  tree.finish();
}

console.log(`${"file".padEnd(44)}   bytes    gzip  brotli`);
await buildAdmin();
await buildApi();
await buildTheme();
