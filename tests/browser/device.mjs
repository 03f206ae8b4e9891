// What the editor keeps on the device of a browser.

/** The copies of texts that are kept in IndexedDB, by their keys. */
export function copiesOnDevice(page) {
  return page.evaluate(async () => {
    // Opening what is not there would make it.
    const all = await indexedDB.databases();
    if (!all.some(({ name }) => name === "masthead")) return [];
    const done = (asked) =>
      new Promise((then, fail) => {
        asked.onsuccess = () => then(asked.result);
        asked.onerror = () => fail(asked.error);
      });
    const database = await done(indexedDB.open("masthead"));
    const store = database.transaction("drafts").objectStore("drafts");
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    database.close();
    return keys.map((key, at) => ({ key, ...values[at] }));
  });
}

/** Waits until a copy holds these words. */
export async function keptOnDevice(page, words) {
  for (let attempt = 0; attempt < 1_200; attempt += 1) {
    if (JSON.stringify(await copiesOnDevice(page)).includes(words)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`no copy on the device ever held ${words}`);
}
