// Tells at once whether what is typed is JSON. The server judges it all the same.
(function () {
  "use strict";
  function check(area) {
    let problem = "";
    if (area.value.trim() !== "") {
      try {
        JSON.parse(area.value);
      } catch (error) {
        problem = "This is no JSON: " + error.message;
      }
    }
    area.setCustomValidity(problem);
    area.classList.toggle("pocket-invalid", problem !== "");
    area.setAttribute("aria-invalid", problem === "" ? "false" : "true");
    area.title = problem;
  }
  function watch(root) {
    root.querySelectorAll("textarea[data-pocket-json]").forEach(function (area) {
      area.addEventListener("input", function () { check(area); });
      check(area);
    });
  }
  document.addEventListener("DOMContentLoaded", function () { watch(document); });
  document.addEventListener("formset:added", function (event) { watch(event.target); });
})();
