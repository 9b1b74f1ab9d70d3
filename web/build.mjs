// Bundles islands and styles into the server's wwwroot, from where they are embedded into its assembly.
import { build } from "esbuild";
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { keepUsed } from "./purge.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const wwwroot = fileURLToPath(new URL("../src/Alidade.Server/wwwroot/", import.meta.url));
const pages = fileURLToPath(new URL("../src/Alidade.Server/Pages/", import.meta.url));

await Promise.all(
  ["islands", "styles", "fonts"].map((folder) => rm(wwwroot + folder, { recursive: true, force: true })),
);

const common = {
  absWorkingDir: here,
  outdir: wwwroot,
  bundle: true,
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};

await Promise.all([
  build({
    ...common,
    entryPoints: {
      "islands/app": "src/islands/app.ts",
      "islands/theme": "src/islands/theme.ts",
      "islands/live-worker": "src/islands/live-worker.ts",
    },
    // A chunk's name changes with its content, so it may be cached for ever.
    chunkNames: "islands/[name]-[hash]",
    format: "esm",
    splitting: true,
    target: "es2022",
    loader: { ".svg": "text" },
  }),
  build({
    ...common,
    entryPoints: { "styles/app": "src/styles/app.css" },
    assetNames: "fonts/[name]-[hash]",
    publicPath: "/",
    loader: { ".woff2": "file" },
    plugins: [
      {
        name: "purge-tabler",
        setup(context) {
          context.onLoad({ filter: /tabler\.min\.css$/ }, async ({ path }) => ({
            contents: keepUsed(await readFile(path, "utf8"), [pages, here + "src/islands/"]),
            loader: "css",
          }));
        },
      },
    ],
  }),
]);
