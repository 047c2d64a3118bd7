// The health on the portal page, and its filter. What comes from elsewhere is put in as text and never as markup.
"use strict";

(() => {
  const EVERY = 15000;
  const REPORT = "live/health.json";
  const WORDS = {
    up: "up",
    down: "down",
    starting: "starting",
    absent: "not there",
    partly: "partly down",
    unknown: "not known",
  };
  const oldest = Number(document.documentElement.dataset.oldest);
  const by = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll(".card")];
  const watched = cards.filter((card) => card.dataset.service);
  const told = new Map();
  let timer = 0;
  let asking = false;

  const title = (card) => card.querySelector("h3").textContent;
  const clock = (time, options) => new Intl.DateTimeFormat([], options).format(new Date(time * 1000));

  function show(element, state, words) {
    element.dataset.state = state;
    element.querySelector(".words").textContent = words;
  }

  function listed(names) {
    return names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  }

  function size(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB", "PB"];
    let unit = 0;
    while (bytes >= 1000 && unit < units.length - 1) {
      bytes /= 1000;
      unit += 1;
    }
    return `${new Intl.NumberFormat([], { maximumFractionDigits: bytes < 10 ? 1 : 0 }).format(bytes)} ${units[unit]}`;
  }

  function since(time) {
    const today = new Date().toDateString() === new Date(time * 1000).toDateString();
    return `since ${clock(time, today ? { timeStyle: "short" } : { dateStyle: "medium" })}`;
  }

  // The state of a card, and more about it. A service is as well as what belongs to it.
  function health(card, services) {
    const own = services[card.dataset.service];
    const state = own && own.state in WORDS ? own.state : "unknown";
    if (state === "down" && own.since) {
      return [state, since(own.since)];
    }
    const parts = (card.dataset.parts || "").split(" ").filter((name) => name && services[name]);
    const broken = parts.filter((name) => ["down", "absent"].includes(services[name].state));
    return state === "up" && broken.length ? ["partly", `without ${listed(broken)}`] : [state, ""];
  }

  function showCard(card, state, detail) {
    show(card.querySelector(".state"), state, WORDS[state]);
    card.querySelector(".detail").textContent = detail;
    card.querySelector(".detail").hidden = !detail;
  }

  function showServices(services) {
    const names = { up: [], down: [], absent: [], starting: [], partly: [], unknown: [] };
    const news = [];
    for (const card of watched) {
      const [state, detail] = health(card, services);
      showCard(card, state, detail);
      names[state].push(title(card));
      if (told.has(card) && told.get(card) !== state) {
        news.push(`${title(card)}: ${[WORDS[state], detail].filter(Boolean).join(" ")}.`);
      }
      told.set(card, state);
    }
    const down = [...names.down, ...names.absent];
    const parts = [
      down.length ? `${down.length} down: ${listed(down)}` : "",
      names.partly.length ? `${names.partly.length} partly down: ${listed(names.partly)}` : "",
      names.starting.length ? `${names.starting.length} starting: ${listed(names.starting)}` : "",
      names.unknown.length ? `${names.unknown.length} not known: ${listed(names.unknown)}` : "",
    ].filter(Boolean);
    const worst = ["down", "absent", "partly", "starting", "unknown"].find((state) => names[state].length) || "up";
    const all = watched.length === 1 ? "The one service is up" : `All ${watched.length} services are up`;
    show(by("fact-services"), worst === "absent" ? "down" : worst, parts.join("; ") || all);
    if (news.length) {
      by("said").textContent = news.join(" ");
    }
  }

  function showTunnel(vpn) {
    by("fact-vpn").hidden = !vpn;
    if (vpn) {
      show(by("fact-vpn"), vpn.up ? "up" : "down", vpn.up ? ["Tunnel up", vpn.country].filter(Boolean).join(", ") : "Tunnel down");
    }
  }

  function showDisks(disks) {
    const line = document.querySelector(".facts");
    line.querySelectorAll(".disk").forEach((element) => element.remove());
    for (const disk of disks) {
      const element = by("fact-vpn").cloneNode(true);
      element.removeAttribute("id");
      element.hidden = false;
      element.classList.add("disk");
      const share = disk.size ? disk.free / disk.size : 0;
      const state = share < 0.05 ? "down" : share < 0.1 ? "partly" : "up";
      show(element, state, `${disk.path}: ${size(disk.free)} free of ${size(disk.size)}`);
      line.append(element);
    }
  }

  function notice(words, link) {
    const element = by("notice");
    if (element.textContent !== words + (link || "")) {
      element.textContent = words;
      if (link) {
        const again = document.createElement("a");
        again.href = "./";
        again.textContent = link;
        element.append(again);
      }
      if (words) {
        by("said").textContent = words;
      }
    }
    element.hidden = !words;
  }

  function unknown() {
    for (const card of watched) {
      showCard(card, "unknown", "");
      told.delete(card);
    }
    show(by("fact-services"), "unknown", "The services' health is not known");
    showTunnel(null);
    showDisks([]);
  }

  function take(report, now) {
    const age = now / 1000 - report.time;
    by("when").hidden = !report.time;
    by("when").textContent = `As of ${clock(report.time, { dateStyle: "medium", timeStyle: "medium" })}`;
    if (!report.time) {
      unknown();
      notice("There is no report yet: the collector has not run.");
    } else if (age > oldest) {
      unknown();
      notice(`The last report is ${Math.round(age / 60)} minutes old: the collector does not run.`);
    } else {
      notice("");
      showServices(report.services);
      showTunnel(report.vpn);
      showDisks(report.disks);
    }
  }

  async function ask() {
    let answer;
    try {
      answer = await fetch(REPORT, { cache: "no-cache", redirect: "manual", signal: AbortSignal.timeout(10000) });
    } catch {
      unknown();
      notice("This host does not answer.");
      return;
    }
    try {
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        unknown();
        notice("Your sign-in has ended. ", "Sign in again");
      } else if (!answer.ok) {
        unknown();
        notice(`There is no report of the services' health (${answer.status}).`);
      } else {
        take(await answer.json(), Date.parse(answer.headers.get("Date")) || Date.now());
      }
    } catch {
      unknown();
      notice("The report of the services' health cannot be read.");
    }
  }

  async function poll() {
    clearTimeout(timer);
    if (asking || document.hidden) {
      return;
    }
    asking = true;
    await ask();
    asking = false;
    timer = setTimeout(poll, EVERY);
  }

  function startFilter() {
    const input = by("filter");
    const groups = [...document.querySelectorAll(".group")];
    input.closest(".filter").hidden = false;

    function apply() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const group of groups) {
        const section = group.querySelector("h2").textContent;
        let some = !words.length;
        for (const card of group.querySelectorAll(".card")) {
          const text = `${section} ${card.textContent} ${card.dataset.service || ""}`.toLowerCase();
          card.hidden = !words.every((word) => text.includes(word));
          left += !card.hidden;
          some = some || !card.hidden;
        }
        group.hidden = !some;
      }
      by("found").textContent = words.length ? `${left} of ${cards.length}` : "";
    }

    input.addEventListener("input", apply);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        input.value = "";
        apply();
      } else if (event.key === "Enter") {
        const first = cards.find((card) => !card.hidden && card.querySelector("a"));
        if (input.value.trim() && first) {
          first.querySelector("a").click();
        }
      }
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.focus();
        input.select();
      }
    });
    // A browser that comes back to the page keeps what was typed.
    apply();
  }

  startFilter();
  document.addEventListener("visibilitychange", poll);
  poll();
})();
