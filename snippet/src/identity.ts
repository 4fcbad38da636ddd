/** Who the visitor is: the cookie `callspring`, and nothing else. What a visitor deletes stays deleted. */

/** The token of an earlier page, or "". */
export function recall(): string {
  try {
    return /(?:^|; )callspring=([^;]*)/.exec(document.cookie)?.[1] || "";
  } catch {
    return ""; // a sandboxed frame refuses even to be asked
  }
}

/** Keeps the token for `days`; where cookies are refused the page works on without. */
export function remember(token: string, days: number): void {
  const secure = /s:/.test(location.protocol) ? "; Secure" : "";
  try {
    document.cookie = `callspring=${token}; path=/; max-age=${days * 86400}; SameSite=Lax${secure}`;
  } catch {
    // as above
  }
}
