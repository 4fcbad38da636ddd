/** What is said to the edge. It never throws, and waits 3 s at most, where the browser can be told to. */

import { edge } from "./script";

const TIMEOUT = 3000; // ms

/** Asks the edge. Undefined for whatever is not good JSON within 3 s. */
export async function ask(path: string, body: object): Promise<unknown> {
  try {
    const answer = await fetch(edge!.base_ + path, {
      method: "POST",
      body: written(body),
      keepalive: true,
      // Where they share a domain, for which the edge then sets the cookie. To share "co.uk" does no harm: it sets none.
      credentials: edge!.base_.includes(/[^.]*.?[^.]*$/.exec(location.hostname)![0]) ? "include" : (undefined as any),
      // Browsers from before 2022 wait as long as they do.
      signal: AbortSignal.timeout?.(TIMEOUT),
    });
    if (answer.ok) return await answer.json();
  } catch {
    // nobody is there, or it is not the edge
  }
}

export const written = (body: object): string => JSON.stringify({ key: edge!.key_, ...body });
