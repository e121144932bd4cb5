"use strict";
// Show only the fields that the chosen statistic and score rule have; without this script all are
// shown, each group with a legend that says what it is for.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".kpi-form");
  if (!form) return;
  const statistic = form.querySelector("[name=statistic]");
  const unit = form.querySelector("[name=unit]");
  const says = form.querySelector("[data-says]");
  const units = {
    top_box: "share", share_within: "share",
    km_median: "seconds", km_quantile: "seconds", restricted_mean: "seconds",
  };
  let filledIn = "";
  const update = () => {
    for (const part of form.querySelectorAll("[data-statistics]")) {
      part.hidden = !part.dataset.statistics.split(" ").includes(statistic.value);
    }
    const rule = form.querySelector("[name=rule]:checked");
    for (const part of form.querySelectorAll("[data-rules]")) {
      part.hidden = !rule || part.dataset.rules !== rule.value;
    }
    says.textContent = form.querySelector(`[data-statistic="${statistic.value}"] dd`).textContent;
    says.hidden = false;
    // These have one unit only; what somebody typed stays.
    if (!unit.value || unit.value === filledIn) {
      filledIn = units[statistic.value] || "";
      unit.value = filledIn;
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target === statistic || event.target.name === "rule") update();
  });
  update();
});
