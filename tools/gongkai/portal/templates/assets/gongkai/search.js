/* Search without a server: reads the index that the portal was built with (see portal/search_index.py). */
(() => {
  "use strict";
  const root = document.getElementById("gk-search");
  if (!root) return;
  const words = JSON.parse(root.dataset.words);
  const top = new URL(root.dataset.top, location.href);
  const base = new URL("search/", top);
  const form = root.querySelector("form");
  const status = root.querySelector("[data-gk=status]");
  const list = root.querySelector("[data-gk=results]");
  const pager = root.querySelector("[data-gk=pager]");
  const filters = [...root.querySelectorAll("select[data-gk-filter]")];
  const sorting = root.querySelector("select[name=sort]");
  const PAGE = 10;
  const ROW = 7;

  /* ---- terms: the same as portal/search_terms.py ---- */
  const normal = (text) => text.normalize("NFKC").toLowerCase();
  const runs = (text) => normal(text).match(/[\p{L}\p{N}]+/gu) || [];
  const pairs = (text) => {
    const found = new Set();
    for (const run of runs(text)) {
      const signs = [...run];
      if (signs.length === 1) found.add(signs[0]);
      for (let i = 0; i + 1 < signs.length; i++) found.add(signs[i] + signs[i + 1]);
    }
    return [...found];
  };
  const INDEX = /[0-9a-z]{6,}\/(?:19|20)\d{2}-\d+/;
  const WHOLE = /(\p{L}*)[^\p{L}\p{N}]*((?:19|20)\d{2})\D{1,3}0*(\d{1,6})(?!\d)/u;
  const BEGUN = /(\p{L}+)[^\p{L}\p{N}]*((?:19|20)\d{2})[^\p{L}\p{N}年]*$/u;
  const SERIAL = /^[^\p{L}\p{N}]*第?0*(\d{1,6})号$/u;

  /* A number is looked up as such; what stands around it is looked for in titles and texts. */
  const wanted = (query) => {
    const said = normal(query.trim());
    const index = said.match(INDEX);
    if (index) return { terms: pairs(said.replace(index[0], " ")), exact: [`#${index[0]}`], numbers: [] };
    const whole = said.match(WHOLE);
    if (whole) {
      const [all, prefix, year, serial] = whole;
      const rest = said.replace(all, " ").replace(/^[^\p{L}\p{N}]*号|号[^\p{L}\p{N}]*$/gu, " ");
      // One letter of a prefix says nothing: the number itself is looked for.
      const named = [...prefix].length > 1 ? prefix : "";
      return { terms: pairs(`${named} ${rest}`), exact: [`#${prefix}${year}-${serial}`], numbers: [`#${year}-${serial}`] };
    }
    const serial = said.match(SERIAL);
    if (serial) return { terms: [], exact: [], numbers: [`#n${serial[1]}`] };
    const begun = said.match(BEGUN);
    return { terms: pairs(said), exact: begun ? [`#${begun[1]}${begun[2]}`] : [], numbers: [] };
  };

  /* ---- files ---- */
  const known = new Map();
  const load = (name, digest, kind) => {
    if (!known.has(name)) {
      const url = new URL(name, base);
      if (digest) url.searchParams.set("v", digest);
      known.set(name, fetch(url, digest ? {} : { cache: "no-cache" }).then((answer) => {
        if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
        return kind === "json" ? answer.json() : answer.arrayBuffer().then((b) => new Uint8Array(b));
      }).catch((fault) => { known.delete(name); throw fault; }));
    }
    return known.get(name);
  };
  const digest = (all, n) => all.slice(n * 6, n * 6 + 6);
  const directory = () => load("index.json", "", "json").then((dir) => (dir.count === undefined ? ready(dir) : dir));
  const rowsOf = (dir) => load("rows.bin", dir.rows, "bytes");

  /* Where the items and the blocks of each part begin, and the parts and the files of each volume. */
  const ready = (dir) => {
    let count = 0, blocks = 0, part = 0, file = 0;
    const places = dir.parts.map((size) => {
      const place = { first: count, block: blocks };
      count += size;
      blocks += Math.ceil(size / dir.block);
      return place;
    });
    const volumes = dir.volumes.map(([parts, files]) => {
      const volume = { bases: places.slice(part, part + parts).map((place) => place.first), file, files };
      part += parts;
      file += files;
      return volume;
    });
    return Object.assign(dir, { count, places, volumes });
  };
  /* What the item in the place `n` shows. */
  const lineOf = async (dir, n) => {
    let part = dir.places.length - 1;
    while (dir.places[part].first > n) part--;
    const { first, block } = dir.places[part];
    const number = Math.floor((n - first) / dir.block);
    const rows = await load(`r/${part}/${number}.json`, digest(dir.r, block + number), "json");
    return rows[(n - first) % dir.block];
  };

  const encoder = new TextEncoder();
  const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
  });
  /* Where a term stands among all, in 32 bits, and what tells it from others in its file: see portal/search_terms.py. */
  const short = (term) => term.length <= 2;
  const crc = (bytes) => {
    let value = 0xffffffff;
    for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  };
  const spread = (term) =>
    short(term) ? Math.imul((term.charCodeAt(0) << 16) | (term.charCodeAt(1) || 0), 0x9e3779b1) >>> 0 : crc(encoder.encode(term));
  const width = (files) => (files >= 256 ? 3 : 4);
  const LONGER = 6;
  const nameOf = (term, files) => {
    const place = spread(term);
    const name = [place >>> 24, (place >>> 16) & 255, (place >>> 8) & 255, place & 255];
    if (short(term)) return name.slice(4 - width(files));
    let low = 1, high = 0;  // Adler-32
    for (const byte of encoder.encode(term)) {
      low = (low + byte) % 65521;
      high = (high + low) % 65521;
    }
    return [...name, high >>> 8, high & 255];
  };
  const reader = (bytes, at = 0) => {
    const self = {
      at,
      bytes,
      number() {
        let value = 0, factor = 1, byte;
        do { byte = bytes[self.at++]; value += (byte & 127) * factor; factor *= 128; } while (byte & 128);
        return value;
      },
    };
    return self;
  };
  /* The items that hold a term: their places, doubled, plus one where the title holds it. */
  const postings = async (dir, term) => {
    const found = await Promise.all(dir.volumes.map((volume, n) => postingsIn(dir, volume, n, term)));
    return found.flat();
  };
  const postingsIn = async (dir, { bases, file, files }, number, term) => {
    const n = Math.floor((spread(term) * files) / 2 ** 32);
    const bytes = await load(`t/${number}/${n}.bin`, digest(dir.t, file + n), "bytes");
    const name = nameOf(term, files), read = reader(bytes), found = [];
    for (const base of bases) {
      table(read, short(term) ? name : [], width(files), base, found);
      table(read, short(term) ? [] : name, LONGER, base, found);
    }
    return found;
  };
  /* The names of a table's terms, the sizes of their postings, what is above 255 of those, the postings. */
  const table = (read, name, width, base, found) => {
    const { bytes } = read, count = read.number(), names = read.at, sizes = names + count * width;
    read.at = sizes + count;
    let all = 0, before = 0, mine = 0;
    for (let i = 0; i < count; i++) {
      const size = bytes[sizes + i] === 255 ? 255 + read.number() : bytes[sizes + i];
      if (name.length && name.every((byte, k) => bytes[names + i * width + k] === byte)) [before, mine] = [all, size];
      all += size;
    }
    unpack(bytes, read.at + before, read.at + before + mine, base, found);
    read.at += all;
  };
  const unpack = (bytes, at, end, base, found) => {
    const read = reader(bytes, at);
    for (let rank = 0; read.at < end;) {
      const step = read.number();
      rank += step >> 1;
      found.push((base + rank) * 2 + (step & 1));
    }
  };

  /* ---- ranking: an exact number, all in the title, all in the text, most of it; the newest first ---- */
  const search = async (query) => {
    const dir = await directory();
    const { terms, exact, numbers } = wanted(query);
    const groups = [terms, exact, numbers].map((group) => Promise.all(group.map((term) => postings(dir, term))));
    const [rows, texts, exacts, serials] = await Promise.all([rowsOf(dir), ...groups]);
    const at = (n) => rows[n * ROW] + rows[n * ROW + 1] * 256;
    if (!terms.length && !exact.length && !numbers.length) {
      const all = query.trim() ? [] : Array.from({ length: dir.count }, (_, n) => [n, 0]);
      return { dir, rows, found: all.sort((a, b) => at(b[0]) - at(a[0])) };
    }
    const held = new Map();
    const add = (posting, weight) => {
      for (const value of posting) {
        const entry = held.get(value >> 1) || [0, 0, 0];
        entry[0] += weight;
        entry[1] += value & 1;
        held.set(value >> 1, entry);
      }
    };
    const needed = terms.length + numbers.length;
    [...texts, ...serials].forEach((posting) => add(posting, 1));
    const right = new Set(exacts.flat().map((value) => value >> 1));
    right.forEach((n) => { if (!held.has(n)) held.set(n, [0, 0, 0]); });
    const least = numbers.length ? needed : Math.max(1, Math.ceil(needed * 0.7));
    const whole = [...held.values()].some((entry) => entry[0] === needed);
    const found = [];
    for (const [n, [hits, inTitle]] of held) {
      const score = right.has(n) ? 1e6
        : hits === needed ? 1e4 + (inTitle === needed ? 1e4 : (inTitle / needed) * 5e3)
        : !whole && !right.size && hits >= least ? (hits / needed) * 1e3 : 0;
      if (score) found.push([n, score]);
    }
    const order = sorting.value === "date" ? (a, b) => at(b[0]) - at(a[0]) : (a, b) => b[1] - a[1] || at(b[0]) - at(a[0]);
    return { dir, rows, found: found.sort(order) };
  };

  /* ---- filters ---- */
  const VIEW = {
    department: (rows, n) => rows[n * ROW + 2] + rows[n * ROW + 3] * 256,
    column: (rows, n) => rows[n * ROW + 4],
    type: (rows, n) => rows[n * ROW + 5],
    state: (rows, n) => rows[n * ROW + 6],
    year: (rows, n) => {
      const days = rows[n * ROW] + rows[n * ROW + 1] * 256;
      return days ? new Date(days * 864e5).getUTCFullYear() : 0;
    },
  };
  const CODES = { department: "departments", column: "columns", type: "types" };
  const value = (dir, name, n) => (CODES[name] ? dir.codes[CODES[name]][n] : name === "state" ? dir.states[n] : String(n || ""));
  const title = (dir, name, n) =>
    CODES[name] ? dir[CODES[name]][n] : name === "state" ? words.states[dir.states[n]] || "" : String(n || "");

  const passes = (dir, rows, n, but) =>
    filters.every((box) => box.name === but || !box.value || value(dir, box.name, VIEW[box.name](rows, n)) === box.value);

  const fill = (box, dir, rows, found) => {
    const counts = new Map();
    for (const [n] of found) {
      if (!passes(dir, rows, n, box.name)) continue;
      const code = VIEW[box.name](rows, n);
      if (value(dir, box.name, code)) counts.set(code, (counts.get(code) || 0) + 1);
    }
    const chosen = box.value || box.dataset.chosen || "";
    const order = box.name === "year" ? (a, b) => b[0] - a[0] : (a, b) => a[0] - b[0];
    const options = [...counts].sort(order).map(([code, count]) => {
      const option = new Option(`${title(dir, box.name, code)} (${count})`, value(dir, box.name, code));
      option.selected = option.value === chosen;
      return option;
    });
    box.replaceChildren(new Option(words.all, ""), ...options);
    if (chosen && box.value !== chosen) {
      box.add(new Option(chosen, chosen, true, true));
    }
  };

  /* ---- what one sees ---- */
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const marked = (text, query) => {
    const parts = [...new Set(runs(query))].filter((run) => run.length > 1).map((run) => run.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const made = document.createDocumentFragment();
    if (!parts.length) return made.append(text), made;
    let last = 0;
    for (const hit of text.matchAll(new RegExp(parts.join("|"), "giu"))) {
      made.append(text.slice(last, hit.index), element("mark", "", hit[0]));
      last = hit.index + hit[0].length;
    }
    made.append(text.slice(last));
    return made;
  };
  const day = (rows, n) => {
    const days = rows[n * ROW] + rows[n * ROW + 1] * 256;
    return days ? new Date(days * 864e5).toISOString().slice(0, 10) : "";
  };
  const result = (dir, rows, n, data, query) => {
    const [address, name, number, summary, language] = data;
    const item = element("li", "gk-entry");
    const link = element("a", "gk-entry__title");
    link.href = new URL(address, top).href;
    if (language) link.lang = language;
    link.append(marked(name, query));
    item.append(link);
    const state = dir.states[VIEW.state(rows, n)];
    if (state && words.states[state]) item.append(" ", element("span", `gk-tag gk-tag--${state}`, words.states[state]));
    if (summary) {
      const about = element("p", "gk-entry__about");
      about.append(marked(summary, query));
      item.append(about);
    }
    const more = element("span", "gk-entry__more");
    if (number) more.append(element("span", "", number));
    more.append(element("span", "", dir.departments[VIEW.department(rows, n)]), element("span", "", dir.columns[VIEW.column(rows, n)]));
    if (day(rows, n)) {
      const when = element("time", "", day(rows, n));
      when.dateTime = day(rows, n);
      more.append(when);
    }
    item.append(more);
    return item;
  };
  const pages = (count, here) => {
    const last = Math.ceil(count / PAGE);
    if (last < 2) return pager.replaceChildren();
    const shown = [...new Set([1, here - 1, here, here + 1, last])].filter((n) => n >= 1 && n <= last);
    pager.replaceChildren(...shown.map((n) => {
      if (n === here) {
        const made = element("span", "gk-pager__here", String(n));
        made.setAttribute("aria-current", "page");
        return made;
      }
      const link = element("a", "", String(n));
      const url = new URL(location.href);
      url.searchParams.set("page", n);
      link.href = url.href;
      link.addEventListener("click", (event) => { event.preventDefault(); history.pushState(null, "", url); show(n, true); });
      return link;
    }));
  };

  const drawn = () => new Promise((done) => { const late = setTimeout(done, 100); requestAnimationFrame(() => setTimeout(() => { clearTimeout(late); done(); })); });

  let turn = 0;
  const show = async (page = 1, jump = false) => {
    const mine = ++turn;
    const query = form.elements.q.value;
    root.setAttribute("aria-busy", "true");
    try {
      const { dir, rows, found } = await search(query);
      if (mine !== turn) return;
      const kept = found.filter(([n]) => passes(dir, rows, n));
      const here = Math.min(Math.max(1, page), Math.max(1, Math.ceil(kept.length / PAGE)));
      const part = kept.slice((here - 1) * PAGE, here * PAGE);
      const data = await Promise.all(part.map(([n]) => lineOf(dir, n)));
      if (mine !== turn) return;
      list.replaceChildren(...part.map(([n], i) => result(dir, rows, n, data[i], query)));
      status.textContent = (kept.length ? words.found : words.nothing).replace("{count}", kept.length);
      pages(kept.length, here);
      delete root.dataset.gkWaits;
      if (jump) status.focus();
      // Results are drawn first: what can be filtered is counted after that.
      await drawn();
      if (mine === turn) filters.forEach((box) => fill(box, dir, rows, found));
    } catch (fault) {
      if (mine !== turn) return;
      list.replaceChildren();
      delete root.dataset.gkWaits;
      status.textContent = words.broken;
      console.warn(fault);
    } finally {
      if (mine === turn) root.removeAttribute("aria-busy");
    }
  };

  /* ---- the address says what was searched for, so that a search can be kept, sent and gone back to ---- */
  const read = () => {
    const given = new URLSearchParams(location.search);
    form.elements.q.value = given.get("q") || "";
    sorting.value = given.get("sort") === "date" ? "date" : "best";
    filters.forEach((box) => {
      box.dataset.chosen = given.get(box.name) || "";
      if (box.dataset.chosen) box.add(new Option(box.dataset.chosen, box.dataset.chosen, true, true));
      else box.value = "";
    });
    return Number(given.get("page")) || 1;
  };
  const write = () => {
    const url = new URL(location.pathname, location.href);
    const given = { q: form.elements.q.value.trim(), sort: sorting.value === "date" ? "date" : "" };
    filters.forEach((box) => { given[box.name] = box.value; box.dataset.chosen = box.value; });
    Object.entries(given).forEach(([name, text]) => { if (text) url.searchParams.set(name, text); });
    history.pushState(null, "", url);
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); write(); show(1, true); });
  [...filters, sorting].forEach((box) => box.addEventListener("change", () => { write(); show(); }));
  let waiting = 0;
  form.elements.q.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { write(); show(); }, 300);
  });
  addEventListener("popstate", () => show(read()));
  root.querySelector("[data-gk=filters]").hidden = false;
  show(read());
})();
