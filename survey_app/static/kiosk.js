/* A kiosk's page goes back to the start once nobody has touched it for a while; a page of thanks does
   so however often it is touched. Without this script each page does after the same time.
   A page that says what went wrong does not know that it stands on a kiosk: the tab remembers it. */
"use strict";

(() => {
  const TAB = "soundings kiosk";
  // A browser may keep nothing at all.
  const inTab = (work) => {
    try {
      return work(sessionStorage);
    } catch {
      return null;
    }
  };
  const { seconds, start = inTab((tab) => tab.getItem(TAB)) } = document.currentScript.dataset;
  if (!start) return;
  inTab((tab) => tab.setItem(TAB, start));
  const goBack = () => location.replace(start);
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(goBack, seconds * 1000);
  };
  if (seconds > 60) {
    for (const kind of ["pointerdown", "keydown", "input", "scroll"]) document.addEventListener(kind, wait);
  }
  // The browser's own Back must not show what the person before has typed.
  window.addEventListener("pageshow", ({ persisted }) => {
    const [{ type }] = performance.getEntriesByType("navigation");
    if (persisted || (type === "back_forward" && location.pathname !== start)) goBack();
  });
  wait();
})();
