import chevronDown from "@tabler/icons/outline/chevron-down.svg";
import chevronRight from "@tabler/icons/outline/chevron-right.svg";
import { duration } from "./format";
import { glyph } from "./glyph";
import type { Section } from "./log-model";

/** A step of the job as the server tells it; times in microseconds. */
export interface Step {
  name: string;
  state: string;
  started?: number | null;
  ended?: number | null;
}

/** The head of a section, which folds it: the step with its state and time. */
export function sectionHead(section: Section, index: number, step: Step | undefined): HTMLElement {
  const head = document.createElement("button");
  head.type = "button";
  head.className = "log-section";
  head.dataset.section = String(index);
  head.setAttribute("aria-expanded", String(section.open));
  const fold = document.createElement("span");
  fold.innerHTML = section.open ? chevronDown : chevronRight;
  fold.firstElementChild!.setAttribute("class", "icon");
  const name = document.createElement("span");
  name.textContent = section.step || "system";
  const time = document.createElement("span");
  time.className = "time";
  time.textContent = timeOf(section, step);
  head.append(fold.firstElementChild!);
  if (step) head.insertAdjacentHTML("beforeend", glyph(step.state));
  head.append(name, time);
  return head;
}

function timeOf(section: Section, step: Step | undefined): string {
  const from = step?.started ?? section.lines[0]!.t;
  const to = step ? (step.ended ?? undefined) : section.lines.at(-1)!.t;
  return to === undefined ? "" : duration((to - from) / 1e6);
}
