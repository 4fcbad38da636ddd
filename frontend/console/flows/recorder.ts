/**
 * Records a greeting in the browser. Carriers play WAV and MP3 while browsers' own recorders write neither, so the samples
 * are taken as they come and written as WAV: 16 bits, 16 kHz, one channel. The file goes into the form's file field.
 */

const RATE = 16_000;
const MOST_SECONDS = 120;
const BLOCK = 4096;

interface Recording {
  stream: MediaStream;
  context: AudioContext;
  pieces: Float32Array[];
}

let recording: Recording | null = null;

/** Shows the buttons where there is a microphone to be had, now and in what htmx brings. */
export function listenToRecorders(): void {
  if (!navigator.mediaDevices?.getUserMedia) return;
  document.addEventListener("htmx:load", (event) => {
    if (recording && !document.querySelector(".is-recording")) stop(); // its form is gone
    for (const each of (event.target as Element).querySelectorAll<HTMLElement>("[data-recorder]")) each.hidden = false;
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-recorder] button") : null;
    if (button) void press(button as HTMLButtonElement);
  });
}

async function press(button: HTMLButtonElement): Promise<void> {
  const place = button.closest<HTMLElement>("[data-recorder]");
  const status = place?.querySelector<HTMLElement>("[role=status]");
  const label = button.querySelector("span");
  if (!place || !status || !label) return;
  if (recording) {
    const file = finished();
    place.classList.remove("is-recording");
    swapWords(button, label);
    if (file) put(file, place);
    status.textContent = file ? (status.dataset["ready"] ?? "") : "";
    return;
  }
  try {
    recording = await begun((seconds) => {
      status.textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
      if (seconds >= MOST_SECONDS - 1) button.click();
    });
  } catch {
    status.textContent = status.dataset["refused"] ?? "";
    return;
  }
  place.classList.add("is-recording");
  swapWords(button, label);
}

/** The button says what it does next: its two words take turns. */
function swapWords(button: HTMLElement, label: HTMLElement): void {
  const next = button.dataset["done"] ?? "";
  button.dataset["done"] = label.textContent ?? "";
  label.textContent = next;
}

async function begun(tick: (seconds: number) => void): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const context = new AudioContext();
  const pieces: Float32Array[] = [];
  // An AudioWorklet would need a file of its own; this one is in every browser, and loses nothing at this size.
  const node = context.createScriptProcessor(BLOCK, 1, 1);
  node.onaudioprocess = ({ inputBuffer }) => {
    pieces.push(inputBuffer.getChannelData(0).slice());
    tick((pieces.length * BLOCK) / context.sampleRate);
  };
  context.createMediaStreamSource(stream).connect(node);
  node.connect(context.destination); // else it is never asked; it puts out silence
  return { stream, context, pieces };
}

function stop(): Recording | null {
  const ended = recording;
  recording = null;
  for (const track of ended?.stream.getTracks() ?? []) track.stop();
  void ended?.context.close();
  return ended;
}

function finished(): File | null {
  const ended = stop();
  if (!ended?.pieces.length) return null;
  const samples = slowed(ended.pieces, ended.context.sampleRate);
  const at = new Date();
  const name = `Recording ${at.toISOString().slice(0, 10)} ${at.toTimeString().slice(0, 5)}.wav`;
  return new File([wave(samples)], name, { type: "audio/wav" });
}

/** At our rate: each sample is the mean of those that it stands for, which takes out most of what the rate cannot carry. */
function slowed(pieces: Float32Array[], rate: number): Int16Array {
  const all = new Float32Array(pieces.length * BLOCK);
  pieces.forEach((piece, place) => all.set(piece, place * BLOCK));
  const step = rate / RATE;
  const samples = new Int16Array(Math.min(Math.floor(all.length / step), RATE * MOST_SECONDS));
  for (let place = 0; place < samples.length; place++) {
    const first = Math.floor(place * step);
    const last = Math.max(first + 1, Math.floor((place + 1) * step));
    let sum = 0;
    for (let one = first; one < last; one++) sum += all[one] ?? 0;
    samples[place] = Math.max(-1, Math.min(1, sum / (last - first))) * 32_767;
  }
  return samples;
}

/** A RIFF file with PCM samples. */
function wave(samples: Int16Array): ArrayBuffer {
  const file = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (place: number, letters: string) =>
    [...letters].forEach((letter, at) => file.setUint8(place + at, letter.charCodeAt(0)));
  text(0, "RIFF");
  file.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true); // PCM
  file.setUint16(22, 1, true); // channels
  file.setUint32(24, RATE, true);
  file.setUint32(28, RATE * 2, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, place) => file.setInt16(44 + place * 2, sample, true));
  return file.buffer as ArrayBuffer;
}

function put(file: File, place: HTMLElement): void {
  const field = document.getElementById(place.dataset["recorder"] ?? "");
  const files = new DataTransfer();
  files.items.add(file);
  if (field instanceof HTMLInputElement) field.files = files.files;
}
