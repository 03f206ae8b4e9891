import { form, previewButton } from "./elements.js";
import { fetchPreview } from "./rendered_preview.js";
import { rememberStatus, showStatus } from "./save_status.js";
import { fill } from "../shared/words.js";
import { writing } from "./writing.js";

const behind = form.querySelector(".editor-body");
let pane = null;

export function isPreviewOpen() {
  return pane !== null;
}

/** Lays the post as readers will see it over the editor, or takes it away again. */
export async function togglePreview() {
  if (pane) return closePreview();
  const showStatusBefore = rememberStatus();
  showStatus("saving", "ftl:posts-preview-making");
  const [article, fault] = await fetchPreview();
  if (!article) return showStatus("failed", fill("ftl:posts-preview-failed", { why: fault }));
  showStatusBefore();
  pane = document.createElement("section");
  pane.className = "preview";
  pane.tabIndex = -1;
  pane.setAttribute("aria-label", "ftl:posts-title-preview");
  pane.append(article);
  form.append(pane);
  behind.inert = true; // what the preview covers is not for the keyboard either
  previewButton.textContent = "ftl:posts-back-to-the-text";
  pane.focus();
}

export function closePreview() {
  pane.remove();
  pane = null;
  behind.inert = false;
  previewButton.textContent = "ftl:posts-title-preview";
  writing.focus();
}
