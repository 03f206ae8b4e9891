// The accessibility rules, run in the page itself. The page's own content security policy stays in force:
// what the debugger evaluates is not subject to it.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** Violations of WCAG 2.1 A and AA and of good practice (or of the rules named), one line for each element. */
export async function violations(page, rules) {
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(source);
  return page.evaluate(async (named) => {
    const result = await axe.run(document, {
      runOnly: named ?? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => {
        const detail = node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? "";
        return `${id}: ${node.target.join(" ")}: ${detail}`;
      }),
    );
  }, rules);
}
