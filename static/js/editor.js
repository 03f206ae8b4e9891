// The editor page is a plain form; this bundle makes it pleasant. What must never happen: a key that
// is lost, or an undo that stops working. Hence text changes go through `insert` only, and every
// keystroke is kept on the device until the server has acknowledged it. The page loads site.js beside it.
import { growFields } from "./editor/auto_grow.js";
import { measureBar } from "./editor/bar_height.js";
import { form, text } from "./editor/elements.js";
import { guardLeaving } from "./editor/leave_guard.js";
import { pasteLink } from "./editor/paste_link.js";
import { offerRestore } from "./editor/restore_banner.js";
import { listenForShortcuts } from "./editor/shortcuts.js";
import { listenToSubmit } from "./editor/submit.js";
import { listenToToolbar } from "./editor/toolbar.js";
import { markChanged } from "./editor/unsaved_changes.js";
import { countWords } from "./editor/word_count.js";

listenForShortcuts();
form.addEventListener("input", markChanged);
text.addEventListener("paste", pasteLink);
listenToToolbar();
listenToSubmit();
guardLeaving();
growFields();
measureBar();
countWords();
offerRestore();
