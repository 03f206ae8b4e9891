// The editor page is a plain form; this bundle makes it pleasant. What must never happen: a key that
// is lost, or an undo that stops working. Hence text changes go through `writing` only, and every
// keystroke is kept on the device until the server has acknowledged it. The page loads site.js beside it.
import { growFields } from "./editor/auto_grow.js";
import { autosaveSoon } from "./editor/autosave.js";
import { measureBar } from "./editor/bar_height.js";
import { startCodeMirror } from "./editor/codemirror.js";
import { listenForComposition } from "./editor/composition.js";
import { listenForFocusMode } from "./editor/focus_mode.js";
import { guardLeaving } from "./editor/leave_guard.js";
import { listenToPaste } from "./editor/paste.js";
import { offerRestore } from "./editor/restore_banner.js";
import { listenForSidePreview } from "./editor/side_preview.js";
import { listenForShortcuts } from "./editor/shortcuts.js";
import { listenToSubmit } from "./editor/submit.js";
import { listenForSelection, readTextSoon } from "./editor/text_facts.js";
import { listenToToolbar } from "./editor/toolbar.js";
import { listenForChanges } from "./editor/unsaved_changes.js";

listenForShortcuts();
listenForChanges();
listenForComposition(autosaveSoon);
listenToPaste();
listenToToolbar();
listenToSubmit();
guardLeaving();
growFields();
measureBar();
readTextSoon();
listenForSelection();
listenForFocusMode();
startCodeMirror();
listenForSidePreview();
offerRestore();
