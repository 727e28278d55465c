// A built server in a process of its own: says where it answers, then runs until it is killed or told to stop.
import { startServer } from "@massif/server";

const [home, options = "{}"] = process.argv.slice(2);
const server = await startServer({ home, port: 0, logLevel: "silent", ...JSON.parse(options) });
process.stdout.write(`${JSON.stringify({ url: server.url, adminKey: server.adminKey })}\n`);
process.on("SIGTERM", () => {
  void server.stop().then(() => process.exit(0));
});
