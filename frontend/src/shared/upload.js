// Sends one file as multipart form data and tells how far it is.
import { t } from "./strings.js";

/** What to say for an answer that is no JSON with an `error`. */
function sentence(status) {
  if (status === 0) return t("The connection broke off. Try again.");
  if (status === 413) return t("The file is larger than this site takes.");
  if (status === 401 || status === 403) return t("You are signed out, or may not upload here.");
  return t("The server could not take the file. Try again in a moment.");
}

/**
 * Uploads `file` to `url` (field `file`, header X-CSRFToken). Calls `progress(sent, total)`.
 * Resolves with the JSON answer, rejects with an Error in words. `signal` stops it.
 */
export function upload(file, { url, csrf, progress = () => {}, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("X-CSRFToken", csrf || "");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded, event.total));
    const fail = () => reject(new Error(request.response?.error || sentence(request.status)));
    request.addEventListener("load", () => (request.status < 300 && request.response?.id ? resolve(request.response) : fail()));
    request.addEventListener("error", fail);
    request.addEventListener("abort", () => reject(new DOMException(t("Stopped."), "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    const body = new FormData();
    body.append("file", file, file.name || "picture.png");
    request.send(body);
  });
}
