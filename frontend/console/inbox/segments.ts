/**
 * How a text is cut for the network (3GPP TS 23.038 and 23.040): 160 characters of the GSM alphabet or 70 of UCS-2 fit into
 * one; of several, each loses what joins them again and holds 153 or 67. Eight of the GSM characters take two places.
 */

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "^{}\\[~]|€\f";

/** Characters as people count them, and texts as the network charges them; no text is for no characters. */
export function segments(text: string): { characters: number; parts: number } {
  const letters = [...text];
  if (!letters.length) return { characters: 0, parts: 0 };
  const widths = letters.map((letter) => (BASIC.includes(letter) ? 1 : EXTENDED.includes(letter) ? 2 : 0));
  const gsm = !widths.includes(0);
  const places = gsm ? widths : letters.map((letter) => letter.length);
  return { characters: letters.length, parts: cut(places, gsm ? 160 : 70, gsm ? 153 : 67) };
}

/** No character is split between two texts. */
function cut(places: number[], alone: number, joined: number): number {
  if (places.reduce((sum, place) => sum + place, 0) <= alone) return 1;
  let parts = 1;
  let used = 0;
  for (const place of places) {
    if (used + place > joined) {
      parts += 1;
      used = 0;
    }
    used += place;
  }
  return parts;
}
