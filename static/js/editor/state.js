/** What all of the editor shares. */
export const state = {
  /** Something was typed that the server has not acknowledged. */
  dirty: false,
  /** How often something was changed; a save compares it before and after. */
  edits: 0,
  /** The save that is under way, as a promise. */
  saving: null,
  /** The form itself was sent: leaving the page is meant. */
  leaving: false,
};
