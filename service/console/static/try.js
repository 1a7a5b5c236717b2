// The time slider of the page "Try it": shows the panels of the chosen moment at once, and moves the line in the pictures.
// Without scripts the button beside the slider does the same by sending the form.

function choose(slider) {
  const place = Number(slider.value);
  const moment = document.querySelector("#moment");
  moment.textContent = moment.dataset.moments.split("|")[place];
  for (const panel of document.querySelectorAll("[data-first]")) {
    panel.hidden = place < Number(panel.dataset.first) || place > Number(panel.dataset.last);
  }
  for (const figure of document.querySelectorAll("[data-places]")) {
    const x = figure.dataset.places.split(",")[place];
    figure.querySelector("[data-here]").setAttribute("transform", `translate(${x} 0)`);
  }
}

function showButtons(root) {
  for (const one of root.querySelectorAll("[data-script-step]")) one.hidden = false;
}

const answer = document.querySelector("#answer");
if (answer) {
  answer.addEventListener("input", (event) => {
    if (event.target.matches("[data-slider]")) choose(event.target);
  });
  answer.addEventListener("click", (event) => {
    const button = event.target.closest("[data-script-step]");
    if (!button) return;
    const slider = answer.querySelector("[data-slider]");
    slider.value = String(Number(slider.value) + Number(button.dataset.scriptStep));
    choose(slider);
  });
  new MutationObserver(() => showButtons(answer)).observe(answer, { childList: true });
  showButtons(answer);
}
