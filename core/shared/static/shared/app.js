// What the pages cannot do without a script. Everything of use works without it.
"use strict";

// "/" moves to the page's search field.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.querySelector("main [data-search], [data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// After a refusal one goes on at the first field that is to be mended.
document.querySelector("main [aria-invalid='true']")?.focus();

// An open menu closes on a click elsewhere and on Escape.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  closeMenus(null);
  if (open) open.querySelector("summary").focus();
  hideTip();
});

// One that would reach beyond the window opens further to the left.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches("details.menu[open]")) return;
  const panel = event.target.querySelector(":scope > div");
  panel.style.translate = "";
  const beyond = panel.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
  if (beyond > 0) panel.style.translate = `${-beyond}px`;
}, true);

// Buttons that need a script show only where there is one.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// On a phone the row of sections and of choices scrolls sideways: what is chosen is in view.
for (const chosen of document.querySelectorAll(".sidebar nav [aria-current], .segments [aria-current]")) {
  const row = chosen.parentElement;
  if (row.scrollWidth > row.clientWidth) row.scrollLeft = chosen.offsetLeft - row.offsetLeft - 48;
}

// A chart's marks say what they are in their aria-label; under the pointer it becomes a tooltip.
let tip = null;
function hideTip() {
  if (tip) tip.hidden = true;
}
function showTip(mark) {
  if (!tip) {
    tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("aria-hidden", "true");
    document.body.append(tip);
  }
  tip.textContent = mark.getAttribute("aria-label");
  tip.hidden = false;
  const box = mark.getBoundingClientRect();
  const left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), innerWidth - tip.offsetWidth - 8);
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${(above > 8 ? above : box.bottom + 8) + scrollY}px`;
}
for (const [show, hide] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(show, (event) => {
    const mark = event.target.closest && event.target.closest(".chart [aria-label]:not(svg)");
    if (mark) showTip(mark);
  });
  document.addEventListener(hide, hideTip);
}

// A fragment that did not come says so instead of leaving a hole, in the server's words where it has any; one that is
// to come later is asked for again.
document.addEventListener("htmx:responseError", (event) => {
  const { target: place, xhr, requestConfig } = event.detail;
  if (!place) return;
  const pause = Number(xhr.getResponseHeader("Retry-After"));
  if (place.dataset.failed && pause && requestConfig.verb === "get") {
    setTimeout(() => htmx.ajax("GET", requestConfig.path, place), 1000 * (pause + Math.random()));
    return;
  }
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const said = answer.querySelector("[data-code]")?.textContent || place.dataset.failed;
  if (said) place.textContent = said;
});
document.addEventListener("htmx:sendError", (event) => {
  const place = event.detail.target;
  if (place && place.dataset.failed) place.textContent = place.dataset.failed;
});
