const year = 365 * 24 * 3600;

/** A button that changes between light and dark and keeps the choice where the server can read it. */
class ThemeSwitch extends HTMLElement {
  connectedCallback(): void {
    this.querySelector("button")?.addEventListener("click", () => {
      const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      document.documentElement.dataset.bsTheme = theme;
      document.cookie = `theme=${theme}; Path=/; Max-Age=${year}; SameSite=Lax`;
    });
  }
}

customElements.define("theme-switch", ThemeSwitch);
