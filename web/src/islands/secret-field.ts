/** A password field whose text can be shown; the button's two icons are the server's. */
class SecretField extends HTMLElement {
  connectedCallback(): void {
    const input = this.querySelector("input");
    const button = this.querySelector("button");
    button?.addEventListener("click", () => {
      if (!input) return;
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
      button.setAttribute("aria-label", show ? "Hide password" : "Show password");
    });
  }
}

customElements.define("secret-field", SecretField);
