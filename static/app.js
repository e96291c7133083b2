/* Comfort only: every page works without this file. */
(function () {
  "use strict";

  function each(selector, act) { document.querySelectorAll(selector).forEach(act); }

  function fold(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
  }

  function element(name, attributes, text) {
    var made = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text) { made.textContent = text; }
    return made;
  }

  /* A double click sends a form once; coming back with the browser's own button arms it again. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) { return; }
    if (event.submitter && event.submitter.hasAttribute("data-download")) { return; } /* the page stays */
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("[type=submit]").forEach(function (button) { button.setAttribute("aria-disabled", "true"); });
  });
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[type=submit]").forEach(function (button) { button.removeAttribute("aria-disabled"); });
    });
  });

  /* The part of an address behind "#" never reaches the server: the sign-in form takes it along. */
  each(".public input[name=next]", function (input) {
    if (input.value && location.hash && !input.value.includes("#")) { input.value += location.hash; }
  });

  /* A typed deadline is read while typing: GET data-reading-url?q=… answers {"text": …, "ok": …}. */
  each("[data-reading-url]", function (input) {
    var output = document.getElementById(input.id + "-reading"), timer, asked = 0;
    if (!output || !window.fetch) { return; }
    input.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(function () {
        var mine = ++asked;
        if (!input.value.trim()) { output.textContent = ""; return; }
        var url = new URL(input.dataset.readingUrl, location.href);
        url.searchParams.set("q", input.value);
        fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
          .then(function (answer) { return answer.ok ? answer.json() : { text: "", ok: true }; })
          .then(function (reading) {
            if (mine !== asked) { return; }
            output.textContent = reading.text || "";
            output.dataset.ok = String(reading.ok !== false);
          })
          .catch(function () { if (mine === asked) { output.textContent = ""; } });
      }, 300);
    });
  });

  /* A day may be picked as well as typed. */
  each("input[data-day]", function (input) {
    var native = element("input", { type: "date", tabindex: "-1", "aria-hidden": "true" });
    if (native.type !== "date" || !native.showPicker) { return; }
    var box = element("span", { "class": "day-picker" });
    var button = element("button", { type: "button", "class": "btn btn-plain" }, input.dataset.day);
    box.append(button, native);
    input.after(box);
    button.addEventListener("click", function () {
      var typed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(input.value.trim());
      native.value = typed ? typed[3] + "-" + typed[2].padStart(2, "0") + "-" + typed[1].padStart(2, "0") : "";
      native.showPicker();
    });
    native.addEventListener("change", function () {
      if (!native.value) { return; }
      input.value = native.value.split("-").reverse().join("/");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    });
  });

  /* Type to find in a long select or a long list of checkboxes. What is chosen stays in sight. */
  function findBox(labelText, owner) {
    var line = element("div", { "class": "find-line" });
    var input = element("input", { type: "search", "class": "form-control", placeholder: labelText, "aria-label": labelText, autocomplete: "off" });
    input.addEventListener("keydown", function (event) { if (event.key === "Enter") { event.preventDefault(); } });
    line.append(input);
    owner.before(line);
    return input;
  }
  each("select[data-find]", function (select) {
    var options = Array.from(select.options), folded = options.map(function (option) { return fold(option.text); });
    if (options.length < 8) { return; }
    var input = findBox(select.dataset.find + ": " + (select.labels[0] ? select.labels[0].textContent.trim() : ""), select.closest(".field-line"));
    input.addEventListener("input", function () {
      var wanted = fold(input.value.trim()), matches = [];
      options.forEach(function (option, n) {
        var match = !wanted || folded[n].includes(wanted);
        option.hidden = !match && !option.selected;
        option.disabled = option.hidden;
        if (match && option.value) { matches.push(option); }
      });
      if (wanted && matches.length === 1) {
        matches[0].selected = true;
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  });
  each("fieldset[data-find]", function (fieldset) {
    var choices = Array.from(fieldset.querySelectorAll(".choice"));
    if (choices.length < 8) { return; }
    var first = fieldset.querySelector(".choices, .choice-group"), input = findBox(fieldset.dataset.find, first);
    var folded = choices.map(function (choice) { return fold(choice.textContent); });
    input.addEventListener("input", function () {
      var wanted = fold(input.value.trim());
      choices.forEach(function (choice, n) {
        choice.hidden = Boolean(wanted) && !folded[n].includes(wanted) && !choice.querySelector("input").checked;
      });
      fieldset.querySelectorAll(".choice-group").forEach(function (group) {
        group.hidden = !group.querySelector(".choice:not([hidden])");
      });
    });
  });

  /* Tick a whole group of units at once; the tick follows the group and the group the tick. */
  each(".choice-group", function (group) {
    var boxes = Array.from(group.querySelectorAll("input[type=checkbox]"));
    if (boxes.length < 2) { return; }
    var id = boxes[0].id + "-all", all = element("input", { type: "checkbox", "class": "form-check-input", id: id });
    var line = element("div", { "class": "choice" });
    line.append(all, element("label", { "for": id }, group.dataset.all));
    group.querySelector(".choices").before(line);
    function follow() {
      var ticked = boxes.filter(function (box) { return box.checked; }).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    all.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = all.checked; }); });
    group.addEventListener("change", function (event) { if (event.target !== all) { follow(); } });
    follow();
  });

  /* On narrow screens the filters fold away, except where something is chosen. */
  if (window.matchMedia("(max-width: 991.98px)").matches) {
    each(".page-aside .filter-group", function (group) { group.open = Boolean(group.querySelector("[aria-current]")); });
  }

  /* What is under way is looked at again; the page stays where it is. Without this file it reloads itself. */
  each("[data-look-again]", function (region) {
    if (!window.fetch || !window.DOMParser) { return; }
    function look() {
      if (document.hidden) { setTimeout(look, 1000); return; }
      fetch(location.href, { credentials: "same-origin" })
        .then(function (answer) { return answer.text(); })
        .then(function (page) {
          var fresh = new DOMParser().parseFromString(page, "text/html").getElementById(region.id);
          if (!fresh) { location.reload(); return; }
          if (!region.contains(document.activeElement)) { region.innerHTML = fresh.innerHTML; }
          if (fresh.dataset.lookAgain) { setTimeout(look, 1000 * fresh.dataset.lookAgain); }
        })
        .catch(function () { setTimeout(look, 10000); });
    }
    setTimeout(look, 1000 * region.dataset.lookAgain);
  });

  /* Copy a table as tab-separated text, so that it pastes into Excel: each figure in its column, without its change. */
  function textOf(cell) {
    var copy = cell.cloneNode(true);
    Array.from(copy.querySelectorAll(".change")).forEach(function (change) { change.remove(); });
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  function lineOf(row, held) {
    var line = [];
    function skipHeld() { while (held[line.length]) { held[line.length] -= 1; line.push(""); } }
    Array.from(row.cells).forEach(function (cell) {
      skipHeld();
      for (var column = 0; column < cell.colSpan; column += 1) {
        held[line.length] = cell.rowSpan - 1;
        line.push(column ? "" : textOf(cell));
      }
    });
    skipHeld();
    return line.join("\t");
  }

  each("[data-copy-table]", function (button) {
    var table = document.getElementById(button.dataset.copyTable);
    if (!table || !navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var held = [];
      var lines = Array.from(table.rows).map(function (row) { return lineOf(row, held); });
      navigator.clipboard.writeText(lines.join("\n")).then(function () {
        var label = button.textContent;
        button.textContent = button.dataset.done;
        setTimeout(function () { button.textContent = label; }, 2000);
      });
    });
  });

  /* Copy a text that stands in a field; where the clipboard is closed (plain http) the older way, then by hand. */
  each("[data-copy-text]", function (button) {
    var field = document.getElementById(button.dataset.copyText), told = button.nextElementSibling;
    function say(done) { told.textContent = done ? button.dataset.done : button.dataset.failed; }
    function copyByHand() {
      field.focus();
      field.select();
      try { say(document.execCommand("copy")); } catch (_refused) { say(false); }
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      told.textContent = "";
      if (!navigator.clipboard) { copyByHand(); return; }
      navigator.clipboard.writeText(field.value).then(function () { say(true); }, copyByHand);
    });
  });

  /* A paper that is read: a click on the words of a task shows it on the other side; words selected in the
     paper are put where a task is added. */
  each("[data-part]", function (words) {
    words.addEventListener("click", function (event) {
      if (!event.target.closest("a") && String(document.getSelection()) === "") { location.hash = words.dataset.part; }
    });
  });
  each("[data-selected-from]", function (field) {
    var paper = document.querySelector(field.dataset.selectedFrom);
    document.addEventListener("selectionchange", function () {
      var chosen = document.getSelection();
      if (chosen.rangeCount && !chosen.isCollapsed && paper.contains(chosen.anchorNode) && paper.contains(chosen.focusNode)) {
        field.value = String(chosen).trim();
      }
    });
  });

  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
