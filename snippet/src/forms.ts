/** What visitors send with the site's forms, where its owner wants it told. Part of the second file. */

import { tell } from "./talk";

// What never leaves the browser, whatever the site's owner wants. The edge leaves out more.
const SECRET =
  "[type=password],[type=hidden],[type=file],[autocomplete^=cc-],[autocomplete*=password],[autocomplete=one-time-code]," +
  "[data-callspring=off],[data-callspring=off] *";
const SECRET_NAME = /passw|pwd|card|cvv|cvc|csc|iban|secret|ssn/i;
const CARD = /^\D*(?:\d[ -]?){13,19}\D*$/;
const PHONE_NAME = /phone|tel|mobil/i;
const BUTTON = /^(?:submit|button|reset|image|fieldset|output)$/;
const FIELDS = 20; // what the edge takes

let isWanted: boolean | undefined;

/** From here on sent forms are told, or are not. */
export function takeForms(yes?: boolean): void {
  isWanted = yes;
}

/** Tells of a form that is sent: what was written into it, or chosen in it. A phone number is called `phone`. */
export function sent({ target }: Event): void {
  if (!isWanted) return;
  const data: Record<string, string> = {};
  for (const field of [...(target as HTMLFormElement).elements] as HTMLInputElement[]) {
    const { type, name, value } = field;
    const isPhone = type === "tel" && PHONE_NAME.test(name);
    const isLeftOut =
      !name ||
      !value ||
      BUTTON.test(type) ||
      (/^(?:radio|checkbox)$/.test(type) && !field.checked) ||
      field.matches(SECRET) ||
      SECRET_NAME.test(name) ||
      (!isPhone && CARD.test(value));
    if (!isLeftOut) data[isPhone ? "phone" : name.slice(0, 100)] = value.slice(0, 500);
  }
  const told = Object.entries(data).slice(0, FIELDS);
  if (told[0]) tell({ kind: "event", name: "form", data: Object.fromEntries(told) });
}
