// A page rendered by Vue on a server and taken over here, or rendered here from nothing.
import { createApp, createSSRApp, h, onMounted, ref } from "vue";

const Shop = {
  setup() {
    const count = ref(0);
    onMounted(() => window.fast && setInterval(() => count.value++, 50));
    return () =>
      h("main", [
        h("p", { id: "split" }, ["Call ", h("b", "800"), "-555-0199"]),
        h("p", { id: "whole" }, count.value % 2 ? "(800) 555-0199" : "800-555-0199"),
        h("a", { href: "tel:8005550199", title: `Call 800-555-0199, ${count.value}` }, "Call us"),
        h("button", { onClick: () => count.value++ }, `Pressed ${count.value}`),
      ]);
  },
};

window.damage = [];
const root = document.getElementById("app");
const isRendered = !!root.firstElementChild;
const app = (isRendered ? createSSRApp : createApp)(Shop);
app.config.warnHandler = (message) => window.damage.push(message);
if (isRendered) setTimeout(() => app.mount(root), window.late);
else app.mount(root);
