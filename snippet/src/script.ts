/** Where this script came from: that says whose key it carries and where the edge is. */

export interface Origin {
  /** Everything before `/cs/KEY.js`; a site may serve it below a path of its own. */
  base: string;
  key: string;
}

/** The origin of the running script, or null when no script on the page has an address of ours. */
export function origin(): Origin | null {
  // A tag manager may run the file where there is no current script.
  for (const script of [document.currentScript, ...document.scripts]) {
    const match = /^([^?#]*)\/cs\/([\w-]+)\.js/.exec((script && (script as HTMLScriptElement).src) || "");
    if (match) return { base: match[1]!, key: match[2]! };
  }
  return null;
}
