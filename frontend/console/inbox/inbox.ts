/** The inbox page. Its parts find out by themselves whether they are on it. */

import { listenToComposer } from "./composer";
import { defineKeyed } from "./keyed";
import { listenToInboxKeys } from "./keys";
import { listenToPanes } from "./panes";

export function listenToInbox(): void {
  defineKeyed();
  listenToPanes();
  listenToComposer();
  listenToInboxKeys();
}
