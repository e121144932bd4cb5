// The stopwatch ticks, measures each tap, and keeps a tap that the network lost.
// Without this script the page's forms do the same by the server's clock.
"use strict";

(() => {
  const dial = document.getElementById("stopwatch");
  const failure = document.querySelector(".tap-failure");
  const anchorOf = (visit) => `visit-started:${visit}`;
  const deviceTime = () => performance.timeOrigin + performance.now();

  // performance.now() cannot be set, but it stands still in some browsers while a phone sleeps;
  // then the wall clock has gone further, and is right.
  const loaded = { steady: performance.now(), wall: Date.now() };
  const sinceLoad = () =>
    Math.max(performance.now() - loaded.steady, Date.now() - loaded.wall) / 1000;

  // The device that started the visit counts from its own tap; any other from what the server says.
  const elapsedAtLoad = () => {
    const told = Number(dial.dataset.elapsed);
    const kept = Number(sessionStorage.getItem(anchorOf(dial.dataset.visit)));
    // Once the start was corrected, the tap that started the visit is no measure any more.
    const startOf = `visit-start:${dial.dataset.visit}`;
    const start = sessionStorage.getItem(startOf) ?? dial.dataset.since;
    sessionStorage.setItem(startOf, start);
    if (start !== dial.dataset.since) return told;
    const own = (performance.timeOrigin + loaded.steady - kept) / 1000;
    return kept && own >= 0 && Math.abs(own - told) < 86400 ? own : told;
  };
  const before = dial ? elapsedAtLoad() : 0;
  const elapsed = () => before + sinceLoad();

  const asClock = (seconds) => {
    const whole = Math.floor(seconds);
    const two = (number) => String(number).padStart(2, "0");
    return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  };
  const tick = () => {
    dial.textContent = asClock(elapsed());
    setTimeout(tick, 1000 - ((elapsed() * 1000) % 1000));
  };
  if (dial) tick();

  const measure = (form) => {
    if (form.id === "start-visit") {
      form.elements.device_started_at.value = new Date().toISOString();
      sessionStorage.setItem(anchorOf(form.elements.public_id.value), String(deviceTime()));
      form.dataset.tapped = "Your tap";
    } else {
      form.elements.elapsed.value = elapsed().toFixed(3);
      form.dataset.tapped = `Your tap at ${asClock(elapsed())}`;
    }
  };

  const tell = (text) => {
    failure.textContent = text;
    failure.hidden = false;
    failure.scrollIntoView({ block: "nearest" });
  };

  // A kept tap must not be lost by closing the page without noticing.
  const hold = (event) => event.preventDefault();

  const keep = (form, why) => {
    window.addEventListener("beforeunload", hold);
    tell(
      `${why} ${form.dataset.tapped} is kept, with its time: stay on this page and tap the same ` +
        "button again in a while.",
    );
  };

  const send = async (form, button) => {
    button.disabled = true;
    try {
      // Not followed here: the page that comes next is to be loaded once, with what it has to tell.
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        redirect: "manual",
      });
      if (answer.status >= 500) {
        keep(form, "The server could not take it.");
        button.disabled = false;
        return;
      }
      window.removeEventListener("beforeunload", hold);
      if (answer.type === "opaqueredirect") {
        location.replace(form.dataset.next);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const reasons = page.querySelectorAll(".problems li, .invalid-feedback");
      const told = [...reasons].map((reason) => reason.textContent.trim()).join(" ");
      tell(told || page.querySelector(".lead")?.textContent || "That did not work. Reload the page.");
      delete form.dataset.tapped;
    } catch {
      keep(form, "No connection.");
    }
    button.disabled = false;
  };

  for (const form of document.querySelectorAll("#start-visit, form.tap")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!form.dataset.tapped) measure(form);
      send(form, form.querySelector("button"));
    });
  }
})();
