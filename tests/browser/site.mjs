// Starts the server for one test file: a free port, a data directory of its own, and nothing of it left
// behind afterwards. Also what a test does without a browser, because it is not what that test is about.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export const PASSWORD = "seven small boats at anchor";

/** Starts a site and stops it when the test is over. */
export async function startSite(t) {
  const site = await start();
  t.after(() => site.stop());
  return site;
}

/** Starts a site; who calls it stops it. */
export async function start() {
  const binary = process.env.MASTHEAD_BIN;
  assert.ok(binary, "Set MASTHEAD_BIN to the server's binary (`make test` does).");
  // Not the directory of TMPDIR, which can be one that the database's user may not enter.
  const dir = await mkdtemp("/tmp/masthead-browser-");
  await chmod(dir, 0o755);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    let server = run(binary, dir, port);
    const site = {
      origin: `http://127.0.0.1:${port}`,
      log: () => server.log(),
      /** Ends the server as a lack of memory would, and starts it again. */
      async kill() {
        await server.kill();
        server = run(binary, dir, port);
        await ready(site, server);
      },
      /** Ends the database as its operator would; the server starts it again. */
      async stopDatabase() {
        const pid = await readFile(`${dir}/data/postgres/data/postmaster.pid`, "utf8");
        process.kill(Number(pid.split("\n")[0]), "SIGINT");
      },
      async stop() {
        await server.stop();
        await rm(dir, { recursive: true, force: true });
      },
    };
    try {
      await ready(site, server);
      return site;
    } catch (error) {
      // Another program can take the port between our look and the server's.
      const taken = attempt < 3 && server.log().includes("is taken by another program");
      await (taken ? server.stop() : site.stop());
      if (!taken) throw error;
    }
  }
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

function run(binary, dir, port) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => {
      return (
        name === "MASTHEAD_POSTGRES_BIN_DIR" || !/^(MASTHEAD_|PG[A-Z]|DATABASE_URL$)/.test(name)
      );
    }),
  );
  // The cheapest hash that is allowed: what passwords cost is not what these tests are about.
  Object.assign(env, { MASTHEAD_ARGON2_MEMORY_KIB: "7168", NO_COLOR: "1" });
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", `${dir}/data`];
  const child = spawn(binary, args, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => {
      lines.push(text);
      if (lines.length > 400) lines.shift();
    });
  }
  const ended = new Promise((resolve) => {
    child.on("error", (error) => {
      lines.push(String(error));
      resolve();
    });
    child.on("close", resolve);
  });
  const last = () => child.kill("SIGKILL"); // a test runner that is stopped leaves no server behind
  process.on("exit", last);
  return {
    ended,
    running: () => child.exitCode === null && child.signalCode === null && child.pid !== undefined,
    log: () => lines.join("").split("\n").slice(-40).join("\n"),
    async kill() {
      process.off("exit", last);
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      process.off("exit", last);
      child.kill("SIGTERM");
      const late = new AbortController();
      const inTime = await Promise.race([
        ended.then(() => true),
        pause(20_000, false, { signal: late.signal }),
      ]);
      late.abort();
      if (inTime) return;
      child.kill("SIGKILL");
      assert.fail(`The server did not stop within 20 seconds.\n${lines.join("").slice(-4000)}`);
    },
  };
}

async function ready(site, server) {
  const until = Date.now() + 60_000;
  while (server.running() && Date.now() < until) {
    const answer = await fetch(`${site.origin}/me.json`).catch(() => null);
    if (answer?.ok) return;
    await pause(50);
  }
  const what = server.running() ? "does not answer after 60 seconds" : "ended by itself";
  throw new Error(`The server ${what}. The end of its log:\n${server.log()}`);
}

/** Sends a form as a browser would; follows nothing. */
export function send(site, path, fields, cookie = "") {
  return fetch(site.origin + path, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Origin: site.origin, Cookie: cookie },
    redirect: "manual",
  });
}

/** Makes the owner, with the sample content unless told otherwise; gives the owner's cookie. */
export async function setUp(site, { sample = true } = {}) {
  const form = {
    site_name: "The Harbour",
    sign_up: "open",
    sign_up_role: "author",
    username: "anna",
    name: "Anna Berg",
    email: "anna@example.org",
    password: PASSWORD,
  };
  return cookieOf(site, await send(site, "/setup", sample ? { ...form, sample: "on" } : form));
}

/** Makes an account; gives its cookie. */
export async function signUp(site, username, name) {
  const form = { username, name, email: `${username}@example.org`, password: PASSWORD };
  return cookieOf(site, await send(site, "/signup", form));
}

/** Makes an account with a role to which the owner, whose cookie this is, invites; gives its cookie. */
export async function invite(site, owner, role, username) {
  const terms = { role, days: "7", max_uses: "1" };
  const made = await (await send(site, "/admin/invitations", terms, owner)).text();
  const invitation = /signup\?invitation=([\w-]+)/.exec(made)[1];
  const form = { username, email: `${username}@example.org`, password: PASSWORD, invitation };
  return cookieOf(site, await send(site, "/signup", form));
}

async function cookieOf(site, response) {
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
  assert.ok(
    response.status === 303 && cookie,
    `${response.url}: ${response.status}\n${await response.text()}\n${site.log()}`,
  );
  return cookie;
}

/** Corrects a public post, and lets readers compare. */
export async function correct(site, id, cookie, remark = "It was Tuesday.") {
  const editor = await fetch(`${site.origin}/p/${id}/edit`, { headers: { Cookie: cookie } });
  const fields = await editor.text();
  const value = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(fields)[1];
  const [version, authors] = [value("version"), value("authors")];
  const text = {
    title: "High water",
    markdown: "A **bold** start, on Tuesday.",
    tags: "sea, tides",
  };
  const form = { id, kind: "post", version, authors, action: "save", comment_policy: "first_held" };
  const saved = await send(site, `/p/${id}/edit`, { ...form, ...text }, cookie);
  assert.equal(saved.status, 303, await saved.text());
  const done = await send(site, `/p/${id}/correct`, { remark, difference: "on" }, cookie);
  assert.equal(done.status, 303, await done.text());
}

/** Saves a text and publishes it if asked; gives its id and, once public, its path. */
export async function write(site, cookie, { publish = false, ...fields }) {
  const page = await (await fetch(`${site.origin}/new`, { headers: { Cookie: cookie } })).text();
  const id = /name="id" value="([^"]+)"/.exec(page)?.[1];
  const action = /action="(\/new\?id_signature=[^"]+)"/.exec(page)?.[1];
  assert.ok(id && action, `no editor at /new:\n${page.slice(0, 2000)}`);
  const saved = await send(
    site,
    action,
    { id, version: "0", authors: "anna", action: "save", ...fields },
    cookie,
  );
  assert.equal(saved.status, 303, await saved.text());
  if (!publish) return { id };
  const out = await send(site, `/p/${id}/publish`, {}, cookie);
  assert.equal(out.status, 303, await out.text());
  return { id, path: out.headers.get("location").split("#")[0] };
}

/** Comments; gives the comment's id. */
export async function comment(site, cookie, path, markdown, parent = "") {
  const sent = await send(site, `${path}/comment`, { markdown, parent, action: "save" }, cookie);
  const to = sent.headers.get("location") ?? "";
  const id = /(?:#c-|\/comments\/)([0-9a-f-]{36})/.exec(to)?.[1];
  assert.ok(sent.status === 303 && id, `${sent.status} ${to} ${await sent.text()}`);
  return id;
}

/** Asks until the page has this in it. */
export async function contains(site, path, part) {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const response = await fetch(site.origin + path);
    if ((await response.text()).includes(part)) return;
    await pause(20);
  }
  assert.fail(`${path} never contained ${part}`);
}

/** Asks until the page comes compressed: the first answers of a page are plain, and it is compressed behind them. */
export async function compressed(site, path) {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const response = await fetch(site.origin + path, { headers: { "Accept-Encoding": "br" } });
    await response.arrayBuffer();
    if (response.headers.get("content-encoding") === "br") return;
    await pause(10);
  }
  assert.fail(`${path} was never compressed`);
}

/** Makes a link to a preview that allows notes; gives its path. */
export async function shareForNotes(site, id, cookie) {
  const answer = await send(site, `/p/${id}/preview-links`, { days: "7", notes: "on" }, cookie);
  return /\/preview\/[\w-]{22}/.exec(await answer.text())[0];
}

/** Where the form of the first paragraph is. */
export async function noteForm(site, link) {
  const page = await (await fetch(site.origin + link)).text();
  return link + /\?note=[\w-]+/.exec(page)[0];
}
