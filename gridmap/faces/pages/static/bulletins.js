// Asking for a bulletin, showing how far it is, cancelling it. Everything shown is text; nothing is HTML.
"use strict";
(() => {
  const POLL = 1000, LONGEST = 15000;
  const place = document.getElementById("jobs");
  const words = JSON.parse(place.dataset.words);
  const shown = new Map();

  const made = (tag, text, cls) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (cls) element.className = cls;
    return element;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

  function card(job) {
    const box = made("div", "", "job");
    const parts = {
      box,
      title: made("b", words.months[job.asked.month] || job.asked.month),
      state: made("span", "", "state"),
      bar: document.createElement("progress"),
      step: made("span", "", "quiet"),
      button: made("button", words.cancel_job, "small"),
      ended: false,
    };
    parts.button.type = "button";
    parts.bar.setAttribute("aria-label", parts.title.textContent);
    const head = made("p");
    head.append(parts.title, " ", parts.state, parts.button);
    const foot = made("p", "", "progress");
    foot.append(parts.bar, parts.step);
    box.append(head, foot);
    place.append(box);
    parts.button.addEventListener("click", () => (parts.ended ? box.remove() : cancel(job.href, parts)));
    return parts;
  }

  function show(job) {
    if (!shown.has(job.id)) shown.set(job.id, card(job));
    const parts = shown.get(job.id);
    parts.box.dataset.state = job.state;
    parts.state.textContent = words["job_" + job.state];
    if (job.state === "failed" && job.error) parts.state.textContent += " · " + job.error;
    if (job.state === "running" && job.steps) {
      parts.bar.max = job.steps;
      parts.bar.value = job.step - 1;
      parts.step.textContent =
        fill(words.step_of, { step: job.step, steps: job.steps }) + " " + (words["step_" + job.doing] || job.doing);
    } else {
      parts.bar.removeAttribute("value");
      parts.step.textContent = "";
    }
    parts.ended = ["done", "failed", "cancelled"].includes(job.state);
    if (parts.ended) {
      parts.bar.parentElement.hidden = true;
      parts.button.textContent = words.dismiss_job;
    }
    return parts.ended;
  }

  async function follow(job) {
    let wait = POLL;
    while (!show(job)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        const answer = await fetch(job.href);
        if (answer.status === 404) return shown.get(job.id).box.remove();
        if (!answer.ok) throw new Error(answer.status);
        job = await answer.json();
        wait = POLL;
      } catch {
        shown.get(job.id).state.textContent = words.job_lost;
        wait = Math.min(wait * 2, LONGEST);
      }
    }
    if (job.state === "done") await renew(job);
  }

  // the list as the server draws it now, in place of what is shown; the job's card says what has come of it
  async function renew(job) {
    const parts = shown.get(job.id);
    const made = new URL(job.result, location.href).searchParams;
    const text = await (await fetch(location.href)).text();
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const old of document.querySelectorAll("section.bulletin, p.none")) old.remove();
    document.querySelector("main").append(...fresh.querySelectorAll("section.bulletin, p.none"));
    const said = job.new ? words.job_done : words.job_same;
    parts.state.textContent = fill(said, { number: made.get("number") });
  }

  async function cancel(href, parts) {
    parts.button.disabled = true;
    try {
      const answer = await fetch(href, { method: "DELETE" });
      if (answer.ok) show(await answer.json());
    } catch {
      parts.state.textContent = words.job_lost;
    }
    parts.button.disabled = false;
  }

  async function ask(event) {
    event.preventDefault();
    const form = event.target, button = form.querySelector("button");
    button.disabled = true;
    try {
      const query = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action + "?" + query, { method: "POST" });
      const said = await answer.json();
      if (answer.ok) {
        follow(said);
      } else {
        const box = made("div", "", "job");
        box.append(made("p", said.detail, "state"));
        place.append(box);
      }
    } catch {
      const box = made("div", words.job_lost, "job");
      place.append(box);
      setTimeout(() => box.remove(), 5000);
    }
    button.disabled = false;
  }

  document.getElementById("making")?.addEventListener("submit", ask);
  for (const job of JSON.parse(place.dataset.living)) follow(job);
})();
