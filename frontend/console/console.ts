/** What the console's pages run. Everything is declared in the HTML; a content security policy without inline code suffices. */

import htmx from "htmx.org";
import { disposeCharts, drawCharts } from "./charts";
import { listenToForms } from "./forms";
import { listenToLive } from "./live";
import { listenToToggles } from "./toggles";
import { listenToMenus } from "./menus";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false; // see console.css

listenToToggles();
listenToMenus();
listenToForms();
listenToLive();
// Called for the whole page first, then for whatever htmx puts into it.
htmx.onLoad((added) => drawCharts(added as Element));
document.addEventListener("htmx:beforeCleanupElement", (event) => disposeCharts(event.target as Element));
