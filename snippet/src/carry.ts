/** A visit that goes on on another site of the same company: links there carry the token. Part of the second file. */

const CARRIED = /([?&])callspring_from=[^&]*(&?)/;

let hosts: string[] = [];

/** The parameters of an address without the token. */
export const without = (search: string): string =>
  search.replace(CARRIED, (_, mark: string, next: string) => (next ? mark : ""));

/** From here on links to these hosts do. A token that was brought here has done its work: out of the address with it. */
export function carryTo(domains: string[] = []): void {
  hosts = domains;
  if (CARRIED.test(location.search))
    history.replaceState(history.state, "", location.pathname + without(location.search) + location.hash);
}

/** Lets a link carry the token, where it leads to one of these hosts. */
export function carry(link: HTMLAnchorElement): void {
  const token = hosts.includes(link.hostname) && /(?:^|; )callspring=([^;]+)/.exec(document.cookie)?.[1];
  if (!token) return;
  const search = without(link.search);
  link.search = `${search}${search ? "&" : "?"}callspring_from=${token}`;
}
