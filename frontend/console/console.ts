/** What the console's pages run. Everything is declared in the HTML; a content security policy without inline code suffices. */

import htmx from "htmx.org";
import { listenToArrange } from "./arrange";
import { disposeCharts, drawCharts } from "./charts";
import { listenToFlows } from "./flows/flows";
import { listenToForms } from "./forms";
import { listenToInbox } from "./inbox/inbox";
import { listenToPageKeys } from "./keys";
import { listenToLive } from "./live";
import { listenToSliders } from "./sliders";
import { listenToSwaps } from "./swaps";
import { listenToKeptTicks, listenToTicks } from "./ticks";
import { listenToToggles } from "./toggles";
import { listenToTrouble } from "./trouble";
import { listenToMenus } from "./menus";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false; // see console.css
htmx.config.attributesToSettle = ["class", "width", "height"]; // not style, which a resized field has: the policy forbids it

listenToToggles();
listenToMenus();
listenToForms();
listenToLive();
listenToInbox();
listenToPageKeys();
listenToSwaps();
listenToArrange();
listenToTicks();
listenToKeptTicks();
listenToSliders();
listenToTrouble();
listenToFlows();
// Called for the whole page first, then for whatever htmx puts into it.
htmx.onLoad((added) => drawCharts(added as Element));
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  if (event.target instanceof Element) disposeCharts(event.target); // and not the white space between elements
});
