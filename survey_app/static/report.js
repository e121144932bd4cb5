"use strict";
// Show only the fields of the chosen kind of period; without this script all are shown.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".period-form");
  const update = () => {
    const kind = form.querySelector("input[name=kind]:checked").value;
    for (const part of form.querySelectorAll("[data-kinds]")) {
      part.hidden = !part.dataset.kinds.split(" ").includes(kind);
    }
  };
  form.addEventListener("change", update);
  update();
});
