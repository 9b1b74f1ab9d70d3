import clockIcon from "@tabler/icons/outline/clock.svg";
import downloadIcon from "@tabler/icons/outline/download.svg";
import searchIcon from "@tabler/icons/outline/search.svg";
import upIcon from "@tabler/icons/outline/arrow-up.svg";
import downIcon from "@tabler/icons/outline/arrow-down.svg";
import wrapIcon from "@tabler/icons/outline/text-wrap.svg";
import { html, nothing, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { count } from "./format";
import type { LogFinder } from "./log-find";
import type { LogModel } from "./log-model";

/** What the tools show. */
export interface Shown {
  model: LogModel;
  finder: LogFinder;
  times: boolean;
  wrap: boolean;
}

/** What the tools do. */
export interface Actions {
  toggle: (stream: string) => void;
  find: (text: string) => void;
  step: (by: number) => void;
  setTimes: () => void;
  setWrap: () => void;
  download: () => void;
}

/** The bar above a log: streams, search, how lines are shown, download. */
export function logTools({ model, finder, times, wrap }: Shown, act: Actions): TemplateResult {
  const { hits, here, text, problem } = finder;
  const found = problem || (text ? `${hits.length > 0 ? here + 1 : 0} of ${count(hits.length)}` : "");
  const stepByKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    act.step(event.shiftKey ? -1 : 1);
  };
  return html`<h2 class="panel-title">Log</h2>
    ${[...model.streams].sort().filter((_, __, all) => all.length > 1).map(
      (stream) =>
        html`<button type="button" class="chip chip-toggle" aria-pressed=${String(!model.hidden.has(stream))}
          @click=${() => act.toggle(stream)}>${stream}</button>`,
    )}
    <div class="find">
      ${icon(searchIcon)}
      <input class="input" type="search" aria-label="Find in the log" placeholder="Find, or /regex/" .value=${text}
        @input=${(event: Event) => act.find((event.target as HTMLInputElement).value)} @keydown=${stepByKey} />
    </div>
    ${found ? html`<span class="log-hits" aria-live="polite">${found}</span>` : nothing}
    ${tool("Previous hit", upIcon, undefined, () => act.step(-1), hits.length === 0)}
    ${tool("Next hit", downIcon, undefined, () => act.step(1), hits.length === 0)}
    ${tool("Times", clockIcon, times, act.setTimes)}
    ${tool("Wrap lines", wrapIcon, wrap, act.setWrap)}
    ${tool("Download", downloadIcon, undefined, act.download)}`;
}

function icon(svg: string) {
  return unsafeHTML(svg.replace(/class="[^"]*"/, 'class="icon" aria-hidden="true"'));
}

function tool(label: string, svg: string, pressed: boolean | undefined, act: () => void, disabled = false) {
  return html`<button type="button" class="icon-btn" title=${label} aria-label=${label} ?disabled=${disabled}
    aria-pressed=${pressed === undefined ? nothing : String(pressed)} @click=${act}>${icon(svg)}</button>`;
}
