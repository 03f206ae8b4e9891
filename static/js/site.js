// Everything on a public page works without this bundle. It adds what differs from reader to reader
// (so that the page itself can be cached for all) and a few comforts.
import { $ } from "./shared/dom.js";
import { offerColourPicker } from "./site/colour_picker.js";
import { showCommentForms } from "./site/comment_form.js";
import { addCopyButtons } from "./site/copy_button.js";
import { listenForShortcuts } from "./site/keyboard_shortcuts.js";
import { readLanding } from "./site/landing.js";
import { showMe } from "./site/me.js";
import { closeMenus } from "./site/menus.js";
import { showRelativeTimes } from "./site/relative_time.js";
import { makeScrollersFocusable } from "./site/scroll_focus.js";
import { offerSharing } from "./site/share.js";
import { switchThemes } from "./site/theme.js";

switchThemes();
showRelativeTimes();
makeScrollersFocusable();
addCopyButtons();
offerSharing();
offerColourPicker();
closeMenus();
showCommentForms();
listenForShortcuts();
readLanding();
$(".errors[role=alert]")?.focus();
showMe();
