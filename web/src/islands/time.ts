import { ago, clock } from "./format";

/** Something that shows the time: one timer serves them all. */
abstract class Ticking extends HTMLElement {
  static readonly all = new Set<Ticking>();

  connectedCallback(): void {
    Ticking.all.add(this);
    this.show();
  }

  disconnectedCallback(): void {
    Ticking.all.delete(this);
  }

  protected seconds(attribute: string): number {
    return Number(this.getAttribute(attribute)) / 1e6;
  }

  abstract show(): void;
}

/** `since` and, once it is over, `until`, in microseconds since 1970. */
class ElapsedTime extends Ticking {
  show(): void {
    const end = this.hasAttribute("until") ? this.seconds("until") : Date.now() / 1000;
    this.textContent = clock(end - this.seconds("since"));
  }
}

/** "2 min ago", kept true; the absolute time is the title the server wrote. */
class TimeAgo extends Ticking {
  show(): void {
    this.textContent = ago(Date.now() / 1000 - this.seconds("at"));
  }
}

customElements.define("elapsed-time", ElapsedTime);
customElements.define("time-ago", TimeAgo);
setInterval(() => {
  if (!document.hidden) for (const one of Ticking.all) one.show();
}, 1000);
