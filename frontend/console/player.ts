/**
 * The sound of a recording as a picture: `audio[data-waveform]` gets a waveform above it, at once with `now`, else when it is
 * first played. The player itself stays the browser's own: it is what keyboards and screen readers use.
 */

import WaveSurfer from "wavesurfer.js";

const MOST_BYTES = 20_000_000; // a picture takes the whole sound decoded in memory; longer ones are played without
const drawn = new WeakSet<HTMLAudioElement>();

function draw(audio: HTMLAudioElement): void {
  if (drawn.has(audio) || Number(audio.dataset["bytes"]) > MOST_BYTES) return;
  drawn.add(audio);
  audio.preload = "metadata";
  const place = document.createElement("div");
  place.className = "cs-waveform";
  place.setAttribute("aria-hidden", "true");
  audio.before(place);
  const colours = getComputedStyle(audio);
  const picture = WaveSurfer.create({
    container: place,
    media: audio,
    url: audio.src,
    height: 56,
    barWidth: 2,
    barGap: 1,
    barRadius: 2,
    cursorWidth: 2,
    waveColor: colours.getPropertyValue("--cs-line-strong").trim() || "#b8c2cd",
    progressColor: colours.getPropertyValue("--cs-brand").trim() || "#1f57c3",
    cursorColor: colours.getPropertyValue("--cs-ink").trim() || "#17212b",
  });
  picture.on("ready", () => place.setAttribute("data-ready", ""));
  picture.on("error", () => place.remove()); // what cannot be decoded may play all the same
}

function look(): void {
  for (const audio of document.querySelectorAll<HTMLAudioElement>('audio[data-waveform="now"]')) draw(audio);
}

document.addEventListener("htmx:load", look);
document.addEventListener("play", (event) => event.target instanceof HTMLAudioElement && event.target.dataset["waveform"] && draw(event.target), true);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", look);
else look();
