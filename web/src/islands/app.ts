import "./old-addresses";
import "./parts";
import "./page";
import "./jump-box";
import "./refused";
import "./theme-switch";
import "./time";
import "./copy-button";
import "./data-table";
import "./job-table";
import "./secret-field";
import "./live-source";

// What is heavy comes only where it stands on the page, also when a part brings it later.
const heavy: Record<string, () => Promise<unknown>> = {
  "log-viewer": () => import("./log-viewer"),
  "metric-chart": () => import("./metric-chart"),
  "chart-tools": () => import("./chart-tools"),
  "step-graph": () => import("./step-graph"),
  "artifact-preview": () => import("./artifact-preview"),
};

function load(): void {
  for (const [name, bring] of Object.entries(heavy)) {
    if (document.querySelector(name)) {
      delete heavy[name];
      void bring();
    }
  }
}

load();
document.addEventListener("parts-replaced", load);
