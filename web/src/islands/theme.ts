// Runs before the first paint: without a stored choice the theme is that of the system.
const root = document.documentElement;
if (!root.dataset.bsTheme) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => (root.dataset.bsTheme = dark.matches ? "dark" : "light");
  follow();
  dark.addEventListener("change", () => /(^|; )theme=/.test(document.cookie) || follow());
}
