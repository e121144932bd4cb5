"use strict";
// Show only the fields that the chosen statistic has; without this script all are shown.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".kpi-form");
  const statistic = form.querySelector("[name=statistic]");
  const update = () => {
    for (const part of form.querySelectorAll("[data-statistics]")) {
      part.hidden = !part.dataset.statistics.split(" ").includes(statistic.value);
    }
  };
  statistic.addEventListener("change", update);
  update();
});
