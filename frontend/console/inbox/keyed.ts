/**
 * `hx-swap="keyed"`: a list is brought up to date in place. A child whose `id` and `data-look` stay is not touched, so that
 * a player goes on playing and an open part stays open. (`hx-preserve` moves what it keeps, and Chromium's controls of a
 * player that was moved with `moveBefore` do nothing any more.)
 */

import htmx from "htmx.org";

export function defineKeyed(): void {
  htmx.defineExtension("keyed", {
    isInlineSwap: (style: string) => style === "keyed",
    handleSwap: (style: string, target: Node, fragment: Node) => {
      const fresh = style === "keyed" && (fragment as ParentNode).querySelector(`#${(target as Element).id}`);
      return fresh ? [target, ...update(target as Element, fresh)] : [];
    },
  });
}

/** Gives `list` the attributes and the children of `fresh`; what had to be put in. */
function update(list: Element, fresh: Element): Element[] {
  for (const { name, value } of [...fresh.attributes]) if (name !== "class") list.setAttribute(name, value);
  const wanted = new Set([...fresh.children].map(key));
  for (const child of [...list.children]) if (!wanted.has(key(child))) child.remove();
  const kept = new Map([...list.children].map((child) => [key(child), child]));
  const added: Element[] = [];
  let at = list.firstElementChild;
  for (const child of [...fresh.children]) {
    const mine = kept.get(key(child));
    if (mine && mine === at) at = at.nextElementSibling;
    else list.insertBefore(mine ?? child, at);
    if (!mine) added.push(child);
  }
  return added;
}

const key = (child: Element): string => `${child.id} ${child.getAttribute("data-look") ?? ""}`;
