// Runs before the first paint: without a stored choice the theme is that of the system.
const root = document.documentElement;
if (!root.dataset.bsTheme) {
  root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
