// The page around check.wasm: fetches what the module asks for, and shows its answer as text. It sends nothing but these requests, and
// the token to the collector for the pad. Spec: 16-second-device.
"use strict";

const at = id => document.getElementById(id);
const LANGUAGES = { et: "Eesti", en: "English", ru: "Русский", uk: "Українська", lv: "Latviešu" };
let words, config, wasm;

const text = bytes => new TextDecoder().decode(bytes);
const json = async path => (await fetch(path, { credentials: "omit" })).json();

/** Writes into the module's room; `first` and `second` one after the other. */
function put(first, second = new Uint8Array()) {
  const place = wasm.room(first.length + second.length);
  const room = new Uint8Array(wasm.memory.buffer, place, first.length + second.length);
  room.set(first);
  room.set(second, first.length);
}

/** What the module answers to a question. */
function ask(question) {
  put(new TextEncoder().encode(JSON.stringify(question)));
  const length = wasm.ask();
  return JSON.parse(text(new Uint8Array(wasm.memory.buffer, wasm.answer(), length)));
}

/** Fetches a file of the board and hands it to the module. */
async function fetchFile(path) {
  const reply = await fetch(config.board + "/" + path, { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" });
  if (!reply.ok && reply.status !== 404) throw new Error("status " + reply.status);
  const bytes = reply.ok ? new Uint8Array(await reply.arrayBuffer()) : new Uint8Array();
  const name = new TextEncoder().encode(path);
  put(name, bytes);
  wasm.give(name.length, reply.ok ? 1 : 0);
}

/** The pad for a token; nothing if the collector has none. */
async function fetchPad(token) {
  const body = Uint8Array.from(token.match(/../g), byte => parseInt(byte, 16));
  const reply = await fetch(config.collector + "/v1/check", { method: "POST", body, credentials: "omit", referrerPolicy: "no-referrer" });
  if (reply.status === 404) return null;
  if (!reply.ok) throw new Error("status " + reply.status);
  return reply.json();
}

/** The whole check: the board first, the pad last, so that none is used up in vain. */
async function check(code, person) {
  const question = { election: config.election, code, person };
  wasm.forget();
  for (let grown = 0; ;) {
    const answer = ask(question);
    if (answer.need) {
      for (const path of answer.need) await fetchFile(path);
    } else if (answer.ask) {
      const pad = await fetchPad(answer.ask);
      if (!pad) return { refused: { rule: "CHECK-9", text: "" } };
      Object.assign(question, { pad: pad.pad, blinding: pad.blinding });
    } else if (answer.refused?.rule === "missing" && grown++ < 5) {
      wasm.forget(); // the log has grown under us
      await new Promise(done => setTimeout(done, 500));
    } else {
      return answer;
    }
  }
}

function add(parent, name, content) {
  const element = document.createElement(name);
  element.textContent = content;
  parent.append(element);
  return element;
}

/** What was chosen in one contest. */
function inWords(contest) {
  if (contest.blank) return words.blank;
  const one = option => {
    const title = option.group ? `${option.title} (${option.group})` : option.title;
    if (option.value === null) return title;
    return contest.ranked ? `${option.value}. ${title}` : `${title}: ${option.value}`;
  };
  return contest.chosen.map(one).join(", ") || words.nothing;
}

function show(answer) {
  const result = at("result");
  result.replaceChildren();
  result.className = answer.shown ? "good" : "bad";
  if (answer.refused) {
    const { rule, text } = answer.refused;
    add(result, "h2", words.refused);
    add(result, "p", words.rules[rule] ?? words.rules.other);
    add(result, "p", `${rule} ${text}`);
    if (rule !== "CHECK-1" && rule !== "CHECK-9" && rule !== "missing" && rule !== "network") add(result, "p", words.advice);
  } else {
    const shown = answer.shown;
    add(result, "h2", shown.challenged ? words.challenged : words.good);
    add(result, "p", `${shown.title}, ${shown.district}`);
    const list = add(result, "dl", "");
    for (const contest of shown.contests) {
      add(list, "dt", contest.title);
      add(list, "dd", inWords(contest));
    }
    add(result, "p", `${words.entry} ${shown.index}. ${words.number} ${shown.number}.`);
    add(result, "p", `${words.tracker} ${shown.tracker}`);
    if (shown.challenged) {
      add(result, "p", words.compare_tracker);
    } else {
      add(result, "p", shown.person ? words.yours : words.not_yours);
      add(result, "p", words.still);
    }
  }
  result.focus();
}

async function submit(event) {
  event.preventDefault();
  const result = at("result");
  result.className = "";
  result.replaceChildren();
  add(result, "p", words.working);
  at("check").disabled = true;
  try {
    show(await check(at("code").value.replace(/\s/g, ""), at("person").value.trim()));
  } catch (error) {
    show({ refused: { rule: "network", text: String(error.message ?? error) } });
  }
  at("check").disabled = false;
}

/** Reads a QR code with the camera, where the browser can. */
async function scan() {
  const video = at("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const stop = () => {
    stream.getTracks().forEach(track => track.stop());
    video.hidden = true;
  };
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  for (const end = Date.now() + 60000; Date.now() < end;) {
    const [found] = await detector.detect(video);
    if (found) {
      at("code").value = found.rawValue;
      break;
    }
    await new Promise(done => setTimeout(done, 200));
  }
  stop();
  at("person").focus();
}

async function speak(language) {
  words = await json(`words.${language}.json`);
  document.documentElement.lang = language;
  document.title = words.title;
  document.querySelectorAll("[data-words]").forEach(element => { element.textContent = words[element.dataset.words]; });
  at("result").replaceChildren();
  at("result").className = "";
}

async function start() {
  config = await json("election.json");
  const own = navigator.languages.map(tag => tag.slice(0, 2)).find(tag => LANGUAGES[tag]) ?? "en";
  for (const [tag, name] of Object.entries(LANGUAGES)) at("language").append(new Option(name, tag, false, tag === own));
  at("language").addEventListener("change", event => speak(event.target.value));
  await speak(own);
  at("election").textContent = config.election;
  const module = await fetch("check.wasm", { credentials: "omit" });
  wasm = (await WebAssembly.instantiate(await module.arrayBuffer(), {})).instance.exports;
  if (location.hash.length > 1) {
    at("code").value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname); // the code stays in no history
  }
  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    at("camera").hidden = false;
    at("scan").addEventListener("click", () => scan().catch(() => { at("camera").hidden = true; }));
  }
  at("form").addEventListener("submit", submit);
  document.body.dataset.ready = "yes";
}

start();
