/** Lets React and Vue take over what a server rendered before anything in it is changed: they compare it with their own. */

// What the usual set-ups render into, or its owner marks. Asked for one by one, browsers need not look at the whole page.
const ROOTS = ["#__next", "#__nuxt", "#root", "#app", "[data-callspring=wait]"];
// Files of set-ups that render the whole document, where there is none of these: Next.js with its App Router, React Router.
const WHOLE = /\/_next|entry\.client/;

/** Whether a framework has still to take a root. When it is done, Vue marks the root, React the first element in it. */
export function isPending(): boolean {
  const roots = ROOTS.flatMap((css) => [...document.querySelectorAll(css)]);
  if (!roots[0] && WHOLE.test(document.head.innerHTML)) roots.push(document.documentElement);
  return roots.some(
    (root) => root.firstElementChild && !/__(vue|reactF)/.test("" + Object.keys({ ...root, ...root.firstElementChild })),
  );
}
