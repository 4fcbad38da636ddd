/** Whether the visitor agrees to be recognised, as far as the page and the browser say. */

// What a page says to Google's tags (Consent Mode): ["consent", "default" | "update", {analytics_storage: "granted"}].
type Command = ArrayLike<any> | null | undefined;

let said: boolean | undefined;
let mode: boolean | undefined;

/** What the site's own code says: `callspring.consent(true)`. It counts most. */
export function agree(yes: boolean): void {
  said = !!yes;
}

/** True, false, or undefined where nothing on the page can say. */
export function consent(): boolean | undefined {
  const page = window as { dataLayer?: Command[] };
  page.dataLayer?.forEach?.((command) => {
    const state = command?.[0] === "consent" && command[2]?.analytics_storage;
    // Defaults may be for some regions only, and which region this is we do not know: one that denies is enough.
    if (state) mode = state === "granted" && (command![1] === "update" || mode !== false);
  });
  return said ?? ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl ? false : mode);
}
