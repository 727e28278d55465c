// The console in a real browser, on a real server: the main job by mouse, the way in, roles, narrow pages.
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer } from "../../server/test/servers.ts";
import { browserProgram } from "./browser.ts";

const program = browserProgram();
if (program === undefined) {
  process.stderr.write("console tests are skipped: no Chromium, Chrome or Edge was found; set CHROMIUM_PATH to one\n");
}

const FOLDER = fileURLToPath(new URL("../dist/", import.meta.url));
const PENGUINS = fileURLToPath(new URL("../../../examples/data/penguins.csv", import.meta.url));
const WAIT = { timeout: 60_000 };

describe.skipIf(program === undefined)("the console in a browser", () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startTestServer({ console: FOLDER });
    // Root, as in containers, has no sandbox.
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: program, args });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.destroy();
  });

  async function open(address: string, width = 1280): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 860 } });
    page.setDefaultTimeout(30_000);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !url.startsWith("data:")) complaints.push(`asked ${url}`);
    });
    await page.goto(new URL(address, server.url).href);
    return { page, complaints };
  }

  test("takes a file to a prediction that is counted, by mouse alone and without a complaint of the browser", async () => {
    const { page, complaints } = await open(`/#key=${server.key}`);
    await page.getByRole("heading", { name: "Data sets" }).waitFor();
    expect(page.url()).toBe(`${server.url}/#/datasets`);

    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose a file" }).click();
    await (await chooser).setFiles(PENGUINS);
    await page.getByRole("link", { name: "Compare algorithms" }).waitFor(WAIT);
    await page.getByRole("cell", { name: "flipper_length_mm" }).first().waitFor();
    await page
      .getByRole("img", { name: /^flipper_length_mm/ })
      .locator("svg")
      .waitFor();
    await page.getByRole("table", { name: "Rows" }).getByText("Torgersen").first().waitFor(WAIT);

    await page.getByRole("link", { name: "Compare algorithms" }).click();
    await page
      .getByRole("combobox", { name: "Target" })
      .or(page.getByRole("textbox", { name: "Target" }))
      .click();
    await page.getByRole("option", { name: "species" }).click();
    await page
      .getByRole("combobox", { name: "Estimators" })
      .or(page.getByRole("textbox", { name: "Estimators" }))
      .click();
    await page.getByRole("option", { name: "LogisticRegression", exact: true }).click();
    await page.getByRole("option", { name: "MajorityClassifier" }).click();
    await page.getByRole("heading", { name: "Compare algorithms" }).click();
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await page.getByRole("heading", { name: "A closer look" }).waitFor(WAIT);
    const best = page.getByRole("table", { name: "Leaderboard" }).getByRole("row").nth(1);
    expect(await best.textContent()).toContain("LogisticRegression");
    await page.getByRole("img", { name: /^ROC/ }).locator("svg").waitFor();

    await page.getByRole("button", { name: "Register model" }).click();
    await page.getByRole("link", { name: "Deploy it" }).click();
    await page.getByRole("button", { name: "Deploy", exact: true }).click();
    await page.getByRole("button", { name: "Predict" }).click();
    const answer = page.getByRole("status", { name: "Prediction" });
    await answer.waitFor();
    expect(await answer.textContent()).toMatch(/species ?(Adelie|Chinstrap|Gentoo).*USD/);
    await page.getByText("export interface").first().waitFor();

    // Usage is written within a second.
    await expect
      .poll(
        async () => {
          await page.getByRole("link", { name: "Endpoints" }).click();
          await page.getByRole("link", { name: "Usage" }).click();
          await page.getByRole("table", { name: "Usage" }).waitFor();
          return page.getByRole("table", { name: "Usage" }).textContent();
        },
        { timeout: 20_000, interval: 1100 },
      )
      .toContain("predict");
    expect(complaints).toEqual([]);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.close();
  }, 120_000);

  test("says what is wrong with a key, and takes a right one by keyboard", async () => {
    const { page } = await open("/");
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.keyboard.type("msf_wrong");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/UNAUTHENTICATED.*massif keys create.*Request [\w-]+/s);
    await page.getByLabel("API key").first().fill(server.key);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Data sets" }).waitFor();
    await page.close();
  });

  test("offers a viewer nothing that a viewer may not do", async () => {
    await importAndWait(server.client, { name: "iris", file: exampleFile("iris.csv") });
    const { secret } = await server.client.createKey({ body: { name: "looks", role: "viewer" } });
    const { page } = await open(`/#key=${secret}`);
    await page.getByRole("link", { name: "iris" }).click();
    await page.getByRole("heading", { name: "Columns" }).waitFor();
    expect(await page.getByRole("link", { name: "Compare algorithms" }).count()).toBe(0);
    await page.getByRole("link", { name: "Data sets" }).click();
    await page.getByRole("link", { name: "iris" }).waitFor();
    expect(await page.getByRole("button", { name: "Choose a file" }).count()).toBe(0);
    await page.close();
    const { secret: narrow } = await server.client.createKey({ body: { name: "asks", role: "predict" } });
    const other = await open(`/#key=${narrow}`);
    await other.page.getByText("may only call endpoints").waitFor();
    await other.page.close();
  });

  test("shows every page on a phone without a sideways scroll, and tells the next step where there is nothing", async () => {
    const { page, complaints } = await open(`/#key=${server.key}`, 320);
    for (const [name, next] of NARROW) {
      await page.getByRole("button", { name: "Menu" }).click();
      await page.getByRole("link", { name, exact: true }).click();
      await page.getByRole("heading", { name, level: 1 }).waitFor();
      if (next !== undefined) await page.getByText(next).first().waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });
});

const NARROW: readonly (readonly [page: string, next?: string])[] = [
  ["Data sets"],
  ["Runs"],
  ["Comparisons"],
  ["Studies", "tune it"],
  ["Models"],
  ["Endpoints"],
  ["Usage"],
];
