/** Lets React and Vue take over what a server rendered before anything in it is changed: they compare it with their own. */

// What the usual set-ups render into, or its owner marks. Asked for one by one, browsers need not look at the whole page.
const ROOTS = ["#__next", "#__nuxt", "#root", "#app", "[data-callspring=wait]"];

/** Whether a framework has still to take a root. When it is done, Vue marks the root, React the first element in it. */
export const isPending = (): boolean =>
  ROOTS.some((css) =>
    [...document.querySelectorAll(css)].some(
      (root) =>
        root.firstElementChild && !/__(vue|reactF)/.test("" + Object.keys({ ...root, ...root.firstElementChild })),
    ),
  );
