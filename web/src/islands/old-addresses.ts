// Addresses as MLflow's clients print them: /#/experiments/1/runs/ID, /#/models/NAME/versions/2. Only the browser sees what
// stands behind the #, so it goes on from here; a form to sign in keeps it for the page after.
const to = address(location.hash);
if (to) {
  const form = document.querySelector<HTMLFormElement>('form[action^="/signin"], form[data-keeps-hash]');
  if (form) form.action += location.hash;
  else location.replace(to);
}

function address(hash: string): string | undefined {
  const [what, name, , last] = hash.replace(/^#\/?/, "").split("?", 1)[0]!.split("/");
  if (what === "experiments" && last) return `/runs/${last}`;
  if (what === "experiments" && name) return name === "0" ? "/experiments?search=Default" : `/experiments/${name}`;
  if (what === "models") return name ? `/models?search=${name}` : "/models";
  return undefined;
}

export {};
