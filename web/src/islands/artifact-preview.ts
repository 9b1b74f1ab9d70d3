import { html, nothing, render, type TemplateResult } from "lit";
import { csvRows } from "./csv";

const textLimit = 256 * 1024;

/** Shows a file: image, JSON tree, CSV table or text. Attributes: `src`, `name`, `type`. */
class ArtifactPreview extends HTMLElement {
  #abort = new AbortController();

  connectedCallback(): void {
    void this.#show();
  }

  disconnectedCallback(): void {
    this.#abort.abort();
  }

  async #show(): Promise<void> {
    const src = this.getAttribute("src") ?? "";
    const name = this.getAttribute("name") ?? "";
    const kind = kindOf(name, this.getAttribute("type") ?? "");
    if (kind === "image") return void render(html`<img class="preview-image fit" src=${src} alt=${name} />`, this);
    if (kind === "none") return void render(html`<p class="chart-empty">No preview for this kind of file. Download it.</p>`, this);
    try {
      const { text, cut } = await this.#read(src);
      render(html`${content(kind, text, cut)}${cut ? html`<p class="chart-empty">The first 256 KiB are shown.</p>` : nothing}`, this);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      render(html`<p class="chart-empty">Could not load ${name}: ${String(error)}.</p>`, this);
    }
  }

  /** Reads the beginning only, however long the file is. */
  async #read(src: string): Promise<{ text: string; cut: boolean }> {
    const answer = await fetch(src, { signal: this.#abort.signal });
    if (!answer.ok || !answer.body) throw new Error(`the server answered ${answer.status}`);
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text: text + decoder.decode(), cut: false };
      size += value.length;
      text += decoder.decode(value, { stream: true });
      if (size >= textLimit) {
        await reader.cancel();
        return { text, cut: true };
      }
    }
  }
}

type Kind = "image" | "json" | "csv" | "text" | "none";

function kindOf(name: string, type: string): Kind {
  const extension = name.split(".").at(-1)?.toLowerCase() ?? "";
  if (/^image\/(png|jpeg|gif|webp|bmp|avif)$/.test(type) || ["png", "jpg", "jpeg", "gif", "webp", "bmp"].includes(extension)) return "image";
  if (type.includes("json") || extension === "json") return "json";
  if (type === "text/csv" || extension === "csv") return "csv";
  if (type.startsWith("text/") || ["txt", "log", "md", "yaml", "yml", "py", "toml", "ini"].includes(extension)) return "text";
  return "none";
}

function content(kind: Kind, text: string, cut: boolean): TemplateResult {
  if (kind === "csv") return table(csvRows(text).slice(0, 1001));
  if (kind === "json" && !cut) {
    try {
      return html`<div class="json">${tree(JSON.parse(text), true)}</div>`;
    } catch {
      return plain(text);
    }
  }
  return plain(text);
}

function plain(text: string): TemplateResult {
  return html`<pre class="code preview-text" tabindex="0">${text}</pre>`;
}

function table([head = [], ...rows]: string[][]): TemplateResult {
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => !row[i] || !Number.isNaN(Number(row[i]))));
  const cell = (i: number) => (numeric[i] ? "num" : nothing);
  return html`<div class="preview-table" tabindex="0"><table class="sheet">
    <thead><tr>${head.map((name, i) => html`<th scope="col" class=${cell(i)}>${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((value, i) => html`<td class=${cell(i)}>${value}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

function tree(value: unknown, open: boolean): TemplateResult {
  if (value === null || typeof value !== "object") {
    const name = typeof value === "string" ? "json-text" : "json-number";
    return html`<span class=${name}>${JSON.stringify(value)}</span>`;
  }
  const entries = Object.entries(value);
  const [from, to] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return html`${from}${to}`;
  return html`<details ?open=${open}>
    <summary>${from} ${entries.length} ${to}</summary>
    ${entries.slice(0, 500).map(([key, item]) => html`<div><span class="json-key">${key}</span>: ${tree(item, entries.length < 30)}</div>`)}
    ${entries.length > 500 ? html`<div>and ${entries.length - 500} more</div>` : nothing}
  </details>`;
}

customElements.define("artifact-preview", ArtifactPreview);
