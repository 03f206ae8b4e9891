// Bundles js/ and css/ into dist/, which is kept in the tree, so that cargo needs no Node.
//   node build.mjs           writes dist/
//   node build.mjs --check   fails where dist/ is not what the sources give, or where a file outgrew its budget
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const root = import.meta.dirname;
const dist = join(root, "dist");

// The oldest browsers for which pages look as they should: all parts of the style sheets that have no fallback, light-dark()
// last of them, are in these. esbuild rewrites newer syntax down to them and leaves everything else as it is.
const target = ["chrome123", "edge123", "firefox120", "safari17.5"];

// What a browser has to load at most, in bytes after brotli. A file that outgrows its budget is a decision: raise the number
// in the commit that needs it, or take something out.
const budgets = {
  "theme_early.js": 140, // inline, in each page
  "site.js": 3_600,
  "editor.js": 11_000,
  // Only the editor loads it, behind the page: with editor.js and site.js less than 130,000.
  "codemirror.js": 100_000,
  "rich_text.js": 8_500, // when rich text is pasted for the first time
  "dashboard.js": 700,
  "site.css": 10_800,
  "dashboard.css": 5_400, // also on the page that guests with a link to a preview see
};

const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  minify: true,
  charset: "utf8",
  target,
  write: false,
};
const results = await Promise.all([
  build({
    ...common,
    entryPoints: ["editor", "codemirror", "rich_text", "dashboard", "site"].map(
      (name) => `js/${name}.js`,
    ),
    format: "esm",
  }),
  build({ ...common, entryPoints: ["js/theme_early.js"], format: "iife" }),
  // Fonts are named, not bundled: the program gives them, and the names in here, the hash of their content.
  build({
    ...common,
    entryPoints: ["css/site.css", "css/dashboard.css"],
    external: [join(root, "fonts/*")],
  }),
]);
const built = new Map(
  results
    .flatMap(({ outputFiles }) => outputFiles)
    .map(({ path, contents }) => [basename(path), contents]),
);

const faults = process.argv.includes("--check") ? await differences() : await write();
for (const [name, contents] of built) {
  const size = brotliCompressSync(contents).length;
  console.log(`${name}: ${size} of ${budgets[name]} bytes`);
  if (!(size <= budgets[name])) faults.push(`${name} is over its budget in build.mjs`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

async function differences() {
  const found = await readdir(dist).catch(() => []);
  const stale = [];
  for (const [name, contents] of built) {
    if (!found.includes(name) || !(await readFile(join(dist, name))).equals(contents))
      stale.push(name);
  }
  const strangers = found.filter((name) => !built.has(name));
  return [
    ...stale.map((name) => `dist/${name} is not what its sources give: make assets, and commit it`),
    ...strangers.map((name) => `dist/${name} has no source: make assets, and commit it`),
  ];
}

async function write() {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  for (const [name, contents] of built) await writeFile(join(dist, name), contents);
  return [];
}
