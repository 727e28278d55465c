// Builds the console into `dist`: assets under hashed names, each also compressed, so that the server only sends files.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { conditions: ["massif-source", "module", "browser", "import", "default"] },
  build: {
    target: "es2022",
    // Inlined assets would need a looser content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
});

// Internal

const WORTHWHILE_BYTES = 1024;

function compressed(): Plugin {
  return {
    name: "compressed-copies",
    apply: "build",
    // After everything is written: Vite itself changes chunks until the last moment.
    writeBundle({ dir = "dist" }) {
      const folder = path.join(dir, "assets");
      for (const name of readdirSync(folder)) {
        const bytes = readFileSync(path.join(folder, name));
        if (bytes.length < WORTHWHILE_BYTES) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        writeFileSync(path.join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
        writeFileSync(path.join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
