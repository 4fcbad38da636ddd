/** Who the visitor is: the cookie `callspring`, and nothing else. What a visitor deletes stays deleted. */

import { attempt } from "./extra";

/** The token of an earlier page, or "". A sandboxed frame refuses even to be asked. */
export const recall = (): string =>
  attempt(() => /(?:^|; )callspring=([^;]*)/.exec(document.cookie)?.[1]) || "";

/** Keeps the token for `days`; where cookies are refused the page works on without. */
export function remember(token: string, days: number): void {
  const secure = /s:/.test(location.protocol) ? "; Secure" : "";
  attempt(() => (document.cookie = `callspring=${token}; path=/; max-age=${days * 86400}; SameSite=Lax${secure}`));
}
