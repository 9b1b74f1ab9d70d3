import { ago, clock, duration } from "./format";
import { lostSince } from "./live";

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
    if (this.hasAttribute("until")) this.textContent = duration(this.seconds("until") - this.seconds("since"));
    // What goes on where nobody can look is not known: the clock stands where it was last seen.
    else this.textContent = clock((lostSince()?.getTime() ?? Date.now()) / 1000 - this.seconds("since"));
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
