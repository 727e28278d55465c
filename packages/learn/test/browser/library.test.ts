// The library in a browser: bundled as a page's program is, it learns there what it learns in Node.
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserProgram } from "../../../console/test/browser.ts";
import { distance } from "../example-data.ts";
import { type Found, learn } from "./learning.ts";

const program = browserProgram();
if (program === undefined) {
  process.stderr.write("no browser found (CHROMIUM_PATH): the library is not tried in one\n");
}

describe.skipIf(program === undefined)("the library in a browser", { timeout: 240_000 }, () => {
  let browser: Browser;
  let page: Page;
  let source: string;

  beforeAll(async () => {
    source = await bundled();
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: program, args });
    page = await browser.newPage();
    // An address of https, because browsers hash only there (and on localhost); nothing is fetched from it.
    await page.route("https://massif.test/**", (route) =>
      route.request().url().endsWith(".js")
        ? route.fulfill({ contentType: "text/javascript", body: source })
        : route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Massif</title>" }),
    );
    await page.goto("https://massif.test/");
  }, 240_000);

  afterAll(() => browser?.close());

  test("is bundled without anything of Node", () => {
    expect(source).not.toMatch(/from\s*"node:|require\("node:/);
  });

  // As text, because the test runner rewrites an `import` that it sees.
  test("learns on the page what Node learns, but for the last bits of Math.exp", async () => {
    await compare(await page.evaluate<Found>('import("/learning.js").then(({ learn }) => learn())'));
  });

  test("learns in a web worker", async () => {
    const worker =
      'import("https://massif.test/learning.js").then(({ learn }) => learn()).then((found) => postMessage(found))';
    const found = await page.evaluate<Found>(`new Promise((done, fail) => {
      const text = ${JSON.stringify(worker)};
      const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
      worker.onmessage = ({ data }) => done(data);
      worker.onerror = ({ message }) => fail(new Error(message));
    })`);
    await compare(found);
  });
});

// Internal

/** Bits where all is arithmetic; Chromium's Math.exp may round another way than Node's. */
async function compare(found: Found): Promise<void> {
  const wanted = await learn();
  expect(found.threads).toBe(1);
  expect(found.line).toEqual(wanted.line);
  expect(distance(found.booster, wanted.booster)).toBeLessThan(1e-12);
  expect(distance(found.pipeline, wanted.pipeline)).toBeLessThan(1e-9);
  expect(found.loaded).toEqual(found.pipeline);
  expect(found.sha256).toMatch(/^[0-9a-f]{64}$/);
}

/** The program as one module, by the packages' built files, as a user's bundler sees them. */
async function bundled(): Promise<string> {
  const entry = fileURLToPath(new URL("./learning.ts", import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "error",
    publicDir: false,
    build: { write: false, minify: false, target: "es2022", lib: { entry, formats: ["es"], fileName: "learning" } },
  });
  const [{ output }] = result as unknown as readonly { readonly output: readonly { readonly code: string }[] }[];
  return output[0].code;
}
