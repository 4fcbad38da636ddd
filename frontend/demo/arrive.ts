// Stands in for the search engine or network that a visitor of the demo comes from. A link cannot choose its referrer,
// so the shop's page does: `?arrive_as=google` makes `document.referrer` Google's for this one page load. It runs first
// in the head, before the snippet looks, and takes its own parameter out of the address again.

const REFERRERS: Readonly<Record<string, string>> = {
  google: "https://www.google.com/",
  bing: "https://www.bing.com/",
  facebook: "https://l.facebook.com/",
};

const address = new URL(location.href);
const name = address.searchParams.get("arrive_as");
if (name !== null) {
  address.searchParams.delete("arrive_as");
  history.replaceState(history.state, "", address);
  const referrer = Object.prototype.hasOwnProperty.call(REFERRERS, name) ? REFERRERS[name] : undefined;
  if (referrer !== undefined) Object.defineProperty(document, "referrer", { configurable: true, get: () => referrer });
}

export {};
