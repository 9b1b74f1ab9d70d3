/** Keys for the table inside: j and k move, Enter opens, x selects, / goes to the page's search field. */
class DataTable extends HTMLElement {
  #stop = new AbortController();

  connectedCallback(): void {
    this.#stop = new AbortController();
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.#stop.signal });
  }

  disconnectedCallback(): void {
    this.#stop.abort();
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const act = { j: () => this.#move(1), k: () => this.#move(-1), Enter: () => this.#open(event), x: () => this.#select() }[event.key];
    act?.();
  }

  get #rows(): HTMLTableRowElement[] {
    return [...this.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  }

  get #here(): HTMLTableRowElement | undefined {
    return this.#rows.find((row) => row.classList.contains("here"));
  }

  #move(by: number): void {
    const rows = this.#rows;
    const from = rows.findIndex((row) => row.classList.contains("here"));
    const to = rows[Math.min(rows.length - 1, Math.max(0, from + by))];
    if (!to) return;
    rows[from]?.classList.remove("here");
    to.classList.add("here");
    to.scrollIntoView({ block: "nearest" });
  }

  #open(event: KeyboardEvent): void {
    if (event.target !== document.body) return;
    this.#here?.querySelector<HTMLAnchorElement>(".name a")?.click();
  }

  #select(): void {
    this.#here?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

customElements.define("data-table", DataTable);
