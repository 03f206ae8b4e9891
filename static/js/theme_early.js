// Stands inline in the head of each page, before anything is painted: the theme that the reader has chosen, what kind of
// reader this is (see site/me.js), and that there are scripts. Keep it small; style sheets look at these three.
const { dataset } = document.documentElement;
try {
  const theme = localStorage.getItem("mh-theme");
  if (theme === "dark" || theme === "light") dataset.theme = theme;
  const kind = localStorage.getItem("mh-me");
  if (kind) dataset.me = kind;
} catch {
  // Storage is forbidden: the system's theme, and a reader of no kind.
}
dataset.js = "";
