// The page on which people try the API: Swagger UI on our own document, and nothing that its strict policy forbids.
import { readText } from "./text.js";

/** Texts of the document become elements: Swagger UI's own way would write HTML into the page. */
const Texts = () => ({
  wrapComponents: {
    Markdown: (_Original, { React }) => ({ source, className }) => {
      const inline = (parts) => parts.map(({ tag, text }, key) => (tag ? React.createElement(tag, { key }, text) : text));
      const blocks = readText(source ?? "").map(({ tag, lines }, key) =>
        tag === "ul"
          ? React.createElement("ul", { key }, lines.map((line, item) => React.createElement("li", { key: item }, inline(line))))
          : React.createElement("p", { key }, inline(lines[0])),
      );
      return React.createElement("div", { className: `markdown ${className ?? ""}` }, blocks);
    },
    // It would ask somebody else whether the document is right; and there is one server, this one.
    onlineValidatorBadge: () => () => null,
    ServersContainer: () => () => null,
  },
});

/** Follows the look that somebody chose, else the system's. */
function followLook() {
  const { documentElement: root } = document;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => root.classList.toggle("dark-mode", (root.dataset.bsTheme ?? (dark.matches ? "dark" : "light")) === "dark");
  dark.addEventListener("change", follow);
  new MutationObserver(follow).observe(root, { attributeFilter: ["data-bs-theme"] });
  follow();
}

const place = document.querySelector("[data-api-document]");
if (place) {
  followLook();
  const { SwaggerUIBundle } = window;
  SwaggerUIBundle({
    domNode: place,
    url: place.dataset.apiDocument,
    plugins: [Texts],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    validatorUrl: null,
    // A token alone opens the API, so cookies stay here.
    requestInterceptor: (request) => ({ ...request, credentials: "omit" }),
  });
}
