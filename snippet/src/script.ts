/** Where this script came from: that says whose key it carries and where the edge is. */

export interface Origin {
  /** Everything before `/cs/KEY`; a site may serve it below a path of its own. */
  base_: string;
  key_: string;
}

function origin(): Origin | null {
  // A tag manager may run the file where there is no current script.
  const scripts = [document.currentScript, ...document.scripts] as (HTMLScriptElement | null)[];
  // Either KEY.js, or KEY/VERSION.js: one version of it for ever.
  const [, base, key] = /^([^?#\n]*?)\/cs\/(ck_[\w-]+)/m.exec(scripts.map((script) => script?.src).join("\n")) || [];
  return key ? { base_: base!, key_: key } : null;
}

/** The origin of the running script, or null when no script on the page has an address of ours. */
export const edge = origin();
