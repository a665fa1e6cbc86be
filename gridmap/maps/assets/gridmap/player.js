// A month day by day: play and pause, a slider with its date, days alone or added up.
(function () {
  "use strict";
  var el = gridmap.el, STEP_MS = 700;

  // data.daily: { month, days, url } or { month, days, items }; `paint(counts, last)` colours the grids by their counts
  // up to a day, `paint(null)` by the month's again.
  gridmap.player = function (map, data, paint) {
    var words = data.words, daily = data.daily, counts = null, timer = null, day = daily.days;
    var button = el("button", { type: "button", class: "play", "aria-pressed": "false" }, "▶ " + words.play);
    var slider = el("input", { type: "range", min: 1, max: daily.days, step: 1, value: daily.days, "aria-label": words.day });
    var shown = el("output", { class: "day" }, "");
    var sum = el("input", { type: "checkbox", checked: "checked" });
    var note = el("span", { class: "player-note", role: "status" }, "");
    var close = el("button", { type: "button", class: "close", "aria-label": words.whole_month, title: words.whole_month }, "×");
    var rest = el("span", { class: "player-rest", hidden: "hidden" }, [slider, shown, el("label", {}, [sum, words.cumulative]), close]);
    var bar = el("div", { class: "player", role: "group", "aria-label": words.play }, [button, rest, note]);
    map.getContainer().parentNode.append(bar);
    if (!daily.url && !daily.items) { // a file that would be too large with them
      button.hidden = true;
      note.textContent = words.daily_left_out;
    }

    function date(number) { return daily.month + "-" + (number < 10 ? "0" : "") + number; }
    function take(items) {
      counts = {};
      items.forEach(function (item) { if (item.code !== null) counts[item.code] = item.counts; });
      var differs = data.grids.features.some(function (feature) {
        var p = feature.properties, all = (counts[p.code] || []).reduce(function (a, b) { return a + b; }, 0);
        return p.count !== all;
      });
      note.textContent = differs ? words.daily_differs : "";
    }
    function load(then) {
      if (counts) { then(); return; }
      if (daily.items) { take(daily.items); then(); return; }
      note.textContent = words.daily_loading;
      fetch(daily.url).then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      }).then(function (told) { take(told.items); then(); }).catch(function () { note.textContent = words.daily_failed; });
    }
    function draw() {
      var at = {};
      Object.keys(counts).forEach(function (code) {
        at[code] = sum.checked ? counts[code].slice(0, day).reduce(function (a, b) { return a + b; }, 0) : counts[code][day - 1];
      });
      slider.value = day;
      slider.setAttribute("aria-valuetext", date(day));
      shown.textContent = date(day);
      paint(at);
    }
    function stop() {
      clearInterval(timer);
      timer = null;
      button.setAttribute("aria-pressed", "false");
      button.textContent = "▶ " + words.play;
    }
    function go(next) { day = Math.min(Math.max(next, 1), daily.days); draw(); }
    function play() {
      rest.hidden = false;
      go(day >= daily.days ? 1 : day);
      button.setAttribute("aria-pressed", "true");
      button.textContent = "❚❚ " + words.pause;
      timer = setInterval(function () { if (day >= daily.days) stop(); else go(day + 1); }, STEP_MS);
    }
    function end() { stop(); rest.hidden = true; day = daily.days; note.textContent = ""; paint(null); button.focus(); }

    button.addEventListener("click", function () { if (timer) stop(); else load(play); });
    slider.addEventListener("input", function () { stop(); load(function () { go(Number(slider.value)); }); });
    sum.addEventListener("change", function () { if (counts) draw(); });
    close.addEventListener("click", end);
    bar.addEventListener("keydown", function (event) { if (event.key === "Escape" && !rest.hidden) end(); });
    L.DomEvent.disableClickPropagation(bar);
    return { show: function (yes) { bar.hidden = !yes; if (!yes && !rest.hidden) { stop(); rest.hidden = true; day = daily.days; paint(null); } } };
  };
})();
