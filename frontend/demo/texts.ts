// The sandbox phone's texts: what the caller's number has sent and received, and a box to write another.

interface Text {
  id: string;
  mine: boolean;
  other_shown: string;
  body: string;
  at: number;
}

const POLL_MS = 2000;
const list = document.getElementById("texts") as HTMLOListElement;
const box = document.getElementById("body") as HTMLTextAreaElement;
const send = document.getElementById("send") as HTMLButtonElement;
const to = document.getElementById("to") as HTMLInputElement;
const from = document.getElementById("from") as HTMLInputElement;
let shownFor = "";

function complain(text: string): void {
  const place = document.getElementById("body-error") as HTMLElement;
  if (place.textContent !== text) place.textContent = text;
  box.toggleAttribute("aria-invalid", text !== "");
}

function bubble(text: Text): HTMLLIElement {
  const item = document.createElement("li");
  item.className = text.mine ? "bubble mine" : "bubble";
  item.dataset["id"] = text.id;
  const head = document.createElement("p");
  head.className = "line-head";
  const time = new Date(text.at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  head.append(`${text.mine ? "To" : "From"} ${text.other_shown} · ${time}`);
  const body = document.createElement("p");
  body.append(text.body);
  item.append(head, body);
  return item;
}

function draw(texts: Text[]): void {
  // Only what is new is added, so that only that is read out.
  const known = new Set(Array.from(list.children, (item) => (item as HTMLElement).dataset["id"]));
  const fresh = texts.filter((text) => !known.has(text.id));
  list.append(...fresh.map(bubble));
  if (fresh.length) list.scrollTop = list.scrollHeight;
}

async function look(): Promise<void> {
  const number = from.value;
  if (number !== shownFor) list.replaceChildren();
  shownFor = number;
  const response = await fetch(`/phone/texts?number=${encodeURIComponent(number)}`).catch(() => null);
  if (response?.ok && from.value === number) draw(((await response.json()) as { texts: Text[] }).texts);
}

async function write(): Promise<void> {
  send.disabled = true;
  try {
    const response = await fetch("/phone/texts", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from: from.value, to: to.value, body: box.value }),
    });
    const answer = (await response.json()) as { error?: string };
    complain(response.ok ? "" : (answer.error ?? "That did not work."));
    if (response.ok) box.value = "";
  } catch {
    complain("The exchange cannot be reached.");
  }
  send.disabled = false;
  if (document.activeElement === document.body) send.focus();
  await look();
}

document.getElementById("write")?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!send.disabled) void write();
});
void (async function follow(): Promise<void> {
  await look();
  window.setTimeout(() => void follow(), POLL_MS);
})();

export {};
