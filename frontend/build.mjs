/**
 * Builds everything that browsers load, and the country file, into src/callspring/_assets/ (never in git, always in the wheel).
 *
 * Run from anywhere: `node frontend/build.mjs`, or with `snippet` behind it for that alone. It stops with an error when
 * a file of the snippet is above its size budget.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PLACE = join(ROOT, "src/callspring/_assets");
const ASSETS = `${PLACE}.draft`; // built whole beside it: a build that fails leaves what there was
const BUDGET = 5_000; // bytes of the snippet, gzipped
const LATER_BUDGET = 2_900; // of its second file
// Tells Chromium to compile all functions while the file is read, not one by one when the page waits for its numbers.
const COMPILE_AHEAD = "//# allFunctionsCalledOnLoad\n";
const PUBLISHED = "others publish: GoatCounter 2.2 kB, Plausible 2.7 kB, Retreaver 8.0 kB"; // gzipped

const packageFile = (name) => createRequire(import.meta.url).resolve(name);

/** The entry points in a folder; none when there is no such folder. Declarations are not entry points. */
async function entries(folder, form = /\.(ts|css)$/) {
  const names = await readdir(join(ROOT, folder)).catch(() => []);
  return names.filter((name) => form.test(name) && !name.endsWith(".d.ts")).map((name) => join(ROOT, folder, name));
}

/**
 * Bundles one file of the snippet, and lets terser take out what esbuild leaves in: a tenth of it. Names that end in _
 * become short ones, the same in all files that share `nameCache`.
 */
async function pack(entry, nameCache, define) {
  const format = define ? "iife" : "esm"; // the first file is a script, the second a module that it imports

  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "snippet/src", entry)],
    write: false,
    bundle: true,
    minifySyntax: true,
    format,
    target: "es2021",
    charset: "ascii", // the page, not we, says how the file is decoded
    tsconfigRaw: {}, // its settings are for the type checker
    define: define ?? {},
  });
  const unsafe = { pure_getters: true, unsafe: true, unsafe_arrows: true, unsafe_comps: true };
  const { code: packed } = await minify(outputFiles[0].text, {
    ecma: 2021,
    module: format === "esm",
    nameCache,
    compress: { passes: 4, inline: 1, hoist_funs: true, lhs_constants: false, sequences: false, ...unsafe },
    mangle: { properties: { regex: /_$/ } },
    format: { ascii_only: true, wrap_func_args: false },
  });
  const code = define ? COMPILE_AHEAD + packed : packed;
  return { code, size: gzipSync(code, { level: 9 }).length };
}

/** The snippet's file, and the one that it loads once the numbers are in place: by its hash, so that both fit together. */
async function snippet(place = ASSETS) {
  const nameCache = {};
  const more = await pack("more.ts", nameCache);
  const digest = () => createHash("sha256").update(more.code).digest("base64");
  const name = () => digest().slice(0, 8);
  while (/\W/.test(name())) more.code += "\n"; // it is part of an address
  const main = await pack("main.ts", nameCache, { MORE: JSON.stringify(name()) });
  console.log(`snippet   ${main.code.length} bytes, ${main.size} gzipped (budget ${BUDGET}; ${PUBLISHED})`);
  console.log(`          ${more.code.length} bytes, ${more.size} gzipped: what it loads later (budget ${LATER_BUDGET})`);
  if (main.size > BUDGET) throw new Error(`The snippet is ${main.size - BUDGET} bytes above its budget.`);
  if (more.size > LATER_BUDGET) throw new Error(`Its second file is ${more.size - LATER_BUDGET} bytes above its budget.`);
  await mkdir(join(place, "snippet"), { recursive: true });
  await writeFile(join(place, "snippet/more.js"), more.code);
  await writeFile(join(place, "snippet/cs.js"), main.code);
}

/** Bundles scripts and styles of a folder; every file directly in it that `picked` names is an entry point. */
async function bundle(folder, output, picked) {
  if (!picked.length) return;
  const { metafile } = await build({
    entryPoints: picked,
    outdir: join(ASSETS, output),
    bundle: true,
    minify: true,
    metafile: true,
    format: "iife",
    target: "es2020",
    legalComments: "linked",
    loader: { ".svg": "dataurl", ".woff2": "file" },
  });
  for (const [file, { bytes }] of Object.entries(metafile.outputs))
    if (/\.(js|css)$/.test(file)) console.log(`${folder.padEnd(9)} ${file.split("/").pop()} ${bytes} bytes`);
}

const attribute = (svg, name) => svg.match(new RegExp(`${name}="([^"]*)"`))[1];

/** One <symbol> per icon; pages show it with `<svg class="icon"><use href="…/icons.svg#NAME"/></svg>`. */
async function symbol(name) {
  const svg = await readFile(packageFile(`@tabler/icons/outline/${name}.svg`), "utf8");
  const looks = ["viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"];
  const attributes = looks.map((look) => `${look}="${attribute(svg, look)}"`).join(" ");
  const content = svg.replace(/[\s\S]*?<svg[^>]*>|<\/svg>|\n\s*/g, "").replace(/<path stroke="none"[^>]*>/, "");
  return `<symbol id="${name}" ${attributes}>${content}</symbol>`;
}

async function icons() {
  const names = JSON.parse(await readFile(join(ROOT, "frontend/console/icons.json"), "utf8"));
  const symbols = await Promise.all(names.map(symbol));
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  await writeFile(join(ASSETS, "static/console/icons.svg"), sprite);
  console.log(`icons     ${names.length} symbols, ${sprite.length} bytes`);
}

/** A .gz beside each text file of a folder: WhiteNoise sends it to browsers that take it, a third of the bytes. */
async function squeeze(folder) {
  const names = await readdir(join(ASSETS, folder));
  for (const name of names.filter((name) => /\.(js|css|svg)$/.test(name))) {
    const file = join(ASSETS, folder, name);
    await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }));
  }
}

async function geo() {
  const country = packageFile("@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb");
  await mkdir(join(ASSETS, "geo"), { recursive: true });
  await cp(country, join(ASSETS, "geo/country.mmdb"));
}

/** The draft takes the place of the earlier build; whoever reads meanwhile finds one or the other but for an instant. */
async function takePlace() {
  const old = `${PLACE}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(PLACE, old).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(ASSETS, PLACE);
  await rm(old, { recursive: true, force: true });
}

if (process.argv[2] === "snippet") {
  await snippet(PLACE);
  process.exit();
}

await rm(ASSETS, { recursive: true, force: true });
await mkdir(join(ASSETS, "static/console"), { recursive: true });
await snippet();
await bundle("console", "static/console", await entries("frontend/console", /^(console|player)\.(ts|css)$/));
await bundle("demo", "static/demo", await entries("frontend/demo"));
await icons();
await cp(join(ROOT, "frontend/console/favicon.svg"), join(ASSETS, "static/console/favicon.svg"));
await squeeze("static/console");
await geo();
await takePlace();
