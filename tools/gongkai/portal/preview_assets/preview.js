/* Served by `gongkai preview` only, never part of a built portal: reloads the page when it differs, and draws the panel. */
(() => {
  "use strict";
  const tag = document.currentScript;
  const digest = tag.dataset.digest;
  const FOLDED = "gk-preview-folded";
  const BLOCKS = "p, li, td, th, h1, h2, h3, h4, h5, h6, blockquote, pre, figcaption, dd";
  let number = tag.dataset.number;
  let words = {};
  let source = null;
  let busy = false;
  let again = false;
  let lost = 0;

  const page = (() => {
    try { return decodeURIComponent(location.pathname).slice(1); } catch { return location.pathname.slice(1); }
  })();
  const ask = async (what) => (await fetch(`/_gongkai/${what}?page=${encodeURIComponent(page)}`)).json();

  const make = (name, kind, text) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text) made.textContent = text;
    return made;
  };
  const style = () => {
    const link = make("link");
    link.rel = "stylesheet";
    link.href = "/_gongkai/preview.css";
    return link;
  };

  /* The panel stands in a shadow tree: no rule of the page touches it, none of its own touches the page. */
  const host = make("div", "gkp-host");
  const root = host.attachShadow({ mode: "open" });
  const box = make("section", "panel");
  root.append(style(), box);
  document.head.append(style());
  document.body.prepend(host);

  const count = (sentence, n) => sentence.replace("{count}", n);
  const tally = (errors, warnings) => [
    ...(errors ? [make("span", "chip chip--error", count(words.errors, errors))] : []),
    ...(warnings ? [make("span", "chip chip--warning", count(words.warnings, warnings))] : []),
  ];

  const holding = (within, text) => [...within.querySelectorAll(BLOCKS)]
    .filter((block) => block.textContent.includes(text))
    .sort((a, b) => a.textContent.length - b.textContent.length)[0];
  const spot = ({ selector, label, words: text }) => {
    const main = document.querySelector("main") || document.body;
    if (label) {
      const name = [...main.querySelectorAll("dt")].find((dt) => dt.textContent.trim() === label);
      return name ? name.parentElement : null;
    }
    const whole = selector ? main.querySelector(selector) : null;
    return (whole && text && holding(whole, text)) || whole;
  };

  const unmark = () => {
    document.querySelectorAll(".gkp-flag").forEach((flag) => flag.remove());
    document.querySelectorAll(".gkp-spot").forEach((one) => one.classList.remove("gkp-spot", "gkp-spot--error"));
  };
  const mark = (where, finding, n, line) => {
    where.classList.add("gkp-spot");
    where.classList.toggle("gkp-spot--error", finding.severity === "error" || where.classList.contains("gkp-spot--error"));
    const flag = make("button", `gkp-flag gkp-flag--${finding.severity}`, String(n));
    flag.type = "button";
    flag.title = `${finding.message} — ${words.back}`;
    flag.setAttribute("aria-label", `${words[finding.severity]} ${n}: ${finding.message}. ${words.back}`);
    flag.addEventListener("click", () => { fold(false); line.focus(); line.scrollIntoView({ block: "center" }); });
    (where.querySelector(":scope > dd") || where).append(flag);
    return flag;
  };

  const lineOf = (finding, n) => {
    const line = make("li", `finding finding--${finding.severity}`);
    line.tabIndex = -1;
    const head = make("p", "finding__says");
    head.append(make("span", "finding__number", String(n)), make("b", "", words[finding.severity]));
    if (finding.field && !finding.message.includes(finding.field)) head.append(make("span", "finding__field", finding.field));
    head.append(make("span", "", finding.message));
    line.append(head);
    if (finding.hint) {
      const hint = make("p", "finding__hint", finding.hint);
      hint.prepend(make("b", "", `${words.mend} `));
      line.append(hint);
    }
    const foot = make("p", "finding__where");
    foot.append(make("span", "", finding.where), make("code", "", finding.spot), make("span", "code", finding.code));
    const where = spot(finding.place);
    if (where) {
      const flag = mark(where, finding, n, line);
      const show = make("button", "", words.show);
      show.type = "button";
      show.addEventListener("click", () => { flag.scrollIntoView({ block: "center" }); flag.focus(); });
      foot.append(show);
    } else if (finding.place.label || finding.place.selector) {
      foot.append(make("span", "quiet", words.absent));
    }
    line.append(foot);
    return line;
  };

  const other = (one) => {
    const line = make("li", "other");
    const name = make(one.href ? "a" : "span", "", one.title);
    if (one.href) name.href = one.href;
    line.append(name, ...tally(one.errors, one.warnings));
    if (one.first) line.append(make("p", "quiet", one.first));
    return line;
  };

  const fold = (folded) => {
    box.classList.toggle("panel--folded", folded);
    const button = box.querySelector(".fold");
    if (button) {
      button.textContent = folded ? words.more : words.less;
      button.setAttribute("aria-expanded", String(!folded));
    }
    try { sessionStorage.setItem(FOLDED, folded ? "1" : ""); } catch { /* private windows may forbid it */ }
  };

  const headOf = (panel) => {
    const head = make("div", "head");
    const name = make("strong", "", words.name);
    name.title = words.here;
    head.append(name);

    head.append(make("span", "quiet here", words.here));
    panel.notes.filter((note) => words[`is_${note.kind}`])
      .forEach((note) => head.append(make("span", `chip chip--${note.kind}`, words[`is_${note.kind}`])));
    if (panel.checking) head.append(make("span", "chip", words.checking));
    if (panel.file && !panel.checking) {
      const sum = (kind) => panel.findings.filter((f) => f.severity === kind).length;
      const chips = tally(sum("error"), sum("warning"));
      head.append(...(chips.length ? chips : [make("span", "chip chip--good", words.clean)]));
    }
    const button = make("button", "fold");
    button.type = "button";
    button.addEventListener("click", () => fold(!box.classList.contains("panel--folded")));
    head.append(button);

    return head;
  };

  const draw = (panel) => {
    unmark();
    box.setAttribute("aria-label", words.name);
    box.classList.toggle("panel--bad", panel.notes.some((note) => note.kind === "bad"));
    const rows = make("div", "rows");
    if (panel.file) rows.append(make("p", "file", panel.file));
    const faults = make("ol", "findings");
    const say = (note) => rows.append(make("p", `note note--${note.kind}`, note.text));
    const bad = panel.notes.filter((note) => note.kind === "bad");
    bad.forEach(say);
    if (bad.length) rows.append(faults);  // what stands in the way comes before everything else
    panel.notes.filter((note) => note.kind !== "bad").forEach(say);
    if (panel.due.length) {
      const due = make("p", "due");
      due.append(make("b", "", `${words.due} `), panel.due.join(" · "));
      rows.append(due);
    }
    if (!bad.length) rows.append(faults);
    faults.setAttribute("aria-label", words.found);
    panel.findings.forEach((finding, n) => faults.append(lineOf(finding, n + 1)));
    if (!panel.findings.length) faults.remove();
    if (panel.others.length) {
      const list = make("ul", "others");
      panel.others.forEach((one) => list.append(other(one)));
      rows.append(make("p", "others__name", words.others), list);
    }
    box.replaceChildren(headOf(panel), rows);
    let folded = false;
    try { folded = sessionStorage.getItem(FOLDED) === "1"; } catch { /* as above */ }
    fold(folded);
    if (!panel.checking) host.dataset.number = panel.number;
  };

  const check = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      do {
        again = false;
        const state = await ask("state");
        if (state.digest !== digest) { location.reload(); return; }
        words = state.words;
        number = state.number;
        if (!host.dataset.number) draw({ checking: true, notes: [], due: [], findings: [], others: [], file: "" });
        const panel = await ask("panel");
        if (!again) draw(panel);
      } while (again);
    } catch { /* the server has gone: the stream of events says so */ } finally {
      busy = false;
    }
  };

  const ended = () => {
    if (!words.lost || root.querySelector(".lost")) return;
    const said = make("p", "lost", words.lost);
    said.setAttribute("role", "alert");
    box.before(said);
  };
  const listen = () => {
    if (source || document.visibilityState === "hidden") return;
    source = new EventSource(`/_gongkai/events?since=${number}`);
    source.onopen = () => { clearTimeout(lost); lost = 0; root.querySelectorAll(".lost").forEach((one) => one.remove()); };
    source.onmessage = check;
    source.onerror = () => { lost = lost || setTimeout(ended, 2500); };
  };
  const rest = () => { if (source) source.close(); source = null; };

  /* A browser opens few connections to one host: a page that nobody looks at gives its own back. */
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? rest() : listen()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", listen);
  check();
  listen();
})();
