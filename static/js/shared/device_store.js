// What is too large or too precious for localStorage, in IndexedDB. Where a browser forbids that, nothing is kept and nothing fails.
const NAME = "masthead";
const STORE = "drafts";
let opened;

/** Keeps a value; resolves once the browser has it. */
export function keep(key, value) {
  return act("readwrite", (store) => store.put(value, key));
}

export function forget(key) {
  return act("readwrite", (store) => store.delete(key));
}

/** All that is kept under keys that begin with `prefix`, as pairs. */
export async function kept(prefix) {
  const range = IDBKeyRange.bound(prefix, prefix + "\uffff");
  const [keys, values] = await Promise.all([
    act("readonly", (store) => store.getAllKeys(range)),
    act("readonly", (store) => store.getAll(range)),
  ]);
  return (keys ?? []).map((key, at) => [key, values?.[at]]);
}

/** Null where the browser has no such store. A connection that a browser has closed is opened again, once. */
async function act(mode, what, again = false) {
  try {
    const database = await (opened ??= open());
    const transaction = database.transaction(STORE, mode, { durability: "relaxed" });
    const asked = what(transaction.objectStore(STORE));
    transaction.commit?.();
    return await new Promise((done, failed) => {
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } catch {
    opened = undefined;
    return again ? null : act(mode, what, true);
  }
}

function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}
