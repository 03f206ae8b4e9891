import { parsePage } from "../shared/dom.js";
import { form } from "./elements.js";

const UNREACHABLE = "ftl:posts-preview-no-answer";

/** The article of the preview page, or why there is none. */
export async function fetchPreview({ headers = {}, signal } = {}) {
  const body = new URLSearchParams(new FormData(form));
  try {
    const response = await fetch(form.dataset.preview, {
      method: "POST",
      body,
      headers: { Accept: "text/html", ...headers },
      credentials: "same-origin",
      signal,
    });
    if (response.redirected || response.status === 401)
      return [null, "ftl:posts-preview-signed-out"];
    const page = await parsePage(response);
    if (response.status === 422)
      return [null, page.querySelector(".errors li")?.textContent.trim() ?? UNREACHABLE];
    return [response.ok ? page.querySelector("main > article") : null, UNREACHABLE];
  } catch {
    return [null, UNREACHABLE];
  }
}
