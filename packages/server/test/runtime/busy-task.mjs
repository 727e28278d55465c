// Loads the real entry of a task process, then blocks its main thread for good.
await import("@massif/server/task-process");
setTimeout(() => {
  process.send?.("busy");
  setTimeout(() => {
    for (;;);
  }, 100);
}, 500);
