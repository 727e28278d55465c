// Server-sent events as an async iterable of their JSON data (WHATWG HTML §9.2), without reconnecting: the caller knows
// from which event to go on.

/** Yields the `data` of each event of the response that `open` gives, until the stream ends. */
export async function* readEvents<T>(open: () => Promise<Response>): AsyncGenerator<T> {
  const response = await open();
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    pending += decoder.decode(chunk, { stream: true });
    const events = pending.split("\n\n");
    pending = events.pop() ?? "";
    for (const event of events) {
      const data = dataOf(event);
      if (data !== "") yield JSON.parse(data) as T;
    }
  }
}

// Internal

function dataOf(event: string): string {
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice(line.startsWith("data: ") ? 6 : 5)).join("\n");
}
