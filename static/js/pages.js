"use strict";
// What happens after HTMX has brought a new page: focus, announcement, the current rail entry.
(() => {
  const rail = () => document.getElementById("rail");

  const markCurrent = () => {
    const path = location.pathname;
    const links = [...(rail()?.querySelectorAll("a") ?? [])];
    const under = links.filter((link) => {
      const at = link.getAttribute("href");
      return path === at || (at !== "/" && path.startsWith(at));
    });
    const best = under.sort((a, b) => b.pathname.length - a.pathname.length)[0];
    for (const link of links) {
      if (link === best) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };

  const announce = () => {
    const words = [...document.querySelectorAll("[data-messages] .note > div")];
    const region = document.getElementById("announce");
    if (region) region.textContent = words.map((node) => node.textContent.trim()).join(" ");
  };

  const reveal = (within) => {
    for (const node of within.querySelectorAll("[data-closes], [data-copies], [data-adds-line], [data-reveals]")) {
      node.hidden = false;
    }
  };

  const wantedFocus = () =>
    document.querySelector("[data-focus]") ?? document.querySelector("[autofocus]") ?? firstField();

  const settleFocus = () => {
    const wanted = wantedFocus();
    (wanted ?? document.getElementById("main"))?.focus({ preventScroll: !wanted });
  };

  // On a narrow screen a table is a stack of cards (css/tables.css): each cell names its column.
  const nameCells = (table) => {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
    for (const body of heads.length ? [...table.tBodies, table.tFoot] : []) {
      for (const row of body?.rows ?? []) {
        const plain = row.cells.length === heads.length;
        [...row.cells].forEach((cell, at) => {
          cell.dataset.label ??= plain ? heads[at] : "";
        });
      }
    }
    table.classList.toggle("cards", heads.length > 0);
  };

  // Where the whole page is one form, typing can begin at once.
  const firstField = () =>
    matchMedia("(pointer: fine)").matches
      ? document.querySelector("form[data-first] :is(input:not([type='hidden'], [type='file'], [type='checkbox'], [type='radio']), select, textarea)")
      : null;

  const arrive = () => {
    reveal(document);
    announce();
    document.querySelectorAll("table.data:not(.listing)").forEach(nameCells);
  };

  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest(closer.dataset.closes)?.remove();

    const copier = event.target.closest("[data-copies]");
    if (copier) navigator.clipboard?.writeText(copier.dataset.copies);

    const opener = event.target.closest("[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }

    if (event.target.closest("[aria-disabled='true']")) event.preventDefault();

    for (const open of document.querySelectorAll("details[open]:is(.menu, .filter)")) {
      if (!open.contains(event.target)) open.open = false;
    }
  }, true);

  document.addEventListener("change", (event) => {
    const switch_ = event.target.closest("[data-reveals]");
    if (!switch_) return;
    document.getElementById(switch_.dataset.reveals).type = event.target.checked ? "text" : "password";
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[open]:is(.menu, .filter)");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  // A cell that had to be cut says its whole text.
  document.addEventListener("pointerover", (event) => {
    const cell = event.target.closest?.(".listing tbody :is(td, th)");
    if (cell && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent.trim();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "main" && event.target.id !== "main") return;
    for (const popover of document.querySelectorAll("[popover]:popover-open")) popover.hidePopover();
    arrive();
    settleFocus();
  });
  for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) {
    document.addEventListener(name, markCurrent);
  }
  document.addEventListener("DOMContentLoaded", () => {
    arrive();
    wantedFocus()?.focus();
    const current = rail()?.querySelector("[aria-current]");
    if (current) rail().scrollTop = current.offsetTop - rail().clientHeight / 2;
  });
})();
