import check from "@tabler/icons/outline/check.svg";

/** Copies the text of the element that `for` names, and says so. */
class CopyButton extends HTMLElement {
  connectedCallback(): void {
    const button = this.querySelector("button");
    const icon = button?.querySelector("svg");
    if (!button || !icon) return;
    button.addEventListener("click", async () => {
      const source = document.getElementById(this.getAttribute("for") ?? "");
      await navigator.clipboard.writeText(source?.textContent ?? "");
      const said = document.createElement("span");
      said.innerHTML = check;
      const mark = said.querySelector("svg")!;
      mark.setAttribute("class", "icon");
      icon.replaceWith(mark);
      button.setAttribute("aria-label", "Copied");
      setTimeout(() => {
        mark.replaceWith(icon);
        button.setAttribute("aria-label", "Copy");
      }, 1500);
    });
  }
}

customElements.define("copy-button", CopyButton);
