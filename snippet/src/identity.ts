/** Who the visitor is: the cookie `callspring`, and nothing else. What a visitor deletes stays deleted. */

/** The token of an earlier page, or "". */
export const recall = (): string => (/(?:^|; )callspring=([^;]*)/.exec(cookie()) || ["", ""])[1]!;

/** Keeps the token for `days`; where cookies are refused the page works on without. */
export function remember(token: string, days: number): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  cookie(`callspring=${token}; path=/; max-age=${days * 86400}; SameSite=Lax${secure}`);
}

function cookie(set?: string): string {
  try {
    if (set) document.cookie = set;
    return document.cookie;
  } catch {
    return ""; // a sandboxed frame refuses even to be asked
  }
}
