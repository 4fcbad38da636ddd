// The shop's contact form: what a visitor writes becomes a message in the inbox, in the thread of their telephone number.

const form = document.querySelector<HTMLFormElement>("form.card");

form?.addEventListener("submit", () => {
  // Leaving the page sends what is told here, as a beacon.
  const written = new FormData(form);
  const [name, phone, message] = ["name", "telephone", "message"].map((field) => written.get(field));
  window.callspring?.event("form", { name, phone, message });
});

interface Window {
  callspring?: { event(name: string, data?: unknown): void };
}
