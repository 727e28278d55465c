// The entry. zod tries `new Function`, which the page's content security policy reports as an attack: it is told not to
// before anything that uses it is loaded.

(globalThis as { __zod_globalConfig?: object }).__zod_globalConfig = { jitless: true };

void import("./start.tsx");
