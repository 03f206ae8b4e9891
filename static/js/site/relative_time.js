import { $$ } from "../shared/dom.js";

const WEEK = 604_800;
const UNITS = [
  [60, "minute"],
  [3600, "hour"],
  [86_400, "day"],
];

/** Shows times of the last week as “2 hours ago”, with the exact time as title. */
export function showRelativeTimes() {
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", {
    numeric: "auto",
  });
  for (const time of $$("time[datetime*=T]:not([data-abs])")) {
    const age = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (!(age > 0 && age < WEEK)) continue;
    time.title = time.textContent;
    const unit = UNITS.findLast(([size]) => age >= size);
    time.textContent = unit
      ? relative.format(-Math.floor(age / unit[0]), unit[1])
      : "ftl:layout-just-now";
  }
  // On paper “2 hours ago” is never true.
  addEventListener("beforeprint", () => {
    for (const time of $$("time[title]")) time.textContent = time.title;
  });
}
