/** The list of mails follows what arrives: asked for every two seconds while somebody may be looking. */

const SECONDS = 2;
const list = document.getElementById("mails")!;
let shown = "";

function show(html: string): void {
  const focused = list.contains(document.activeElement) && document.activeElement?.getAttribute("href");
  list.innerHTML = html;
  shown = html;
  if (focused) list.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

async function follow(): Promise<void> {
  if (!document.hidden) {
    try {
      const answer = await fetch(list.dataset.list!);
      const html = answer.ok ? await answer.text() : shown;
      if (html !== shown) show(html);
    } catch {
      // The shop is being started again; the next time may find it.
    }
  }
  setTimeout(follow, SECONDS * 1000);
}

void follow();
