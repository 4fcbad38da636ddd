// The shop's booking page: a small single-page app with addresses of its own (/booking, /booking/day, /booking/done).
// The business's number appears only once a job is chosen, so that the snippet meets it late.

interface Day {
  date: string;
  name: string;
  windows: string[];
}

interface Choice {
  job: string;
  day: string;
  time: string;
}

const JOBS = ["A leak", "A blocked drain", "No hot water", "A new faucet or fixture", "Something else"];
const root = document.getElementById("booking") as HTMLElement;
const choice: Choice = { job: "", day: "", time: "" };

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function button(text: string, press: () => void, look = "option"): HTMLButtonElement {
  const made = element("button", { type: "button", class: look }, text);
  made.addEventListener("click", press);
  return made;
}

function callLine(words: string): HTMLParagraphElement {
  const { national = "", e164 = "" } = root.dataset;
  return element("p", { class: "talk" }, words, element("a", { href: `tel:${e164}` }, national), ".");
}

function go(path: string): void {
  history.pushState(null, "", path);
  void show(true);
}

function put(title: string, ...parts: Node[]): void {
  const heading = element("h1", { tabindex: "-1" }, title);
  root.replaceChildren(heading, ...parts);
  document.title = `${title} · Harbor & Pine Plumbing`;
}

function showJobs(): void {
  const jobs = JOBS.map((job) =>
    button(job, () => {
      choice.job = job;
      go("/booking/day");
    }),
  );
  put("What is the matter?", element("div", { class: "options" }, ...jobs));
}

async function showDays(): Promise<void> {
  root.replaceChildren(element("p", { class: "loading", role: "status" }, "Looking into the diary …"));
  const answer = await fetch("/booking/days.json");
  const days = (await answer.json()) as Day[];
  const groups = days.map((day) => {
    const times = day.windows.map((time) =>
      button(time, () => {
        Object.assign(choice, { day: day.name, time });
        go("/booking/done");
      }),
    );
    return element("fieldset", {}, element("legend", {}, day.name), element("div", { class: "options" }, ...times));
  });
  const back = button("Back", () => history.back(), "button quiet");
  put("When may we come?", callLine(`${choice.job}? If it cannot wait, call `), ...groups, back);
}

function showDone(): void {
  const again = button("Change something", () => go("/booking"), "button quiet");
  put(
    "We have you down",
    element("p", { class: "lead" }, `${choice.job}, ${choice.day}, ${choice.time}. Reference HP-8005550-1990.`),
    callLine("Something came up? Move it with a call to "),
    element("p", { class: "note" }, "This shop is a demonstration: nothing was sent, and no van will come."),
    again,
  );
}

async function show(moved: boolean): Promise<void> {
  if (location.pathname === "/booking/done" && choice.time) showDone();
  else if (location.pathname === "/booking/day" && choice.job) await showDays();
  else {
    if (location.pathname !== "/booking") history.replaceState(null, "", "/booking");
    showJobs();
  }
  if (moved) root.querySelector("h1")?.focus();
}

window.addEventListener("popstate", () => void show(true));
void show(false);

export {};
