/* What the customer's page can do more with a script; without it everything works page by page.
   - questions under a condition come and go at once (the server decides again when it is sent);
   - an exclusive option clears the others, a shared-out sum shows its total;
   - a page is sent in the background; without a connection its answers stay in this browser, for a
     day at most, and are sent when there is one;
   - the browser's own Back leads through the pages, and what was typed on them is still there. */
"use strict";

(() => {
  const PLAIN_NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;
  const CALENDAR = /^(\d{4}-\d{2}-\d{2}|\d{2}:\d{2})$/;
  const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
  const UNITS = { days: 86400, hours: 3600, minutes: 60, seconds: 1 };
  const RETRY_MS = [15000, 30000, 60000, 120000];
  const PATIENCE_MS = 30000;
  const PATIENCE_WITH_FILES_MS = 600000;
  const SLOW_MS = 1000;
  const KEPT_MS = 86400000;
  const STORED = "soundings ";
  // Our refusals after which the same would never be taken.
  const SETTLED = [404, 409, 410, 422];

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
    return picked.value.startsWith("missing:") ? null : picked.value || null;
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

  /* Whoever takes a choice back takes the words beside it back too. They come again with it, since
     arrow keys choose whatever they pass. */
  const taken = new Map();
  const takeBack = (changed) => {
    const words = changed.type === "radio" && changed.closest("[data-item]").querySelector("[data-other]");
    if (!words) return;
    if (!changed.value && words.value) {
      taken.set(words, words.value);
      words.value = "";
    } else if (changed.value === words.dataset.other) {
      words.value = words.value || taken.get(words) || "";
    }
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

  /* ---- the page as it stands ---- */

  let form = null;
  // What the server has of it, to tell whether that changes meanwhile.
  let saved = "";
  let revision = "";
  let stamp = "";
  // What was typed on pages that were left without sending, by page.
  const left = new Map();
  // What was sent and did not arrive: the body as it was at the click.
  let waiting = null;
  let timer = 0;
  let flight = null;

  const pageId = () => (form ? form.elements._page.value : "");

  const isChoosing = () => form.querySelector('[name^="_take."]') !== null;

  const fields = () => [...form.querySelectorAll('[name]:not(button, [type=hidden], [name^="_"])')];

  // Attributes stay what the server said, whatever is typed.
  const savedOf = () => fields().map((one) => one.outerHTML).join("");

  const put = (given) => {
    for (const input of fields()) {
      const values = given.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.type === "radio" || input.type === "checkbox") {
        input.checked = values.includes(input.value);
      } else if (input.type === "file") {
        const chosen = new DataTransfer();
        for (const one of values) if (one instanceof File && one.name) chosen.items.add(one);
        input.files = chosen.files;
      } else if (values.length) {
        [input.value] = values;
      }
    }
  };

  const collect = (wish) => {
    const data = new FormData(form);
    data.set("_go", wish);
    return form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  };

  const typedNow = () =>
    JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));

  const isChanged = () => waiting.isOwn && waiting.typed !== typedNow();
  const bodyNow = () => collect(waiting.body.get("_go"));

  const follow = () => {
    route(form);
    showTotals(form);
    if (waiting && waiting.isOwn) keep(bodyNow(), isChanged());
  };

  /* Nothing is typed that would not be sent; the note stays to be heard. */
  const setBusy = (busy) => {
    for (const one of form.children) {
      if (one.id === "connection") continue;
      one.inert = busy;
      one.setAttribute("aria-busy", busy);
    }
  };

  /* Says what the form has for it under a name, or other words; buttons by name too. */
  const tell = (name, words, ...buttons) => {
    let note = document.getElementById("connection");
    if (!note) {
      note = Object.assign(document.createElement("div"), { id: "connection", className: "note" });
      note.setAttribute("role", "status");
      form.querySelector(".send").before(note);
    }
    const held = note.contains(document.activeElement);
    note.textContent = words || form.dataset[name];
    for (const [label, onclick] of buttons) {
      const button = { type: "button", className: "second", textContent: form.dataset[label], onclick };
      note.append(" ", Object.assign(document.createElement("button"), button));
    }
    if (held && buttons.length) note.querySelector("button").focus();
  };

  /* ---- what is kept on this device ---- */

  let place = "";

  /* A browser may keep nothing at all: what was typed is still on the page. */
  const inStore = (work) => {
    try {
      return work(localStorage);
    } catch {
      return null;
    }
  };

  /* Where it changed since the click, or had files, which cannot be kept, it has to be looked over. */
  const keep = (body, changed) => {
    // Of a choice between two versions nothing is kept: both are there to choose from again.
    if (isChoosing()) return;
    const given = [...body].filter(([, value]) => typeof value === "string");
    const again = changed || body instanceof FormData;
    inStore((store) => store.setItem(place, JSON.stringify({ time: Date.now(), again, given })));
  };

  const kept = (name = place) => {
    const found = inStore((store) => JSON.parse(store.getItem(name)));
    return found && Math.abs(Date.now() - found.time) < KEPT_MS ? found : null;
  };

  const forget = (name = place) => inStore((store) => store.removeItem(name));

  /* Of other links too: nobody may ever come back to them on this device. */
  const forgetOld = () => {
    for (const name of inStore((store) => Object.keys(store)) || []) {
      if (name.startsWith(STORED) && !kept(name)) forget(name);
    }
  };

  /* Only the page of an open link has one. */
  const setStamp = (value) => {
    if (value && form.elements._stamp) form.elements._stamp.value = value;
  };

  const remove = () => {
    waiting = null;
    flight?.abort();
    flight = null;
    left.clear();
    taken.clear();
    forget();
    form.reset();
    form.elements._revision.value = revision;
    setStamp(stamp);
    follow();
    tell("removed");
  };

  /* ---- sending ---- */

  /* What the server answers, or null. Without our mark it is somebody else's, like a firewall's or a
     hotel's page to sign in: as good as nothing. */
  const ask = async (address, sent = {}, patience = new AbortController()) => {
    const ms = sent.body instanceof FormData ? PATIENCE_WITH_FILES_MS : PATIENCE_MS;
    const limit = setTimeout(() => patience.abort(), ms);
    try {
      const answer = await fetch(address, { ...sent, signal: patience.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main[data-soundings]");
      const words = page.querySelector("main p")?.textContent;
      return main && { status: answer.status, main, page, words, moved: answer.redirected && answer.url };
    } catch {
      return null;
    } finally {
      clearTimeout(limit);
    }
  };

  const isWell = (answer) => answer && answer.status < 500;

  const again = () => waiting && send(isChanged() ? bodyNow() : waiting.body);

  /* A server in trouble is left alone in the end; a connection may come back at any time. */
  const retryLater = (tries, trouble) => {
    const ms = RETRY_MS[tries] || (!trouble && RETRY_MS[RETRY_MS.length - 1]);
    if (ms) timer = setTimeout(retry, ms);
  };

  /* By itself only that is sent of which the person said so; words typed since wait for the button. */
  const retry = async () => {
    const asked = waiting;
    if (!asked || flight) return;
    clearTimeout(timer);
    if (!isChanged()) {
      send(asked.body, asked.tries);
    } else {
      const answer = await ask(location.pathname);
      if (waiting !== asked || flight) return;
      if (isWell(answer)) tell("online", "", ["remove", remove]);
      else retryLater(asked.tries++);
    }
  };

  /* Who has begun by an open link has a link of their own from now on, also for the way back. */
  const adopt = async (address) => {
    const { pathname } = new URL(address, location.href);
    if (pathname === location.pathname) return;
    forget();
    place = await nameOf(pathname);
    history.replaceState({ page: pageId() }, "", pathname + queryOf(pageId()));
  };

  const arrive = async (answer, body) => {
    const { status, moved } = answer;
    const sentPage = body.get("_page");
    waiting = null;
    const own = moved || answer.main.querySelector("form[data-offline]")?.getAttribute("action");
    if (own) await adopt(own);
    if (status >= 400 && !SETTLED.includes(status)) {
      // Too long, say: what was typed stays, to be shortened.
      tell("", answer.words);
      return;
    }
    if (status === 409 || /[?&]note=again/.test(moved)) {
      // Others were saved meanwhile, and until one has chosen, these are nowhere else.
      keep(body, false);
    } else if (Object.fromEntries(kept()?.given ?? [])._page === sentPage) {
      forget();
    }
    if (sentPage !== pageId()) remember();
    show(answer, true);
  };

  /* `tries` were made before by itself. */
  const send = async (body, tries = 0) => {
    if (flight) return;
    const own = new AbortController();
    flight = own;
    clearTimeout(timer);
    const focused = document.activeElement;
    const typed = typedNow();
    setBusy(true);
    const slow = setTimeout(() => waiting || tell("sending"), SLOW_MS);
    const answer = await ask(location.pathname, { method: "POST", body }, own);
    clearTimeout(slow);
    setBusy(false);
    // Removed meanwhile.
    if (flight !== own) return;
    flight = null;
    if (isWell(answer)) {
      arrive(answer, body);
    } else {
      waiting = { body, typed, tries: tries + 1, isOwn: body.get("_page") === pageId() };
      keep(body, false);
      tell("offline", answer?.words, ["again", again], ["remove", remove]);
      retryLater(tries, answer);
    }
    if (focused.isConnected && document.activeElement === document.body) focused.focus();
  };

  /* ---- from page to page ---- */

  const remember = () => {
    if (form && !isChoosing()) left.set(pageId(), { saved, given: [...new FormData(form)] });
  };

  const shownOf = () => [...document.querySelectorAll("[data-question]:not([hidden])")];

  const queryOf = (id) => id && `?page=${encodeURIComponent(id)}`;

  const addressOf = (id) => location.pathname + queryOf(id);

  const nameEntry = () => history.replaceState({ page: pageId() }, "");

  /* An answer's page in place of this one: what came of sending, or was only asked for. */
  const show = ({ main, page, moved }, wasSent) => {
    const before = pageId();
    const known = shownOf().map((one) => one.id);
    for (const one of main.querySelectorAll("[autofocus]")) one.removeAttribute("autofocus");
    document.title = page.title;
    for (const one of ["lang", "dir"]) document.documentElement[one] = page.documentElement[one];
    document.querySelector("main").replaceWith(document.adoptNode(main));
    form = document.querySelector("form[data-offline]");
    const isSame = pageId() === before;
    if (moved && !isSame) {
      history.pushState({ page: pageId() }, "", moved);
    } else {
      history.replaceState({ page: pageId() }, "", moved || addressOf(pageId()));
    }
    // A page that comes back with what was typed is not what the server has.
    start(!wasSent || moved ? null : isSame ? saved : "");
    const isMore = isSame && /[?&]note=more/.test(moved);
    const target = (isMore && shownOf().find((one) => !known.includes(one.id))) ||
      document.querySelector(".summary, [role=status]:not(#connection)") || document.querySelector("h1");
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus();
    window.scrollTo(0, Math.max(0, target.getBoundingClientRect().top + window.scrollY - 16));
  };

  /* The browser's own Back and Forward. */
  const travel = async () => {
    // A link within the page has made a place of its own, as yet without a name.
    if (!history.state) nameEntry();
    const { page } = history.state;
    const isThere = () => page === pageId() || page !== history.state.page || flight;
    if (isThere()) return;
    const answer = await ask(addressOf(page));
    if (isThere()) return;
    if (isWell(answer)) {
      waiting = null;
      remember();
      show(answer, false);
    } else if (form) {
      tell("away", "", ["again", travel]);
    }
  };

  /* `base` is what the server has of the page, where that is not what the page shows. */
  const start = (base = null, isFirst = false) => {
    form = document.querySelector("form[data-offline]");
    if (!form) {
      // All has arrived: nothing of it stays on this device.
      if (document.querySelector("main").dataset.soundings) forget();
      return;
    }
    saved = base ?? savedOf();
    revision = form.elements._revision.value;
    stamp = form.elements._stamp?.value;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(collect(event.submitter ? event.submitter.value : "next"));
    });
    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, ({ target }) => {
        pickOther(target);
        keepAlone(target);
        takeBack(target);
        follow();
      });
    }
    const typed = left.get(pageId());
    if (!restore(isFirst) && base === null && typed && typed.saved === saved) put(typed.given);
    left.delete(pageId());
    follow();
  };

  /* What was kept comes back into the page it was typed on, to be looked over; where the person is
     further by now, it is sent as they said. */
  const restore = (isFirst) => {
    const found = isChoosing() ? null : kept();
    if (!found) return false;
    const { _page: page, _revision, _stamp } = Object.fromEntries(found.given);
    if (page === pageId()) {
      put(found.given);
      // What others saved since is not overwritten unseen.
      form.elements._revision.value = _revision;
      // It may have arrived although nothing came back: by its stamp it is known again.
      setStamp(_stamp);
      tell("restored", "", ["remove", remove]);
      return true;
    }
    if (!isFirst) return false;
    if (!found.again) send(new URLSearchParams(found.given));
    else if (new URLSearchParams(location.search).get("page") !== page) location.replace(addressOf(page));
    return false;
  };

  window.soundings = { route };
  /* It is kept under a name from which the personal link cannot be told. Where a page is not secure
     there is no digest; 32 bits are far fewer than a link has. */
  const nameOf = async (pathname) => {
    const path = new TextEncoder().encode(pathname);
    const sum = () => Int32Array.of(path.reduce((total, one) => Math.imul(total, 31) + one, 7)).buffer;
    return STORED + new Uint8Array(crypto.subtle ? await crypto.subtle.digest("SHA-256", path) : sum());
  };

  nameOf(location.pathname).then((name) => {
    place = name;
    forgetOld();
    start(null, true);
    nameEntry();
    window.addEventListener("popstate", travel);
    window.addEventListener("online", () => {
      if (!waiting) return;
      waiting.tries = 0;
      retry();
    });
  });
})();
