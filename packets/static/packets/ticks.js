// Keeps the count on the button true while students are ticked, and offers one box that ticks or unticks all of them.
// Without this script the form works the same: what is ticked when it is sent counts.
(() => {
  const form = document.querySelector("form[data-ticks]");
  const boxes = () => [...form.querySelectorAll("input[name=students]")];

  function show() {
    const all = form.querySelector("[data-tick-all]");
    const button = form.querySelector("[data-many]");
    if (!all || !button) return;
    const ticked = boxes().filter((box) => box.checked).length;
    all.hidden = false;
    all.checked = ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
    button.textContent = ticked === 1 ? button.dataset.one : button.dataset.many.replace("#", ticked);
    button.disabled = ticked === 0;
  }

  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) {
      boxes().forEach((box) => { box.checked = event.target.checked; });
    }
    show();
  });
  // The Return key presses the first button of a form: in a text that is not the one to find students.
  form.addEventListener("keydown", (event) => {
    const name = event.target.name === "save_as" ? "[name=save]" : "[data-many]";
    const button = form.querySelector(name);
    if (event.key === "Enter" && event.target.matches("input[type=text]") && button) {
      event.preventDefault();
      form.requestSubmit(button);
    }
  });
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show);
  show();
})();
