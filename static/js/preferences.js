"use strict";
// Theme, row height, rail width: at once, without a reload. The form behind works without this.
(() => {
  const root = document.documentElement;
  const year = 365 * 24 * 60 * 60;

  const mark = (button) => {
    for (const other of button.parentElement.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  };

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.target.matches("[data-preferences]") || !button?.name) return;
    event.preventDefault();
    const { name, value } = button;
    root.dataset[name] = value;
    document.cookie = `${name}=${value};path=/;max-age=${year};samesite=lax`;
    if (name === "rail") button.value = value === "narrow" ? "wide" : "narrow";
    else mark(button);
  });
})();
