// A page rendered by React on a server and taken over here: a root in it, which may be empty, or the whole document.
import { createElement as h, useEffect, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";

function Shop() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!window.fast) return undefined;
    const timer = setInterval(() => setCount((n) => n + 1), 50);
    return () => clearInterval(timer);
  }, []);
  return h(
    "main",
    null,
    h("p", { id: "split" }, "Call ", h("b", null, "800"), "-555-0199"),
    h("p", { id: "whole" }, count % 2 ? "(800) 555-0199" : "800-555-0199"),
    h("a", { href: "tel:8005550199", title: `Call 800-555-0199, ${count}` }, "Call us"),
    h("button", { onClick: () => setCount(count + 1) }, `Pressed ${count}`),
  );
}

function Whole() {
  return h(
    "html",
    { lang: "en" },
    h("head", null, h("meta", { charSet: "utf-8" }), h("title", null, "A plumber")),
    h("body", null, h(Shop)),
  );
}

window.damage = [];
const root = document.getElementById("root");
const onRecoverableError = (error) => window.damage.push(String(error));
if (!root) setTimeout(() => hydrateRoot(document, h(Whole), { onRecoverableError }), window.late);
else if (root.firstElementChild) setTimeout(() => hydrateRoot(root, h(Shop), { onRecoverableError }), window.late);
else createRoot(root).render(h(Shop));
