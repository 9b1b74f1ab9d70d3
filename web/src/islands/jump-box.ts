const pause = 120;

/**
 * The search in the head of every page. With scripts its field opens a palette that finds while one types: the server
 * makes the list, the arrows choose from it, Enter goes there.
 */
class JumpBox extends HTMLElement {
  #dialog = document.createElement("dialog");
  #input = document.createElement("input");
  #list = document.createElement("div");
  #stop = new AbortController();
  #asked = new AbortController();
  #due: ReturnType<typeof setTimeout> | undefined;
  /** What the list was found for; null while that is not known. */
  #found: string | null = null;

  connectedCallback(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const field = this.querySelector("input")!;
    // It is a button now: whoever only passes it with Tab wants no palette.
    field.readOnly = true;
    this.#build();
    this.addEventListener("click", (event) => event.target === field && this.#open(), { signal });
    field.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), this.#open()), { signal });
    document.addEventListener("keydown", (event) => this.#shortcut(event), { signal });
  }

  disconnectedCallback(): void {
    this.#stop.abort();
    this.#dialog.remove();
  }

  #build(): void {
    const form = document.createElement("form");
    form.action = "/jump";
    form.className = "palette-head";
    this.#input.name = "search";
    this.#input.autocomplete = "off";
    this.#input.placeholder = "A name, a number, a page";
    this.#input.setAttribute("aria-label", "Search or jump to");
    this.#input.setAttribute("role", "combobox");
    this.#input.setAttribute("aria-expanded", "true");
    this.#input.setAttribute("aria-controls", "palette-found");
    const key = document.createElement("kbd");
    key.textContent = "Esc";
    form.append(this.querySelector(".icon")!.cloneNode(true), this.#input, key);
    this.#list.id = this.#list.className = "palette-found";
    this.#list.setAttribute("aria-live", "polite");
    this.#dialog.className = "palette";
    this.#dialog.setAttribute("aria-label", "Search or jump to");
    this.#dialog.append(form, this.#list);
    document.body.append(this.#dialog);
    this.#input.addEventListener("input", () => this.#ask(pause));
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("submit", (event) => void this.#go(event));
    this.#list.addEventListener("mousemove", (event) => {
      const item = (event.target as Element).closest<HTMLElement>(".found-item");
      if (item) this.#choose(item);
    });
    // Beside the palette is what lies behind it.
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
  }

  #shortcut(event: KeyboardEvent): void {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (this.#dialog.open) this.#dialog.close();
    else if (!document.querySelector("dialog[open]")) this.#open();
  }

  #open(): void {
    this.#input.value = "";
    this.#dialog.showModal();
    this.#input.focus();
    this.#ask(0);
  }

  #ask(after: number): void {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => void this.#find(this.#input.value), after);
  }

  async #find(text: string): Promise<void> {
    clearTimeout(this.#due);
    this.#asked.abort();
    this.#asked = new AbortController();
    this.#found = null;
    try {
      const answer = await fetch(`/jump/found?search=${encodeURIComponent(text)}`, { signal: this.#asked.signal });
      if (!answer.ok || answer.redirected) return this.#say("The server did not answer. Enter opens the page of the search.");
      this.#list.innerHTML = await answer.text();
      this.#found = text;
      this.#list.querySelector("ul")?.setAttribute("role", "listbox");
      for (const [i, item] of this.#items.entries()) {
        item.parentElement!.role = "presentation";
        item.role = "option";
        item.id = `found-${i}`;
        item.tabIndex = -1;
      }
      this.#choose(this.#items[0] ?? null);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) this.#say("The server is not reached.");
    }
  }

  #say(text: string): void {
    const line = document.createElement("p");
    line.className = "found-none";
    line.textContent = text;
    this.#list.replaceChildren(line);
  }

  get #items(): HTMLAnchorElement[] {
    return [...this.#list.querySelectorAll<HTMLAnchorElement>(".found-item")];
  }

  get #chosen(): HTMLAnchorElement | null {
    return this.#list.querySelector<HTMLAnchorElement>(".found-item.here");
  }

  #choose(item: HTMLElement | null): void {
    if (!item) return this.#input.removeAttribute("aria-activedescendant");
    this.#chosen?.classList.remove("here");
    this.#list.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
    item.classList.add("here");
    item.setAttribute("aria-selected", "true");
    this.#input.setAttribute("aria-activedescendant", item.id);
  }

  #key(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const items = this.#items;
    if (items.length === 0) return;
    const next = items[(items.findIndex((item) => item === this.#chosen) + by + items.length) % items.length]!;
    this.#choose(next);
    next.scrollIntoView({ block: "nearest" });
  }

  /**
   * Enter goes to what is chosen, of what the field says now: who types and presses Enter is quicker than the list. Where
   * nothing is found it leads to the page of the search.
   */
  async #go(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const text = this.#input.value;
    if (this.#found !== text) await this.#find(text);
    if (!this.#dialog.open || this.#input.value !== text) return;
    location.href = this.#chosen?.href ?? `/jump?search=${encodeURIComponent(text)}`;
    this.#dialog.close();
  }
}

customElements.define("jump-box", JumpBox);
