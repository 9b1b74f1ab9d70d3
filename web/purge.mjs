// Keeps of a large style sheet the rules whose classes our pages or islands name.
import { readdirSync, readFileSync } from "node:fs";

/** All words in the sources below the folders: a superset of the class names they use. */
function wordsIn(folders) {
  const words = new Set();
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(razor|cs|ts)$/.test(entry.name) || entry.name.endsWith(".g.cs")) continue;
      const text = readFileSync(`${entry.parentPath ?? entry.path}/${entry.name}`, "utf8");
      for (const word of text.match(/[A-Za-z_][\w-]*/g) ?? []) words.add(word);
    }
  }
  return words;
}

/** Splits minified CSS into [prelude, body | null] pairs. */
function* rules(css) {
  let at = 0;
  while (at < css.length) {
    const open = css.indexOf("{", at);
    const semicolon = css.indexOf(";", at);
    if (semicolon >= 0 && (open < 0 || semicolon < open)) {
      yield [css.slice(at, semicolon), null];
      at = semicolon + 1;
      continue;
    }
    if (open < 0) return;
    let depth = 1;
    let end = open + 1;
    for (; depth > 0; end++) {
      const sign = css[end];
      if (sign === '"' || sign === "'") end = css.indexOf(sign, end + 1);
      else if (sign === "{") depth++;
      else if (sign === "}") depth--;
    }
    yield [css.slice(at, open), css.slice(open + 1, end - 1)];
    at = end;
  }
}

/** Splits at the commas that stand outside all brackets. */
function selectorsOf(prelude) {
  const selectors = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < prelude.length; i++) {
    if ("([".includes(prelude[i])) depth++;
    else if (")]".includes(prelude[i])) depth--;
    else if (prelude[i] === "," && depth === 0) {
      selectors.push(prelude.slice(from, i));
      from = i + 1;
    }
  }
  return [...selectors, prelude.slice(from)];
}

function filtered(css, words) {
  let kept = "";
  for (const [prelude, body] of rules(css)) {
    if (body === null) {
      if (!prelude.startsWith("@charset")) kept += `${prelude};`;
    } else if (/^@(media|supports|layer|container)/.test(prelude)) {
      const inner = filtered(body, words);
      if (inner) kept += `${prelude}{${inner}}`;
    } else if (prelude.startsWith("@")) {
      kept += `${prelude}{${body}}`;
    } else {
      const selectors = selectorsOf(prelude).filter((one) =>
        [...one.matchAll(/\.(-?[A-Za-z_][\w-]*)/g)].every(([, name]) => words.has(name)),
      );
      if (selectors.length > 0) kept += `${selectors.join(",")}{${body}}`;
    }
  }
  return kept;
}

export function keepUsed(css, folders) {
  return filtered(css.replace(/\/\*[\s\S]*?\*\//g, ""), wordsIn(folders));
}
