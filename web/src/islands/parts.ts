// Parts of the page that the server writes anew. This module runs before any element is upgraded, so it knows what the
// server wrote, as against what the islands made of it since.
const written = new Map<Element, string>();
for (const part of document.querySelectorAll("[data-part]")) written.set(part, part.innerHTML);

/**
 * Puts the parts of the new page in place of those that differ, except one in which somebody is busy. A page that has
 * other parts now, as when something comes to a page that said it is empty, is loaded anew.
 */
export function replaceParts(next: Document): void {
  if (namesOf(next) !== namesOf(document)) return location.reload();
  for (const part of document.querySelectorAll<HTMLElement>("[data-part]")) {
    const fresh = next.querySelector(`[data-part="${part.dataset.part}"]`)?.innerHTML;
    if (fresh === undefined || fresh === written.get(part) || isBusy(part)) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement?.id : undefined;
    part.innerHTML = fresh;
    written.set(part, fresh);
    if (focused) document.getElementById(focused)?.focus();
  }
  document.title = next.title;
  document.dispatchEvent(new CustomEvent("parts-replaced"));
}

function namesOf(page: Document): string {
  return [...page.querySelectorAll<HTMLElement>("[data-part]")].map((part) => part.dataset.part).join(" ");
}

function isBusy(part: HTMLElement): boolean {
  const active = document.activeElement;
  return (
    part.querySelector("details[open], dialog[open]") !== null ||
    (active instanceof HTMLInputElement && active.type !== "checkbox" && part.contains(active))
  );
}
