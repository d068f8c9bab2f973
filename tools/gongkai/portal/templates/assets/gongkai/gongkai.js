/* Reading aids, and what one can do with a page. Without it everything can still be read, found and downloaded. */
"use strict";
(() => {
  const root = document.documentElement;
  const SIZES = [100, 115, 130, 160, 200];
  const VIEWS = ["", "light", "dark", "contrast"];
  const remembered = (name) => {
    try { return localStorage.getItem(name) || ""; } catch { return ""; }
  };
  const remember = (name, value) => {
    try { value ? localStorage.setItem(name, value) : localStorage.removeItem(name); } catch { /* nothing is kept */ }
  };
  const setView = (view) => { if (view) root.dataset.gkView = view; else delete root.dataset.gkView; };
  const setSize = (size) => { if (size > 100) root.dataset.gkSize = size; else delete root.dataset.gkSize; };
  let size = SIZES.includes(+remembered("gk-size")) ? +remembered("gk-size") : 100;
  let view = VIEWS.includes(remembered("gk-view")) ? remembered("gk-view") : "";
  /* Before the first line is drawn: nothing flashes, nothing moves. */
  root.classList.add("gk-js");
  /* The search page's own list answers a search for nothing; for any other it waits unseen. */
  if (location.search) root.classList.add("gk-asked");
  setView(view);
  setSize(size);

  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  /* The reading aids are made when they are first opened: pages stay small, and without a script nobody sees dead buttons. */
  const aids = (box) => {
    const [sizeName, smaller, larger, colours, ...views] = box.dataset.words.split("|");
    const shown = make("output", {}, `${size}%`);
    const buttons = [[smaller, -1], [larger, 1]].map(([words, step]) => {
      const button = make("button", { type: "button" }, words);
      button.dataset.gkStep = step;
      button.addEventListener("click", () => {
        size = SIZES[Math.min(SIZES.length - 1, Math.max(0, SIZES.indexOf(size) + step))];
        setSize(size);
        remember("gk-size", size > 100 ? String(size) : "");
        show();
      });
      return button;
    });
    const show = () => {
      shown.textContent = `${size}%`;
      buttons[0].disabled = size === SIZES[0];
      buttons[1].disabled = size === SIZES.at(-1);
    };
    const choices = VIEWS.map((value, index) => {
      const choice = make("input", { type: "radio", name: "gk-view", value, checked: value === view });
      choice.addEventListener("change", () => { view = value; setView(view); remember("gk-view", view); });
      return make("label", {}, choice, views[index]);
    });
    const sizes = make("div", {}, make("span", { className: "gk-view__name" }, sizeName), buttons[0], shown, buttons[1]);
    sizes.setAttribute("role", "group");
    sizes.setAttribute("aria-label", sizeName);
    const legend = make("legend", { className: "gk-view__name" }, colours);
    box.append(make("div", { className: "gk-view__box" }, sizes, make("fieldset", {}, legend, ...choices)));
    show();
  };

  const readingAids = () => {
    const box = document.querySelector(".gk-view");
    if (!box) return;
    box.addEventListener("toggle", () => { if (box.open && !box.querySelector(".gk-view__box")) aids(box); });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && box.open) { box.open = false; box.querySelector("summary").focus(); }
    });
    document.addEventListener("click", (event) => { if (!box.contains(event.target)) box.open = false; });
  };

  const menu = () => {
    const button = document.querySelector("[data-gk=menu]");
    button?.addEventListener("click", () => {
      const open = document.getElementById("gk-menu").toggleAttribute("data-gk-open");
      button.setAttribute("aria-expanded", open);
    });
  };

  const copied = async (text) => {
    if (navigator.clipboard) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* the old way then */ }
    }
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "gk-away";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const tools = () => {
    const address = document.querySelector("link[rel=canonical]")?.href || location.href.split("#")[0];
    const said = document.querySelector("[data-gk=said]");
    for (const button of document.querySelectorAll("[data-gk=print]")) button.addEventListener("click", () => window.print());
    const copy = document.querySelector("[data-gk=copy]");
    copy?.addEventListener("click", async () => {
      said.textContent = "";
      said.textContent = (await copied(address)) ? copy.dataset.gkDone : copy.dataset.gkFailed;
    });
    const share = document.querySelector("[data-gk=share]");
    if (share && navigator.share) {
      share.hidden = false;
      share.addEventListener("click", () => navigator.share({ title: document.title, url: address }).catch(() => {}));
    }
  };

  /* On paper a link is only worth its address: the public one, wherever this copy of the page was opened. */
  const printed = () => {
    const base = document.querySelector("link[rel=canonical]")?.href || location.href;
    for (const link of document.querySelectorAll(".gk-body a[href], .gk-files a[href], .gk-related a[href], .gk-static a[href]")) {
      const href = link.getAttribute("href");
      if (!href.startsWith("#")) link.dataset.gkAddress = new URL(href, base).href;
    }
  };
  window.addEventListener("beforeprint", printed);
  document.addEventListener("DOMContentLoaded", () => { readingAids(); menu(); tools(); });
})();
