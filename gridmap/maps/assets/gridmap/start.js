// The end of every page: colours that the page's text names, then its maps and what is drawn on them.
(function () {
  "use strict";

  // The page's policy lets no style stand in its text, so text names colours and this sets them.
  var LOOKS = { fill: "backgroundColor", ink: "color", line: "border" };
  Object.keys(LOOKS).forEach(function (name) {
    document.querySelectorAll("[data-" + name + "]").forEach(function (node) { node.style[LOOKS[name]] = node.dataset[name]; });
  });

  var maps = {};
  document.querySelectorAll("[data-options]").forEach(function (node) {
    maps[node.id] = L.map(node, JSON.parse(node.dataset.options));
    if (maps[node.id].attributionControl) maps[node.id].attributionControl.setPrefix(false);
  });
  document.querySelectorAll("script[data-scene]").forEach(function (block) {
    var map = maps[block.dataset.map] || window[block.dataset.map]; // Folium's own maps are global names
    gridmap[block.dataset.scene](map, JSON.parse(block.textContent));
  });
})();
