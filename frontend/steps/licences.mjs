// The licence texts of everything whose code, fonts or shapes are in the built files.
import fs from "node:fs";
import path from "node:path";

/** Names of the packages that the bundler's inputs come from. */
function packagesOf(inputs) {
  const names = inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  return names.filter(Boolean);
}

function textOf(folder) {
  const file = fs.readdirSync(folder).filter((name) => /^(licen[cs]e|copying|ofl)/i.test(name)).sort()[0];
  return file ? fs.readFileSync(path.join(folder, file), "utf8").replace(/\r\n/g, "\n").trim() : "";
}

/** LICENSES.txt: one section for each package, equal texts written once. */
export function licencesOf(modules, inputs, others) {
  const names = [...new Set([...packagesOf(inputs), ...others])].sort();
  const byText = new Map();
  for (const name of names) {
    const folder = path.join(modules, name);
    const meta = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
    const text = textOf(folder) || `Licence: ${meta.license}`;
    if (!byText.has(text)) byText.set(text, []);
    byText.get(text).push(`${name} ${meta.version} (${meta.license})`);
  }
  const sections = [...byText].map(([text, titles]) => `${titles.join("\n")}\n\n${text}\n`);
  return `Parts of the files in this folder come from these packages.\n\n${sections.join(`\n${"-".repeat(72)}\n\n`)}`;
}
