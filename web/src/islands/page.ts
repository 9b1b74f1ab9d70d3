// What every page has: menus that close, dialogs that open, keys of the whole window.
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
  const opener = target.closest<HTMLElement>("[data-opens]");
  if (opener) document.querySelector<HTMLDialogElement>(`#${opener.dataset.opens}`)?.showModal();
  const closer = target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector<HTMLDetailsElement>("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary")?.focus();
    }
    return;
  }
  if (event.key === "/" && !(event.target as Element).matches("input, textarea, select")) {
    event.preventDefault();
    document.querySelector<HTMLInputElement>("[data-search], .jump input")?.focus();
  }
});

// What was cut for want of room is said in full where the pointer rests.
document.addEventListener("mouseover", ({ target }) => {
  for (let one = target as HTMLElement | null; one && one !== document.body; one = one.parentElement) {
    if (!one.title && one.scrollWidth > one.clientWidth && getComputedStyle(one).textOverflow === "ellipsis") one.title = one.textContent.trim();
  }
});

// A form that is refused is shown from the first field that is wrong.
document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();

// A field above a list of choices that leaves those which have what is typed.
document.addEventListener("input", ({ target }) => {
  const field = target as HTMLInputElement;
  if (!field.matches("[data-narrows]")) return;
  const typed = field.value.trim().toLowerCase();
  for (const choice of field.closest("form")?.querySelectorAll<HTMLElement>("label") ?? []) {
    choice.hidden = !choice.textContent.toLowerCase().includes(typed);
  }
});

// A choice in a form that only filters is sent at once.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLElement;
  if (field.matches("[data-submits]")) field.closest("form")?.requestSubmit();
});
