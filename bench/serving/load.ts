// Closed-loop load: so many keep-alive connections, each sending its next request when the last was answered. Runs in a
// process of its own: load.js URL KEY BODY CONNECTIONS REQUESTS, and prints {perSecond, p50, p99, errors}.
import { Agent, request } from "node:http";

const [url, key, body, connections, total] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const headers = {
  authorization: `Bearer ${key}`,
  "content-type": "application/json",
  "content-length": Buffer.byteLength(body),
};
const millis: number[] = [];
let sent = 0;
let errors = 0;

const started = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, connection));
const seconds = (performance.now() - started) / 1000;
millis.sort((a, b) => a - b);
const at = (share: number) => millis[Math.min(millis.length - 1, Math.floor(share * millis.length))];
process.stdout.write(
  `${JSON.stringify({ perSecond: millis.length / seconds, p50: at(0.5), p99: at(0.99), errors })}\n`,
);
agent.destroy();

async function connection(): Promise<void> {
  while (sent++ < Number(total)) {
    const began = performance.now();
    const status = await post();
    millis.push(performance.now() - began);
    if (status !== 200) errors++;
  }
}

function post(): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
