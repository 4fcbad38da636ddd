// The sandbox phone's page: two phones, one call at a time, and the log of what the carrier and Callspring said.

import { businessState, type Call, callerState, type Line, type Phone, whisper } from "./phone/call";

const POLL_MS = 500;
const LIVE = "sandbox-phone-call"; // where this tab keeps the id of its live call
const SPEAKERS: Readonly<Record<string, string>> = {
  caller: "Caller",
  business: "Business",
  carrier: "Carrier",
  callspring: "Callspring",
};

function by<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const to = by<HTMLInputElement>("to");
const from = by<HTMLInputElement>("from");
const withheld = by<HTMLInputElement>("withheld");
const business = by("business");
const quiet = { who: by("business-who").textContent ?? "", about: by("business-about").textContent ?? "" };
let call: Call | null = null;
let timer = 0;
let pressed = ""; // the call and its stage when a button was pressed; what it did has not been seen while both last

function say(id: string, text: string): void {
  // Only what changed is announced: setting the same text again would be read out again.
  const place = by(id);
  if (place.textContent !== text) place.textContent = text;
}

function switchTo(id: string, on: boolean): void {
  by<HTMLButtonElement>(id).disabled = !on;
}

async function ask(path: string, body?: unknown): Promise<Call> {
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(path, { ...sent, headers: { "content-type": "application/json" } });
  const answer = (await response.json()) as Call & { error?: string; field?: string };
  if (!response.ok) throw Object.assign(new Error(answer.error ?? "That did not work."), { field: answer.field });
  return answer;
}

function complain(error: unknown): void {
  const field = (error as { field?: string }).field ?? "";
  const text = error instanceof TypeError ? "The exchange cannot be reached." : (error as Error).message;
  if (field === "to" || field === "from") {
    say(`${field}-error`, text);
    by(field).setAttribute("aria-invalid", "true");
    by(field).focus();
  }
  say("caller-state", text);
}

function draw(now: Call): void {
  const { stage } = now;
  const focused = document.activeElement;
  showRinging(now);
  business.dataset["stage"] = stage;
  say("caller-state", callerState(now));
  say("business-state", businessState(now));
  const first = now.phones[0]?.state ?? "over";
  const busy = first !== "over" && stage !== "ended";
  by("business-who").textContent = busy ? now.caller_id_shown : quiet.who;
  by("business-about").textContent = busy ? `calls ${now.phones[0]?.shown ?? now.destination_shown}` : quiet.about;
  switchTo("call", stage === "ended");
  switchTo("caller-hangs-up", stage !== "ended");
  const up = first === "talking" || first === "asked";
  switchTo("answer", stage === "ringing" && first === "ringing");
  switchTo("decline", stage === "ringing" && first === "ringing");
  switchTo("business-hangs-up", stage !== "ended" && up);
  for (const id of ["answer", "decline"]) by(id).hidden = up;
  by("business-hangs-up").hidden = !up;
  by("business-keys").hidden = first !== "asked";
  drawOthers(now);
  by("finish").hidden = stage !== "recording";
  keepFocus(focused);
  by("hint").hidden = up;
  // Outside of what is read out: a voice that counts the seconds would talk over the call.
  by("seconds").textContent = stage === "talking" ? `${now.talking_for ?? 0} s` : "";
  drawLog(now.log);
}

/** A card for each phone but the first, which stands on the page; they are made once for a dial, so that focus stays. */
function drawOthers(now: Call): void {
  const place = by("more-phones");
  const others = now.stage === "ended" ? [] : now.phones.slice(1);
  const made = `${now.id} ${others.map((phone) => phone.shown).join(" ")}`;
  place.hidden = others.length === 0;
  if (place.dataset["made"] !== made) {
    place.dataset["made"] = made;
    place.replaceChildren(...others.map((phone, at) => otherPhone(phone, at + 1)));
  }
  others.forEach((phone, at) => drawOther(place.children[at] as HTMLElement, phone, now));
}

function otherPhone(phone: Phone, at: number): HTMLElement {
  const card = document.createElement("section");
  card.className = "device small";
  card.setAttribute("aria-label", `The business’s phone ${at + 1}`);
  const screen = document.createElement("div");
  screen.className = "screen dark";
  screen.append(line("about", phone.shown), line("state", ""));
  const buttons = line("buttons", "");
  for (const [name, what] of [["Answer", "answer"], ["Decline", "decline"], ["Hang up", "business_hangs_up"]] as const) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = what === "answer" ? "button go" : "button stop";
    button.textContent = name;
    button.dataset["does"] = what;
    button.addEventListener("click", (event) => {
      if (event.detail < 2) void press(what, { phone: at });
    });
    buttons.append(button);
  }
  const keys = by("business-keys").cloneNode(true) as HTMLElement;
  keys.removeAttribute("id");
  screen.append(buttons, keys);
  card.append(screen);
  return card;
}

function line(name: string, text: string): HTMLParagraphElement {
  const made = document.createElement("p");
  made.className = name;
  made.textContent = text;
  return made;
}

function drawOther(card: HTMLElement, phone: Phone, now: Call): void {
  const up = phone.state === "talking" || phone.state === "asked";
  const said = { ringing: "Ringing.", asked: whisper(phone), talking: "Talking.", over: `Over: ${phone.outcome}.` };
  const state = card.querySelector<HTMLElement>(".state");
  if (state && state.textContent !== said[phone.state]) state.textContent = said[phone.state];
  for (const button of card.querySelectorAll<HTMLButtonElement>("[data-does]")) {
    const hangsUp = button.dataset["does"] === "business_hangs_up";
    button.hidden = hangsUp !== up;
    button.disabled = hangsUp ? !up : phone.state !== "ringing" || now.stage !== "ringing";
  }
  card.querySelector<HTMLElement>(".keys")?.toggleAttribute("hidden", phone.state !== "asked");
}

function showRinging(now: Call): void {
  // On a narrow screen the phones stand one below the other, and the ringing one may be out of sight.
  const began = now.stage === "ringing" && business.dataset["stage"] !== "ringing";
  if (began && window.matchMedia("(max-width: 620px)").matches) business.scrollIntoView({ block: "end" });
}

function keepFocus(focused: Element | null): void {
  // A keyboard must not be left on a button that has just been switched off.
  if (!(focused instanceof HTMLButtonElement) || (!focused.disabled && !focused.hidden)) return;
  const next = ["business-hangs-up", "call", "caller-hangs-up"].map((id) => by<HTMLButtonElement>(id));
  next.find((each) => !each.disabled && !each.hidden)?.focus();
}

function drawLog(log: Line[]): void {
  const list = by("talk");
  by("talk-empty").hidden = log.length > 0;
  while (list.children.length > log.length) list.lastElementChild?.remove();
  for (const line of log.slice(list.children.length)) list.append(logLine(line));
}

function logLine(line: Line): HTMLLIElement {
  const item = document.createElement("li");
  item.className = `line ${line.speaker}`;
  const head = document.createElement("p");
  head.className = "line-head";
  head.append(`${SPEAKERS[line.speaker] ?? line.speaker} · ${line.after.toFixed(1)} s`);
  const text = document.createElement("p");
  text.append(line.text);
  item.append(head, text);
  if (line.detail) item.append(wire(line.detail));
  return item;
}

function wire(detail: string): HTMLDetailsElement {
  const box = document.createElement("details");
  const title = document.createElement("summary");
  title.append("On the wire");
  const code = document.createElement("pre");
  code.tabIndex = 0; // it scrolls, so a keyboard must be able to reach it
  code.append(JSON.stringify(JSON.parse(detail), null, 1));
  box.append(title, code);
  return box;
}

function remember(id: string): void {
  // A page that is loaded again must find its call: nobody else could hang up.
  try {
    if (id) sessionStorage.setItem(LIVE, id);
    else sessionStorage.removeItem(LIVE);
  } catch {
    // A browser that keeps nothing: the call then goes on without this page after a reload.
  }
}

function remembered(): string {
  try {
    return sessionStorage.getItem(LIVE) ?? "";
  } catch {
    return "";
  }
}

function take(now: Call): void {
  call = now;
  remember(now.stage === "ended" ? "" : now.id);
  draw(now);
  window.clearTimeout(timer);
  if (now.stage !== "ended") timer = window.setTimeout(() => void look(), POLL_MS);
  else window.setTimeout(() => void lastLook(now.id), POLL_MS * 2); // events are still being delivered
}

async function look(): Promise<void> {
  if (!call) return;
  try {
    take(await ask(`/phone/calls/${call.id}`));
  } catch (error) {
    complain(error);
    timer = window.setTimeout(() => void look(), POLL_MS * 4);
  }
}

async function lastLook(id: string): Promise<void> {
  if (call?.id !== id) return;
  const now = await ask(`/phone/calls/${id}`).catch(() => null);
  if (now && call?.id === id) draw(now);
}

async function dial(): Promise<void> {
  for (const field of [to, from]) field.removeAttribute("aria-invalid");
  say("to-error", "");
  say("from-error", "");
  if (!to.value.trim()) {
    complain(Object.assign(new Error("Type a number to dial first."), { field: "to" }));
    return;
  }
  const focused = document.activeElement;
  switchTo("call", false); // before the answer: the second click of a double click is no second call
  try {
    by("talk").replaceChildren();
    take(await ask("/phone/calls", { to: to.value, from: withheld.checked ? "" : from.value }));
    by("caller-hangs-up").focus();
  } catch (error) {
    switchTo("call", true);
    if (focused === by("call")) by("call").focus();
    complain(error);
  }
}

async function takeUp(id: string): Promise<void> {
  switchTo("call", false);
  try {
    take(await ask(`/phone/calls/${encodeURIComponent(id)}`));
  } catch (error) {
    switchTo("call", true);
    if (error instanceof TypeError) complain(error);
    else remember(""); // the exchange was started anew and knows no such call
  }
}

const stageOf = (now: Call): string => `${now.id} ${now.stage}`;

interface Pressed {
  key?: string;
  phone?: number;
}

async function press(button: string, more: Pressed = {}): Promise<void> {
  // Keys and other phones' buttons may follow one another within a stage.
  if (!call || (pressed === stageOf(call) && more.key === undefined && more.phone === undefined)) return;
  // Not by disabling the button: a keyboard's focus would be lost before it is known where it belongs next.
  pressed = stageOf(call);
  try {
    take(await ask(`/phone/calls/${call.id}/press`, { button, ...more }));
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void lookAfterPress(), 60); // the press is done a moment after it is taken
  } catch (error) {
    pressed = "";
    complain(error);
  }
}

async function lookAfterPress(): Promise<void> {
  await look();
  pressed = "";
}

function onPress(id: string, button: string, more: Pressed = {}): void {
  // The second click of a double click on "Answer" would fall on the "Hang up" that has taken its place.
  by(id).addEventListener("click", (event) => {
    if (event.detail < 2) void press(button, more);
  });
}

/** While the caller is asked for a key the keypad answers; else it writes the number. */
function key(sign: string): void {
  if (call && (call.stage === "keying" || call.stage === "speaking")) {
    void press("key", { key: sign });
    return;
  }
  const at = to.selectionStart ?? to.value.length;
  to.setRangeText(sign, at, to.selectionEnd ?? at, "end");
}

by<HTMLFormElement>("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!by<HTMLButtonElement>("call").disabled) void dial();
});
for (const each of document.querySelectorAll<HTMLButtonElement>("[data-key]")) {
  each.addEventListener("click", () => key(each.dataset["key"] ?? ""));
}
document.addEventListener("click", (event) => {
  const sign = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-business-key]")?.dataset["businessKey"] : "";
  if (sign) void press("business_key", { key: sign });
});
withheld.addEventListener("change", () => (from.disabled = withheld.checked));
onPress("caller-hangs-up", "caller_hangs_up");
onPress("business-hangs-up", "business_hangs_up");
onPress("finish", "finish");
onPress("answer", "answer", { phone: 0 });
onPress("decline", "decline", { phone: 0 });

// A plus that was written into an address as it stands arrives as a space.
const prefilled = new URLSearchParams(location.search).get("to");
if (prefilled) to.value = prefilled.replace(/^ (?=\d)/, "+").slice(0, 40);
switchTo("call", true); // some browsers keep a button switched off across a reload
const live = remembered();
if (live) void takeUp(live);
