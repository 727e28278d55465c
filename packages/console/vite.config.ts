// Builds the console into `dist`: assets under hashed names, each also compressed, so that the server only sends files.
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
    generateBundle(_, bundle) {
      for (const [fileName, output] of Object.entries(bundle)) {
        if (!fileName.startsWith("assets/")) continue;
        const source = output.type === "chunk" ? output.code : output.source;
        const bytes = typeof source === "string" ? Buffer.from(source) : source;
        if (bytes.length < WORTHWHILE_BYTES) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotliCompressSync(bytes, { params }) });
        this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzipSync(bytes, { level: 9 }) });
      }
    },
  };
}
