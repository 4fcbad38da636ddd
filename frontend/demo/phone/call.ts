// A call as the sandbox carrier tells of it, and what each of its two phones says of it.

export interface Line {
  after: number;
  speaker: string;
  text: string;
  detail: string;
}

export interface Phone {
  shown: string;
  state: "ringing" | "asked" | "talking" | "over";
  said: string;
  outcome: string;
}

export interface Call {
  id: string;
  stage: "asking" | "ringing" | "whispering" | "talking" | "speaking" | "keying" | "recording" | "ended";
  phones: Phone[];
  from_shown: string;
  to_shown: string;
  destination_shown: string;
  caller_id_shown: string;
  talking_for: number | null;
  duration: number | null;
  outcome: string;
  cause: string;
  said: string;
  fell_back: boolean;
  talked: boolean;
  recorded: number | null;
  log: Line[];
}

export function callerState(now: Call): string {
  const { stage } = now;
  if (stage === "asking") return `Calling ${now.to_shown} …`;
  if (stage === "whispering") return "It rings.";
  if (stage === "keying") return "Press a key of the keypad.";
  if (stage === "ringing") return now.fell_back ? "It rings at the fallback." : "It rings.";
  if (stage === "talking") return "Talking.";
  if (stage === "speaking") return `A voice says: “${now.said}”`;
  if (stage === "recording") return "Beep. You are being recorded: every second on the line is a second of message.";
  const left = now.recorded === null ? "" : ` You left a message of ${now.recorded} s.`;
  const length = now.duration === null ? "" : `, ${now.duration} s`;
  return `Ended: ${now.outcome}${length}${now.cause ? `, by ${now.cause}` : ""}.${left}`;
}

export function businessState(now: Call): string {
  const first = now.phones[0];
  if (now.stage !== "ended" && first?.state === "asked") return whisper(first);
  if (now.stage !== "ended" && first?.state === "ringing") return `Ringing: ${now.caller_id_shown} calls.`;
  if (now.stage === "ringing" || now.stage === "whispering") return "It does not ring any more.";
  if (now.stage === "talking" && first?.state !== "talking") return "Somebody else took the call.";
  if (now.stage === "talking") return `Talking with ${now.caller_id_shown}.`;
  if (now.stage !== "ended" || !now.destination_shown) return "Quiet.";
  return now.talked ? "The call is over." : "A missed call.";
}

/** What whoever picked up hears before they are connected. */
export const whisper = (phone: Phone): string => (phone.said ? `A voice says: “${phone.said}” Press a key if it asks for one.` : "Picked up.");
