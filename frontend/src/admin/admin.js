// The back office's one script, loaded with `defer` on every page. Everything works without it; this makes it quicker.
// Everything is delegated from the document, so parts of a page that come later are served as well. What it listens to:
//
//   details.mh-menu                     closes by Escape and by a click elsewhere, arrow keys inside
//   #nav, #details, .mh-detail--sheet   opened as :target: focus goes in, stays in, Escape leaves
//   [data-appearance=auto|light|dark]   chooses the appearance (cookie mh_appearance)
//   [data-toggle-class=… data-toggle-on=SELECTOR data-remember=COOKIE]   a pressed/unpressed button
//   [data-selection] › [data-select-all], input[data-select], [data-bulk], [data-bulk-count], [data-bulk-clear]   lists
//   form[data-warn-unsaved], [data-unsaved-text], [data-save]            unsaved changes, Ctrl-S
//   [data-search], [data-key=n]         Ctrl-K and "/" focus the search; a letter clicks its element
//   [data-keep-place=NAME], a[data-back=NAME]   a list keeps its filter and scroll position
//   [data-drop-upload]                  files dropped on the media page (see uploads.js)
//   [data-copy=TEXT | data-copy-from=SELECTOR]
//   input[data-token-input]             comma separated values as chips, with its datalist
//   input[data-slug-from=SELECTOR], [data-slug-preview]
//   [data-seo-preview], [data-count-for=SELECTOR data-count-max=155], [data-value-of=SELECTOR]
//   [data-dismiss]                      takes its message away
import "./menus.js";
import "./sheets.js";
import "./appearance.js";
import "./selection.js";
import "./unsaved.js";
import "./shortcuts.js";
import "./places.js";
import "./uploads.js";
import "./tokens.js";
import "./previews.js";
import "./small.js";

document.documentElement.classList.add("mh-js");
