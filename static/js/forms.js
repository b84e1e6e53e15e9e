"use strict";
// Forms: sent once, filters without empty parameters, lines that grow, typed work that is not lost.
(() => {
  const busy = (form, on) => {
    for (const button of form.querySelectorAll("button:not([type='button'])")) {
      button.toggleAttribute("aria-busy", on);
      if (on) button.setAttribute("aria-busy", "true");
    }
    form.toggleAttribute("data-sent", on);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    busy(form, true);
  }, true);

  for (const name of ["htmx:afterRequest", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      const form = event.target.closest?.("form[data-sent]");
      if (form) busy(form, false);
    });
  }
  // A file that was changed after it was chosen cannot be sent, and leaves its box.
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.target.closest?.("form");
    const unsent = form?.querySelector("[data-unsent]");
    if (!unsent) return;
    unsent.hidden = false;
    for (const box of form.querySelectorAll("[type='file']")) {
      box.files[0]?.arrayBuffer().catch(() => { box.value = ""; });
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) busy(form, false);
  });

  // A sign-in in another tab changes the token; the forms of this one go on with the new one.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
    const { parameters } = event.detail;
    if (token && parameters.csrfmiddlewaretoken) parameters.csrfmiddlewaretoken = token;
  });
  for (const what of ["signed-out", "database-away"]) {
    document.addEventListener(`o2c:${what}`, () => document.getElementById(what)?.showModal());
  }

  // Filters: only what was chosen goes into the address.
  const isDefaultColumns = (form) =>
    [...form.querySelectorAll("[name='columns'][data-default]")].every(
      (box) => box.checked === box.defaultChecked,
    );
  const prune = (form) => {
    const defaults = isDefaultColumns(form);
    for (const field of form.elements) {
      const unused = field.value === "" || (field.name === "columns" && defaults);
      if (field.name && unused && field.type !== "submit") field.disabled = true;
    }
    setTimeout(() => {
      for (const field of form.elements) field.disabled = false;
    });
  };
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-filters]")) prune(event.target);
  }, true);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-filters]");
    if (form && event.target.matches("select, [type='radio']")) form.requestSubmit();
  });

  // Lines: the empty row of the formset, added as often as needed.
  const addLine = (scope) => {
    const table = scope.querySelector("[data-lines]");
    const total = scope.querySelector(`[name='${table.dataset.lines}-TOTAL_FORMS']`);
    const template = scope.querySelector("[data-line-template]");
    const row = template.content.cloneNode(true);
    for (const node of row.querySelectorAll("*")) {
      for (const attribute of node.attributes) {
        attribute.value = attribute.value.replaceAll("__prefix__", total.value);
      }
    }
    total.value = String(Number(total.value) + 1);
    table.tBodies[0].append(row);
    table.tBodies[0].lastElementChild.querySelector("input, select")?.focus();
  };
  document.addEventListener("click", (event) => {
    const adder = event.target.closest("[data-adds-line]");
    if (adder) addLine(adder.closest("form"));
  });

  // Leaving a half-typed form asks once.
  let changed = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest("[data-guard]")) changed = true;
  });
  document.addEventListener("submit", () => { changed = false; });
  document.addEventListener("htmx:afterSwap", () => {
    changed = document.querySelector("[data-guard] [aria-invalid]") !== null;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
})();
