"use strict";
// The keyboard: every mark `data-key` in the page binds a key and is listed under `?`.
(() => {
  const memory = "o2c-keys-off";
  const isOff = () => localStorage.getItem(memory) === "1";
  const isTyping = (node) =>
    node.matches?.("input:not([type='checkbox'], [type='radio']), select, textarea, [contenteditable]");
  const visible = (node) => node.checkVisibility?.() ?? true;
  let leader = "";

  const marks = () => [...document.querySelectorAll("[data-key]")].filter(visible);
  const words = (node) =>
    node.dataset.keyLabel || node.getAttribute("aria-label") || node.textContent.trim();

  const pressed = (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
  };

  const use = (node) => {
    if (node.matches("input, textarea, select")) {
      node.focus();
      node.select?.();
    } else {
      node.click();
    }
  };

  // Rows: j and k move, Enter opens by the link that is there anyway.
  const links = () =>
    [...document.querySelectorAll("[data-row]")].map((row) => row.querySelector("a")).filter(Boolean);
  const moveRow = (step) => {
    const all = links();
    if (!all.length) return false;
    const row = document.activeElement?.closest("[data-row]");
    const at = row ? all.indexOf(row.querySelector("a")) : step > 0 ? -1 : all.length;
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  const list = () => {
    const board = document.querySelector("[data-keys-list]");
    if (!board) return;
    const rows = links().length ? [["j", board.dataset.next], ["k", board.dataset.previous], ["Enter", board.dataset.open]] : [];
    const bound = marks().map((node) => [node.dataset.key, words(node)]);
    board.replaceChildren(
      ...[...bound, ...rows, ["Esc", board.dataset.close]].map(([key, text]) => {
        const line = document.createElement("div");
        const term = document.createElement("dt");
        const value = document.createElement("dd");
        const cap = document.createElement("kbd");
        term.textContent = text;
        cap.textContent = key.replace("mod+", "Ctrl ").replace("k", key === "mod+k" ? "K" : "k");
        value.append(cap);
        line.append(term, value);
        return line;
      }),
    );
    const box = document.querySelector("[data-keys-switch]");
    if (box) box.checked = !isOff();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-opens='keys-help']")) list();
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-switch]")) {
      localStorage.setItem(memory, event.target.checked ? "0" : "1");
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const key = pressed(event);
    const single = !key.startsWith("mod+");
    if (single && (isOff() || isTyping(event.target))) return;
    const wanted = leader && single ? `${leader} ${key}` : key;
    leader = "";
    const node = marks().find((mark) => mark.dataset.key === wanted);
    if (node) {
      event.preventDefault();
      use(node);
    } else if (wanted === "j" || wanted === "k") {
      if (moveRow(wanted === "j" ? 1 : -1)) event.preventDefault();
    } else if (key === "g") {
      leader = "g";
    }
  });
})();
