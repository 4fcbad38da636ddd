/** Shadow trees that come while the page lives are followed from their first moment. Part of the second file. */

import type { Kit } from "./extra";

/** From here on; and those that came since the first pass, or that it left out on a large page. */
export function followTrees({ all_, look_ }: Kit): void {
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    if (this.shadowRoot) look_(root);
    return root;
  };
  search(document);

  function search(root: Node): void {
    // The most common elements that can have none are left out.
    for (const { shadowRoot } of all_(root, ":not(a,li,b,i,td,tr)")) {
      if (!shadowRoot) continue;
      look_(shadowRoot);
      search(shadowRoot);
    }
  }
}
