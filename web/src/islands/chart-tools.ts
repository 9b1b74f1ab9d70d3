import { change, settings } from "./chart-settings";

/** What all charts of the page obey: smoothing, the axis, the scale. Its parts come from the server. */
class ChartTools extends HTMLElement {
  connectedCallback(): void {
    this.#show();
    this.oninput = ({ target }) => {
      const weight = Number((target as HTMLInputElement).value);
      change("smooth", weight > 0 ? String(weight) : null);
      this.#show();
    };
    this.onclick = ({ target }) => {
      const { set, to } = (target as HTMLElement).closest<HTMLElement>("[data-set]")?.dataset ?? {};
      if (set !== "axis" && set !== "scale") return;
      change(set, to || null);
      this.#show();
    };
  }

  #show(): void {
    const { smooth, axis, log } = settings();
    this.querySelector<HTMLInputElement>("input[type=range]")!.value = String(smooth);
    this.querySelector("output")!.textContent = smooth ? smooth.toFixed(2) : "off";
    const now: Record<string, string> = { axis: axis === "time" ? "time" : "", scale: log ? "log" : "" };
    for (const button of this.querySelectorAll<HTMLElement>("[data-set]")) {
      button.setAttribute("aria-pressed", String(now[button.dataset.set!] === (button.dataset.to ?? "")));
    }
  }
}

customElements.define("chart-tools", ChartTools);
