// Bundles src/islands/*.test.ts for Node and runs them with its test runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("src/islands/", import.meta.url));
const out = fileURLToPath(new URL("out/tests/", import.meta.url));
rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: readdirSync(source).filter((name) => name.endsWith(".test.ts")).map((name) => source + name),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  loader: { ".svg": "text" },
  logLevel: "warning",
});
const files = readdirSync(out).map((name) => out + name);
process.exit(spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1);
