// Cuts the fonts down to the letters and weights the designs use and writes the @font-face rules,
// with a fallback face of the same measures each, so that no line moves when a font arrives.
import fs from "node:fs";
import path from "node:path";
import { create } from "fontkit";
import subsetFont from "subset-font";

/** Every code point of the inclusive ranges as one string. */
const letters = (...ranges) =>
  ranges.map(([from, to = from]) => String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i))).join("");

const PUNCTUATION = [
  [0x2009, 0x2011], [0x2012, 0x2015], [0x2018, 0x201e], [0x2020, 0x2022], [0x2026], [0x202f], [0x2030], [0x2032, 0x2033],
  [0x2039, 0x203a], [0x2044], [0x20ac], [0x2122], [0x2190, 0x2193], [0x2212],
];
// What the styles and the scripts need; the rest (small capitals, fractions …) would bring letters nobody asks for.
const FEATURES = "kern mark mkmk ccmp locl liga calt clig rlig rclt rvrn tnum lnum onum isol init medi fina".split(" ");
/** The scripts a face is offered for: what is kept, and the `unicode-range` that decides about fetching it. */
const SCRIPTS = {
  latin: {
    text: letters([0x20, 0x7e], [0xa0, 0xff], [0x131], [0x152, 0x153], [0x2bb, 0x2bc], [0x2c6], [0x2da], [0x2dc], ...PUNCTUATION),
    range: "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2190-2193,U+2212",
  },
  "latin-ext": {
    text: letters([0x100, 0x130], [0x132, 0x151], [0x154, 0x17f], [0x218, 0x21b], [0x1e9e]),
    range: "U+0100-0130,U+0132-0151,U+0154-017F,U+0218-021B,U+1E9E",
  },
  ascii: { text: letters([0x20, 0x7e], [0x2018, 0x201e], [0x2026], [0x2013, 0x2014]), range: "U+0000-007F,U+2013-2014,U+2018-201E,U+2026" },
  "latin-rest": {
    text: letters([0xa0, 0x17f], [0x20ac], [0x2190, 0x2193], [0x2212]),
    range: "U+00A0-017F,U+20AC,U+2190-2193,U+2212",
  },
  arabic: {
    text: letters([0x20], [0x600, 0x6ff], [0x200c, 0x200f]),
    range: "U+0600-06FF,U+0750-077F,U+FB50-FDFF,U+FE70-FEFF",
  },
};

// Average width of a letter in English text and units per em of the fonts that stand in; both fonts have
// metric-compatible twins on systems that lack them (Liberation, Arimo, Tinos).
const STAND_INS = {
  sans: { width: 934.5116 / 2048, local: ["Arial", "Liberation Sans", "Arimo"] },
  serif: { width: 854.3954 / 2048, local: ["Times New Roman", "Liberation Serif", "Tinos"] },
};
const SAMPLE = "aaabcdeeeefghiijklmnnoopqrrssttuvwxyz      ";

const percent = (value) => `${(value * 100).toFixed(2)}%`;

/** The @font-face of a local font stretched to the measures of `font`. */
function fallbackFace(name, font, kind) {
  const width = font.layout(SAMPLE).advanceWidth / SAMPLE.length / font.unitsPerEm;
  const adjust = width / STAND_INS[kind].width;
  const measure = (value) => percent(Math.abs(value) / font.unitsPerEm / adjust);
  const sources = STAND_INS[kind].local.map((local) => `local("${local}")`).join(",");
  return (
    `@font-face{font-family:"${name} fallback";src:${sources};size-adjust:${percent(adjust)};` +
    `ascent-override:${measure(font.ascent)};descent-override:${measure(font.descent)};line-gap-override:${measure(font.lineGap)}}`
  );
}

/**
 * Writes the subset files of `faces` into `folder/fonts` and returns the @font-face rules.
 * A face: {family, source (path without script), scripts, axes, weight, style, file, standIn}.
 */
export async function buildFonts(faces, modules, emit) {
  const rules = [];
  for (const face of faces) {
    for (const script of face.scripts) {
      const source = path.join(modules, face.source.replace("*", face.names?.[script] ?? script));
      const bytes = await subsetFont(fs.readFileSync(source), SCRIPTS[script].text, {
        targetFormat: "woff2",
        keepFeatures: FEATURES,
        ...(face.axes ? { variationAxes: face.axes } : {}),
      });
      const url = emit(`fonts/${face.file}-${script}.woff2`, bytes);
      const style = face.style ? `font-style:${face.style};` : "";
      rules.push(
        `@font-face{font-family:"${face.family}";${style}font-weight:${face.weight};font-display:swap;` +
          `src:url("${url}") format("woff2");unicode-range:${SCRIPTS[script].range}}`,
      );
      if (face.standIn && script === face.scripts[0]) {
        rules.push(fallbackFace(face.family, create(fs.readFileSync(source)), face.standIn));
      }
    }
  }
  return rules.join("\n");
}
