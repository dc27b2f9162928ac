// The back office's one script, a module loaded on every page. Everything works without it; this makes it quicker.
// Nearly everything is delegated from the document. What it listens to in the templates:
//
//   details.mh-menu                       closes by Escape and by a click elsewhere, arrow keys inside
//   #nav, #details, .mh-detail--sheet     opened as :target: focus goes in, stays in, Escape leaves
//   [data-appearance] [data-fold] [data-density]   buttons of a form that keeps the look: done in place
//   [data-calm]                           writing without distraction
//   form[data-bulk][data-total] › [data-bulk-bar] [data-bulk-all] [data-bulk-count] [data-bulk-every] [data-bulk-clear]   lists
//   form[data-warn-unsaved], [data-save-state], [data-save]   unsaved changes, Ctrl-S
//   form[data-keep-typed=PERSON][data-copy=NAME], [data-sign-out=PERSON]   a copy of what is typed until it is saved (typed.js)
//   [data-find], [data-key=n]             Ctrl-K and "/" focus the search; a letter clicks its element
//   [data-keep-place=NAME], a[data-back=NAME]      a list keeps its filter and scroll position
//   form[data-filters]                    sends no empty fields
//   form[data-drop], [data-uploads], [data-upload-button]     files dropped on the media page (uploads.js)
//   [data-tokens] › input, [data-tokens-shown]     comma separated values as chips, with suggestions from data-suggest
//   [data-picture-field]                  a picture chosen from the media (picker, loaded when it is asked for)
//   [data-title] [data-result] [data-count=155] [data-value-of=NAME] [data-shown-for="name=value"]   what a form will become
//   [data-grow]                           a textarea as high as its text
//   [data-passkey=make|show|fill]         passkeys (passkeys.js); [data-print] prints the page
//   [data-spy]                            section links that follow the scrolling
//   [data-copy=TEXT | data-copy-from=SELECTOR] [data-dismiss] [data-reveal=SELECTOR] [data-toast] [data-focus]
import "./menus.js";
import "./sheets.js";
import "./look.js";
import "./selection.js";
import "./unsaved.js";
import "./shortcuts.js";
import "./places.js";
import "./uploads.js";
import "./tokens.js";
import "./previews.js";
import "./pictures.js";
import "./typed.js";
import "./passkeys.js";
import "./small.js";

document.documentElement.classList.add("mh-js");
