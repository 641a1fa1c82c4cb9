// What helps and is not needed: searching a list, seeing limits as they are reached, dragging, the countdown, a guard against double clicks.
"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
  .replace(/ß/g, "ss").replace(/[øö]/g, "o").replace(/ł/g, "l").replace(/[đð]/g, "d").replace(/æ/g, "ae").replace(/ı/g, "i");

// A form is sent once.
for (const form of all("form")) form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => all("form").forEach((form) => delete form.dataset.sent));

// Search: every option stays in its place; those that do not fit are hidden.
const search = one("#search");
if (search) {
  const options = all("#contest li").map((item) => {
    const list = item.closest("details.list")?.querySelector("summary bdi")?.textContent ?? "";
    return { item, words: fold(item.textContent + " " + list) };
  });
  const found = one("#found"), find = one("#find");
  search.hidden = false;
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  find.addEventListener("input", () => {
    const words = fold(find.value).split(/\s+/).filter(Boolean);
    let seen = 0;
    for (const { item, words: text } of options) {
      item.hidden = !words.every((word) => text.includes(word));
      seen += item.hidden ? 0 : 1;
    }
    for (const list of all("details.list")) {
      list.hidden = all("li", list).every((item) => item.hidden);
      if (words.length) list.open = true;
    }
    found.textContent = words.length ? search.dataset.found.replace("%n", seen) : "";
  });
}

// Limits, said as they are reached. Choosing more than allowed is not possible.
const contest = one("#contest"), limit = one("#limit");
if (contest?.dataset.max) {
  const boxes = all("input[type=checkbox]", contest), most = Number(contest.dataset.max);
  const blank = boxes.find((box) => box.value === "blank");
  const chosen = () => boxes.filter((box) => box.checked && box !== blank);
  const show = (refused) => {
    const n = chosen().length, full = n >= most;
    for (const box of boxes) {
      const off = !box.checked && (box === blank ? n > 0 : full || blank?.checked);
      box.setAttribute("aria-disabled", off ? "true" : "false");
      box.closest(".option").toggleAttribute("data-off", Boolean(off));
    }
    const count = contest.dataset.count.replace("%n", n);
    limit.textContent = full && most < boxes.length || refused ? count + " " + contest.dataset.full : count;
  };
  for (const box of boxes) box.addEventListener("click", (event) => {
    const refused = box.checked && box.getAttribute("aria-disabled") === "true";
    if (refused) event.preventDefault();
    setTimeout(() => show(refused));
  });
  show(false);
}
if (contest?.dataset.total) {
  const fields = all("input[type=number]", contest), total = Number(contest.dataset.total);
  const sum = () => fields.reduce((n, field) => n + (Number(field.value) || 0), 0);
  const show = () => { limit.textContent = contest.dataset.sum.replace("%n", sum()); };
  for (const field of fields) field.addEventListener("input", () => {
    const over = sum() - total;
    if (over > 0) field.value = Math.max(0, Number(field.value) - over);
    show();
  });
  show();
}

// Ranking by dragging, beside the buttons.
const ranking = one("ol.ranking");
if (ranking) {
  let dragged = null;
  for (const item of all("li", ranking)) {
    item.draggable = true;
    item.addEventListener("dragstart", (event) => { dragged = item; item.classList.add("dragged"); event.dataTransfer.effectAllowed = "move"; });
    item.addEventListener("dragend", () => all("li", ranking).forEach((other) => other.classList.remove("dragged", "over")));
    item.addEventListener("dragover", (event) => { if (dragged) { event.preventDefault(); item.classList.toggle("over", item !== dragged); } });
    item.addEventListener("dragleave", () => item.classList.remove("over"));
    item.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!dragged || dragged === item) return;
      const items = all("li", ranking);
      items.indexOf(dragged) < items.indexOf(item) ? item.after(dragged) : item.before(dragged);
      const form = document.createElement("form");
      form.method = "post";
      form.action = ranking.dataset.rank;
      const put = (name, value) => { const field = document.createElement("input"); field.type = "hidden"; field.name = name; field.value = value; form.append(field); };
      put("key", ranking.dataset.key);
      put("order", all("li", ranking).map((row) => row.dataset.at).join(","));
      document.body.append(form);
      form.submit();
    });
  }
}

// Time, and what has changed meanwhile. Asking this is no step of the voter.
const waiting = one("[data-wait]"), idle = one("#idle"), gone = one("#gone"), countdown = one("#countdown");
let misses = 0;
const stay = () => fetch("/stay", { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "key=" + idle.dataset.key })
  .then(() => { idle.hidden = true; idle.replaceChildren(); });
const ask = async () => {
  try {
    const state = await (await fetch("/state", { cache: "no-store" })).json();
    misses = 0;
    if (countdown && state.clock && countdown.textContent !== state.clock) countdown.textContent = state.clock;
    if (waiting && String(state.changes) !== document.body.dataset.changes) return location.reload();
    if (idle && state.left !== null && state.left < 300 && idle.hidden) {
      const text = document.createElement("p"), button = document.createElement("button");
      text.textContent = idle.dataset.text;
      button.textContent = idle.dataset.button;
      button.addEventListener("click", stay);
      idle.replaceChildren(text, button);
      idle.hidden = false;
    }
  } catch {
    misses += 1;
    if (misses >= 3 && gone && gone.hidden) { gone.textContent = gone.dataset.text; gone.hidden = false; }
  }
  setTimeout(ask, waiting ? 700 : 15000);
};
if (gone) setTimeout(ask, waiting ? 700 : 15000);
