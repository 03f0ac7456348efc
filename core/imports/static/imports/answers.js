// An answer that was chosen goes along with whichever button of the page is pressed, not only with that of its form.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  for (const field of document.querySelectorAll("[name^='answer:']")) {
    // What is only proposed was not chosen.
    const chosen = field.type === "radio"
      ? field.checked && !field.defaultChecked
      : field.value && !field.selectedOptions[0].defaultSelected;
    if (field.form === form || !chosen) continue;
    const copy = document.createElement("input");
    copy.type = "hidden";
    copy.name = field.name;
    copy.value = field.value;
    // The form has a field that is called append.
    form.insertAdjacentElement("beforeend", copy);
  }
});
