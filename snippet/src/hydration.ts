/** Lets React and Vue take over what a server rendered before anything in it is changed: they compare it with their own. */

// The first elements of what the usual set-ups render, or its owner marks.
const FIRST = ":is(#__next,#__nuxt,#root,#app,[data-callspring=wait])>:first-child";

/** Whether a framework has still to take a root. When it is done, Vue marks the root, React the first element in it. */
export const isPending = (): boolean =>
  [...document.querySelectorAll(FIRST)].some(
    (first) => !/__(vue|reactF)/.test("" + Object.keys(first) + Object.keys(first.parentNode!)),
  );
