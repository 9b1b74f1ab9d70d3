/** How the charts of a page draw. It stands in the address, so a link shows the same. */
export interface Settings {
  /** 0 to 0.99: how much of the mean so far a point keeps. */
  smooth: number;
  axis: "step" | "time";
  log: boolean;
}

const changed = "chart-settings";

export function settings(): Settings {
  const query = new URLSearchParams(location.search);
  const weight = Number(query.get("smooth"));
  return {
    smooth: weight > 0 && weight < 1 ? weight : 0,
    axis: query.get("axis") === "time" ? "time" : "step",
    log: query.get("scale") === "log",
  };
}

export function change(name: "smooth" | "axis" | "scale", value: string | null): void {
  const url = new URL(location.href);
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(history.state, "", url);
  document.dispatchEvent(new CustomEvent(changed));
}

export function onSettings(listener: () => void, signal: AbortSignal): void {
  document.addEventListener(changed, listener, { signal });
}
