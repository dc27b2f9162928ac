// Icons of the sprite that the page's own templates draw from.
const SVG = "http://www.w3.org/2000/svg";

/** An icon by its name; `instead` is drawn as text where the page holds no icon to learn the sprite's address from. */
export function sprite(name, instead = "") {
  const use = document.querySelector('use[href*="icons"]')?.getAttribute("href").replace(/#.*/, `#${name}`);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "mh-icon");
  svg.setAttribute("aria-hidden", "true");
  if (use) {
    const shape = document.createElementNS(SVG, "use");
    shape.setAttribute("href", use);
    svg.append(shape);
  } else svg.append(document.createTextNode(instead));
  return svg;
}
