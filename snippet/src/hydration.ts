/** Lets React and Vue take over what a server rendered before anything in it is changed: they compare it with their own. */

// What the usual set-ups render into, or its owner marks.
const ROOTS = "#__next,#__nuxt,#root,#app,[data-callspring=wait]";
// Files of set-ups that render the whole document, where there is none of these: Next.js with its App Router, React Router.
const WHOLE = '[src*="/_next/"],[href*="entry.client"]';

/** Whether a framework has still to take a root. When it is done, Vue marks the root, React the first element in it. */
export function isPending(): boolean {
  const roots = document.querySelectorAll(ROOTS);
  return [...(roots[0] || !document.querySelector(WHOLE) ? roots : [document.documentElement])].some(
    (root) => root.firstElementChild && !/__(vue|reactF)/.test("" + Object.keys({ ...root, ...root.firstElementChild })),
  );
}
