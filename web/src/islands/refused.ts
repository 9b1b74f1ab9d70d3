import { timeOfDay } from "./format";
import { lostSince } from "./live";

// An action is not sent to a server that is not reached: the browser would put an error page of its own in place of this one.
document.addEventListener("submit", (event) => {
  const since = lostSince();
  if (!since || (event.target as HTMLFormElement).method !== "post") return;
  event.preventDefault();
  say(`The server has not been reached since ${timeOfDay(since)}. Nothing was sent.`);
});

function say(text: string): void {
  document.querySelector(".toast-line")?.remove();
  const line = document.createElement("p");
  line.className = "toast-line";
  line.setAttribute("role", "alert");
  line.textContent = text;
  // A dialog stands above everything else, so what is said of its button stands in it.
  (document.querySelector("dialog[open]") ?? document.body).append(line);
  setTimeout(() => line.remove(), 6000);
}
