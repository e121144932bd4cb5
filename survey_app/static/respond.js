/* What the customer's page can do more with a script; without it everything works page by page.
   - questions under a condition come and go at once (the server decides again when it is sent);
   - an exclusive option clears the others, a shared-out sum shows its total;
   - a page is sent in the background; without a connection its answers stay in this browser and
     are sent when there is one. */
"use strict";

(() => {
  const PLAIN_NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;
  const CALENDAR = /^(\d{4}-\d{2}-\d{2}|\d{2}:\d{2})$/;
  const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
  const UNITS = { days: 86400, hours: 3600, minutes: 60, seconds: 1 };
  const RETRY_MS = 15000;
  const PATIENCE_MS = 30000;
  const PATIENCE_WITH_FILES_MS = 600000;
  const SLOW_MS = 1000;
  // Says, among what is kept, that files were chosen, which cannot be kept.
  const FILES = "_files";

  /* ---- conditions: the same as in the server's `domain/routing.py` ---- */

  const asNumber = (value) =>
    typeof value === "number" ? value
      : typeof value === "string" && PLAIN_NUMBER.test(value) ? Number(value) : null;

  const equal = (subject, operand) => {
    if (typeof subject === "string" && typeof operand === "string") return subject === operand;
    const left = asNumber(subject);
    return left !== null && left === asNumber(operand);
  };

  const ordered = (subject, operator, operand) => {
    let left = asNumber(subject);
    let right = asNumber(operand);
    if (left === null || right === null) {
      const days = typeof subject === "string" && typeof operand === "string" &&
        CALENDAR.test(subject) && CALENDAR.test(operand) && subject.length === operand.length;
      if (!days) return false;
      left = subject;
      right = operand;
    }
    if (operator === "at_least") return left >= right;
    if (operator === "at_most") return left <= right;
    return operator === "more_than" ? left > right : left < right;
  };

  const compare = (subject, operator, operand) => {
    if (operator === "answered") return (subject !== null) === operand;
    if (subject === null || operand === null) return false;
    if (operator === "equals") return equal(subject, operand);
    if (operator === "one_of") return operand.some((one) => equal(subject, one));
    if (operator === "includes") return Array.isArray(subject) && subject.includes(operand);
    return ordered(subject, operator, operand);
  };

  const holds = (condition, answer) => {
    if ("all" in condition) return condition.all.every((part) => holds(part, answer));
    if ("any" in condition) return condition.any.some((part) => holds(part, answer));
    if ("not" in condition) return !holds(condition.not, answer);
    const operator = Object.keys(condition).find((key) => key !== "question" && key !== "value");
    let operand = condition[operator];
    if (operand !== null && typeof operand === "object" && !Array.isArray(operand)) {
      operand = answer(operand.question);
    }
    const subject = "question" in condition ? answer(condition.question) : condition.value;
    return compare(subject, operator, operand);
  };

  /* ---- what a question's fields say, as the server reads them ---- */

  const asciiDigits = (text) =>
    text.replace(/\p{Nd}/gu, (sign) => {
      let zero = sign.codePointAt(0);
      while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && sign.codePointAt(0) - zero < 9) zero -= 1;
      return String(sign.codePointAt(0) - zero);
    });

  const readNumber = (typed) => {
    const plain = asciiDigits(typed.trim());
    const decimal = /^[+-]?\d+[,٫]\d+$/.test(plain) && !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain);
    const text = decimal ? plain.replace(/[,٫]/, ".") : plain;
    return NUMBER.test(text) ? Number(text) : null;
  };

  const pickedOf = (box) => {
    const picked = box.querySelector("input[type=radio]:checked");
    if (!picked) return otherOf(box);
    return picked.value.startsWith("missing:") ? null : picked.value;
  };

  const typedOf = (box) =>
    box.querySelector("textarea, input:not([type=hidden]):not([type=checkbox])").value;

  const readers = {
    rating: (box) => asNumber(pickedOf(box)),
    one: pickedOf,
    many: (box) => {
      const picked = [...box.querySelectorAll(`input[name="${CSS.escape(box.dataset.item)}"]:checked`)];
      const codes = picked.map((input) => input.value);
      const other = otherOf(box);
      if (other !== null && !codes.includes(other)) codes.push(other);
      return codes.length ? codes : null;
    },
    number: (box) => readNumber(typedOf(box)),
    text: (box) => (typedOf(box).trim() ? typedOf(box) : null),
    date: (box) => asciiDigits(typedOf(box).trim()) || null,
    consent: (box) => (box.querySelector("input[type=checkbox]:checked") ? "given" : null),
    duration: (box) => {
      let seconds = null;
      for (const input of box.querySelectorAll("[data-unit]")) {
        const count = readNumber(input.value);
        if (count !== null) seconds = (seconds || 0) + count * UNITS[input.dataset.unit];
      }
      return seconds;
    },
    ranking: (box) => {
      const given = [...box.querySelectorAll("select")].filter((one) => one.value);
      given.sort((one, other) => one.value - other.value);
      return given.length ? given.map((one) => one.dataset.code) : null;
    },
    constant_sum: (box) =>
      [...box.querySelectorAll("[data-total] input")].some((one) => one.value.trim()) ? {} : null,
    file: (box) => {
      const fresh = box.querySelector("input[type=file]");
      return (fresh && fresh.files.length) || box.querySelector("input[type=checkbox]:checked") ? {} : null;
    },
  };

  const otherOf = (box) => {
    const words = box.querySelector("[data-other]");
    return words && words.value.trim() ? words.dataset.other : null;
  };

  const valueOf = (box) => {
    const code = box.querySelector(`input[name="${CSS.escape(box.dataset.item + "__missing")}"]:checked`);
    return code ? null : readers[box.dataset.kind](box);
  };

  const route = (form) => {
    const hidden = new Set();
    const answers = new Map();
    for (const one of form.querySelectorAll("[data-question]")) {
      if (one.dataset.showIf) {
        const shown = holds(JSON.parse(one.dataset.showIf), (id) => answers.get(id) ?? null);
        one.hidden = !shown;
        one.disabled = !shown;
      }
      if (one.hidden) {
        hidden.add(one.dataset.question);
        continue;
      }
      const boxes = one.dataset.item ? [one] : one.querySelectorAll("[data-item]");
      for (const box of boxes) answers.set(box.dataset.item, valueOf(box));
    }
    for (const part of form.querySelectorAll("[data-part]")) {
      part.hidden = ![...part.querySelectorAll("[data-question]")].some((one) => !one.hidden);
    }
    return hidden;
  };

  /* ---- small helps ---- */

  const keepAlone = (changed) => {
    const box = changed.closest("[data-kind=many]");
    if (!box || !changed.checked || changed.type !== "checkbox") return;
    for (const other of box.querySelectorAll("input[type=checkbox]")) {
      const clash = "alone" in changed.dataset || "alone" in other.dataset ||
        changed.name !== other.name;
      if (other !== changed && clash) other.checked = false;
    }
  };

  /* Words beside "other" choose it. */
  const pickOther = (words) => {
    if (!("other" in words.dataset) || !words.value.trim()) return;
    const code = CSS.escape(words.dataset.other);
    const option = words.closest("[data-item]").querySelector(`.list input[value="${code}"]`);
    option.checked = true;
    keepAlone(option);
  };

  const showTotals = (form) => {
    for (const rows of form.querySelectorAll("[data-total]")) {
      const sum = [...rows.querySelectorAll("input")]
        .reduce((total, input) => total + (readNumber(input.value) || 0), 0);
      rows.querySelector(".total").hidden = false;
      const said = `${sum} / ${rows.dataset.total}`;
      const output = rows.querySelector("output");
      if (output.textContent !== said) output.textContent = said;
    }
  };

  /* ---- sending, and keeping what cannot be sent ---- */

  const place = () => `soundings ${location.pathname}`;

  /* A browser may keep nothing at all: what was typed is still on the page. */
  const inStore = (work) => {
    try {
      return work(localStorage);
    } catch {
      return null;
    }
  };

  const keep = (body) => {
    const fields = [...body].filter(([, value]) => typeof value === "string");
    if (body instanceof FormData) fields.push([FILES, "1"]);
    inStore((store) => store.setItem(place(), JSON.stringify(fields)));
  };

  const kept = () => inStore((store) => JSON.parse(store.getItem(place())));

  const forget = () => inStore((store) => store.removeItem(place()));

  const tell = (form, words, again) => {
    let note = document.getElementById("connection");
    if (!words) {
      if (note) note.remove();
      return;
    }
    if (!note) {
      note = Object.assign(document.createElement("div"), { id: "connection", className: "note" });
      note.setAttribute("role", "status");
      form.querySelector(".send").before(note);
    }
    note.textContent = words;
    if (again) {
      const button = { type: "button", className: "second", textContent: form.dataset.again, onclick: again };
      note.append(" ", Object.assign(document.createElement("button"), button));
    }
  };

  const show = (text, address) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    const main = next.querySelector("main");
    if (!main) {
      location.assign(address);
      return;
    }
    for (const one of main.querySelectorAll("[autofocus]")) one.removeAttribute("autofocus");
    document.title = next.title;
    document.documentElement.lang = next.documentElement.lang;
    document.documentElement.dir = next.documentElement.dir;
    document.querySelector("main").replaceWith(document.adoptNode(main));
    history.replaceState(null, "", address);
    const anchor = new URL(address, location.href).hash.slice(1);
    const target = (anchor && document.getElementById(anchor)) ||
      document.querySelector(".summary, [role=status]") || document.querySelector("h1");
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus();
    window.scrollTo(0, Math.max(0, target.getBoundingClientRect().top + window.scrollY - 16));
    start();
  };

  /* What waits for a connection: gives the fields as they are now; null for nothing. */
  let waiting = null;
  let retry = () => {};
  let timer = 0;
  window.addEventListener("online", () => waiting && retry());

  const start = () => {
    const form = document.querySelector("form[data-offline]");
    if (!form) {
      // All has arrived: nothing of it stays on this device.
      forget();
      return;
    }
    let sending = false;

    const send = async (collect) => {
      if (sending) return;
      sending = true;
      clearTimeout(timer);
      const body = collect();
      const files = body instanceof FormData;
      form.setAttribute("aria-busy", "true");
      const patience = new AbortController();
      const limit = setTimeout(() => patience.abort(), files ? PATIENCE_WITH_FILES_MS : PATIENCE_MS);
      const slow = setTimeout(() => waiting || tell(form, form.dataset.sending), SLOW_MS);
      try {
        const answer = await fetch(location.pathname, { method: "POST", body, signal: patience.signal });
        const text = await answer.text();
        if (answer.status >= 500) throw new Error(String(answer.status));
        waiting = null;
        if (answer.status === 413) {
          // Too long: what was typed stays, to be shortened.
          const told = new DOMParser().parseFromString(text, "text/html").querySelector("main p");
          tell(form, told ? told.textContent : answer.statusText);
          return;
        }
        forget();
        tell(form, "");
        show(text, answer.redirected ? answer.url : location.pathname);
      } catch {
        waiting = collect;
        retry = () => send(collect);
        keep(body);
        tell(form, form.dataset.offline, retry);
        timer = setTimeout(retry, RETRY_MS);
      } finally {
        clearTimeout(limit);
        clearTimeout(slow);
        form.removeAttribute("aria-busy");
        sending = false;
      }
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wish = event.submitter ? event.submitter.value : "next";
      send(() => {
        const data = new FormData(form);
        data.set("_go", wish);
        return form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
      });
    });
    const follow = () => {
      route(form);
      showTotals(form);
      if (waiting) keep(waiting());
    };
    form.addEventListener("input", (event) => {
      pickOther(event.target);
      follow();
    });
    form.addEventListener("change", (event) => {
      keepAlone(event.target);
      follow();
    });

    restore(form, send);
    route(form);
    showTotals(form);
  };

  /* What was kept comes back into the page it was typed on, to be looked over; where the person is
     further by now, it is sent. */
  const restore = (form, send) => {
    const fields = kept();
    if (!fields) return;
    const value = (name) => (fields.find(([key]) => key === name) || [])[1];
    if (value("_page") !== form.elements._page.value) {
      if (value(FILES)) location.replace(`?page=${encodeURIComponent(value("_page"))}`);
      else send(() => new URLSearchParams(fields));
      return;
    }
    for (const input of form.querySelectorAll("input, select, textarea")) {
      if (!input.name || input.name.startsWith("_") || input.type === "file") continue;
      const given = fields.filter(([key]) => key === input.name).map(([, one]) => one);
      if (input.type === "radio" || input.type === "checkbox") {
        input.checked = given.includes(input.value);
      } else if (input.type !== "hidden" && given.length) {
        [input.value] = given;
      }
    }
    // What others saved since is not overwritten unseen.
    form.elements._revision.value = value("_revision");
    tell(form, form.dataset.restored);
  };

  window.soundings = { route };
  start();
})();
