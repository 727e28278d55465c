// A disk that is full: one clear answer, nothing half-written, and work goes on when there is room again.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MassifServer, startServer } from "../../src/main.ts";
import { importAndWait } from "../servers.ts";
import { type SmallDisk, smallDisk } from "../small-disk.ts";
import { templateHome } from "../stores.ts";

const DISK_KB = 260_000;
const disk: SmallDisk | undefined = smallDisk(DISK_KB);
let server: MassifServer | undefined;

beforeAll(async () => {
  if (disk === undefined) return;
  const home = join(disk.path, "home");
  cpSync(await templateHome(), home, { recursive: true });
  server = await startServer({ home, port: 0, logLevel: "silent" });
});
afterAll(async () => {
  await server?.stop();
  disk?.remove();
});

describe.runIf(disk !== undefined)("a full disk", () => {
  test("refuses an upload with 507 and the folder, keeps nothing of it, and takes the next one", async () => {
    const { url, adminKey } = server as MassifServer;
    const client = createClient({ url, key: adminKey });
    const chunk = Buffer.from("1,2,3\n".repeat(100_000));
    const file = new ReadableStream({
      pull(controller) {
        controller.enqueue(chunk);
      },
    });
    const upload = client.importDataset({ query: { name: "big", filename: "big.csv" }, file });
    await expect(upload).rejects.toMatchObject({ code: "DISK_FULL", status: 507 });
    expect(await client.listDatasets()).toEqual([]);
    const small = await importAndWait(client, { name: "small", file: Buffer.from("a,b\n1,2\n2,3\n3,5\n") });
    expect(small).toMatchObject({ status: "ready", rows: 3 });
  });
});
