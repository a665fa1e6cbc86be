// The words of the page in the language that is wanted now. Both languages lie in the shell, which has no network to ask.
const both = JSON.parse(document.getElementById("my-words").textContent);
const wanted = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("gridmap-lang");

export const lang = wanted in both.words ? wanted : document.documentElement.dataset.lang;
export const words = both.words[lang];
// kinds of things with (Chinese, English) names: states, findings, milestones, kinds of area and place
export const called = (what, code) => both.names[what][code]?.[lang === "zh" ? 0 : 1] ?? code;
export const codes = (what) => Object.keys(both.names[what]);
// A time as it is said in a line: day and minute.
export const moment = (text) => new Date(text).toLocaleString(lang === "zh" ? "zh-CN" : "en-GB",
  { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
export const titled = (each) => (lang === "en" && each.name_en) || each.name;

// The shell was written in one language; say it in the other where that is wanted.
export function translate() {
  localStorage.setItem("gridmap-lang", lang);
  document.documentElement.lang = both.html_lang[lang];
  document.title = words.my_title;
  document.getElementById("language").href = `/my?lang=${lang === "zh" ? "en" : "zh"}`;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = words[node.dataset.word];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words[node.dataset.label]);
  for (const node of document.querySelectorAll("[data-hint]")) node.placeholder = words[node.dataset.hint];
}
