// Evaluated in a page; gives a list of sentences, one for each thing that is wrong.
() => {
  const problems = [];
  const where = (e) => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}.${[...e.classList].join(".")} "${(e.textContent ?? "").trim().slice(0, 30)}"`;
  const shown = (e) => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const all = [...document.body.querySelectorAll("*")].filter(shown);

  const h1 = document.querySelectorAll("h1").length;
  if (h1 !== 1) problems.push(`${h1} h1 elements instead of one`);
  if (!document.documentElement.lang) problems.push("no language");
  if (!document.title) problems.push("no title");
  if (document.querySelectorAll("main").length !== 1) problems.push("not exactly one main landmark");

  const ids = new Map();
  for (const e of document.querySelectorAll("[id]")) ids.set(e.id, (ids.get(e.id) ?? 0) + 1);
  for (const [id, count] of ids) if (count > 1) problems.push(`the id ${id} stands ${count} times`);
  for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    for (const id of `${e.getAttribute("aria-describedby") ?? ""} ${e.getAttribute("aria-labelledby") ?? ""}`.split(" ").filter(Boolean)) {
      if (!document.getElementById(id)) problems.push(`${where(e)} refers to the missing id ${id}`);
    }
  }

  const nameOf = (e) =>
    e.getAttribute("aria-label") ||
    (e.getAttribute("aria-labelledby") && document.getElementById(e.getAttribute("aria-labelledby"))?.textContent) ||
    [...(e.labels ?? [])].map((l) => l.textContent).join(" ") ||
    e.textContent ||
    e.title;
  for (const e of all.filter((e) => e.matches("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]"))) {
    if (!nameOf(e)?.trim()) problems.push(`${where(e)} has no name`);
    if (e.tabIndex > 0) problems.push(`${where(e)} changes the order of the keyboard`);
  }
  for (const e of all.filter((e) => e.matches("img")) ) if (!e.hasAttribute("alt")) problems.push(`${where(e)} has no alt`);
  for (const e of all.filter((e) => e.matches("[role=img]"))) if (!nameOf(e)?.trim()) problems.push(`${where(e)} has no name`);
  for (const e of all.filter((e) => e.matches("th"))) if (!nameOf(e)?.trim()) problems.push(`${where(e)} is an empty head`);

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const background = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0.99) return colour;
    }
    return [255, 255, 255, 1];
  };
  for (const e of all) {
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!text || e.closest("[aria-hidden=true], svg, :disabled, [aria-disabled=true], .none")) continue;
    const style = getComputedStyle(e);
    const [a, b] = [luminance(rgba(style.color)), luminance(background(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) problems.push(`${where(e)} has a contrast of ${ratio.toFixed(2)}`);
  }

  // At a desktop's width only panels may scroll.
  if (document.documentElement.scrollWidth > innerWidth + 1) problems.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
  return problems;
}
