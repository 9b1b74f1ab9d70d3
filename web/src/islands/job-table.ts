const most = 8;

interface Chosen {
  id: string;
  run: string;
  name: string;
  index: number;
}

/**
 * The selection of an experiment's table: a chosen job has a colour, which it keeps while it is chosen, and stands in
 * every chart of the page. The choice is in the URL, as `chart=4-1,7-2`: job and colour.
 */
class JobTable extends HTMLElement {
  #chosen: Chosen[] = [];
  #stop = new AbortController();

  connectedCallback(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#chosen = [...this.querySelectorAll<HTMLInputElement>("input[data-job]:checked")].map(chosenOf);
    this.addEventListener("change", (event) => this.#changed(event.target as HTMLInputElement), { signal });
    document.addEventListener("parts-replaced", () => this.#mark(), { signal });
    this.#offer();
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.#clear(), { signal });
    document.addEventListener("keydown", (event) => event.key === "c" && this.#compare(event), { signal });
    document.querySelector("[data-clear-selection]")?.addEventListener("click", () => this.#clear(), { signal });
  }

  disconnectedCallback(): void {
    this.#stop.abort();
  }

  #changed(box: HTMLInputElement): void {
    const { job: id, run, name } = box.dataset;
    if (!id) return;
    if (!box.checked) this.#chosen = this.#chosen.filter((one) => one.id !== id);
    else if (this.#chosen.length < most) {
      const used = new Set(this.#chosen.map(({ index }) => index));
      const index = [1, 2, 3, 4, 5, 6, 7, 8].find((free) => !used.has(free))!;
      this.#chosen.push({ id, run: run ?? id, name: name ?? id, index });
    }
    this.#apply();
  }

  #compare(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== document.body) return;
    document.querySelector<HTMLAnchorElement>("[data-compare]:not([hidden])")?.click();
  }

  #clear(): void {
    if (this.#chosen.length === 0) return;
    this.#chosen = [];
    this.#apply();
  }

  #apply(): void {
    this.#mark();
    const url = new URL(location.href);
    url.searchParams.set("chart", this.#chosen.map(({ id, index }) => `${id}-${index}`).join(","));
    history.replaceState(history.state, "", url);
    const lines = this.#chosen.map(({ id, name, index }) => ({ job: id, label: name, index }));
    for (const chart of document.querySelectorAll("metric-chart[data-selection]")) {
      chart.setAttribute("lines", JSON.stringify(lines));
    }
  }

  /** Two or more can be compared on a page of their own. */
  #offer(): void {
    const link = document.querySelector<HTMLAnchorElement>("[data-compare]");
    if (!link) return;
    link.hidden = this.#chosen.length < 2;
    link.href = `${this.getAttribute("compare")}?runs=${this.#chosen.map(({ run }) => run).join(",")}`;
    link.textContent = `Compare ${this.#chosen.length}`;
  }

  /** Shows the choice in the rows, also after the server wrote them anew. */
  #mark(): void {
    this.#offer();
    const chosen = new Map(this.#chosen.map((one) => [one.id, one.index]));
    for (const box of this.querySelectorAll<HTMLInputElement>("input[data-job]")) {
      const index = chosen.get(box.dataset.job!);
      const row = box.closest("tr")!;
      box.checked = index !== undefined;
      row.setAttribute("aria-selected", String(box.checked));
      row.className = row.className.replace(/\bseries-\d\b/g, "").trim();
      if (index !== undefined) row.classList.add(`series-${index}`);
    }
  }
}

function chosenOf(box: HTMLInputElement): Chosen {
  const { job, run, name, index } = box.dataset;
  return { id: job!, run: run ?? job!, name: name ?? job!, index: Number(index) };
}

customElements.define("job-table", JobTable);
