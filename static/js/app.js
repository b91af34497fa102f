// Small conveniences. Every page works without them; no text lives here, the page carries it.
"use strict";

(() => {
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  /** The error summary takes the focus, and its links take it on to the field they name. */
  function errors() {
    const box = document.querySelector("[data-error-summary]");
    if (!box) return;
    box.focus();
    box.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#"]');
      const field = link && document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      field.focus({ preventScroll: true });
      (field.closest(".field") || field).scrollIntoView({ block: "start" });
    });
  }

  /** A text size applies at once; the server is told so that the next page keeps it. */
  function textSize() {
    each("[data-set-size]", (link) => {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        document.documentElement.dataset.size = link.dataset.setSize;
        each("[data-set-size]", (other) => {
          if (other.dataset.setSize === link.dataset.setSize) other.setAttribute("aria-current", "true");
          else other.removeAttribute("aria-current");
        });
        fetch(link.href, { credentials: "same-origin", redirect: "manual" }).catch(() => {
          window.location.href = link.href;
        });
      });
    });
  }

  /** Reading aloud is offered only where the device has a voice for the language of the page. */
  function readAloud() {
    const speech = window.speechSynthesis;
    if (!speech || !window.SpeechSynthesisUtterance) return;
    each("[data-read-aloud]", (button) => readBy(button, speech));
  }

  function readBy(button, speech) {
    const language = document.documentElement.lang;
    const voice = () => speech.getVoices().find((v) => v.lang.slice(0, 2) === language.slice(0, 2));
    const offer = () => { button.hidden = !voice(); };
    offer();
    if (speech.addEventListener) speech.addEventListener("voiceschanged", offer);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      if (speech.speaking) { speech.cancel(); return; }
      const words = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
      words.lang = language;
      words.voice = voice() || null;
      words.rate = 0.85;
      words.onend = words.onerror = () => button.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", "true");
      speech.speak(words);
    });
    window.addEventListener("pagehide", () => speech.cancel());
  }

  /** A form that changes something is sent once, however often its button is pressed. */
  function sendOnce() {
    each('form[method="post"]', (form) => {
      form.addEventListener("submit", (event) => {
        if (form.dataset.sent) { event.preventDefault(); return; }
        form.dataset.sent = "yes";
        form.querySelectorAll('button[type="submit"]').forEach((b) => b.setAttribute("aria-disabled", "true"));
      });
    });
    window.addEventListener("pageshow", () => {
      each("form[data-sent]", (form) => {
        delete form.dataset.sent;
        form.querySelectorAll('button[type="submit"]').forEach((b) => b.removeAttribute("aria-disabled"));
      });
    });
  }

  /** Before a hold ends, the page says so in words; no seconds run down. */
  function holdWarning() {
    each("[data-warn-in]", (box) => {
      const seconds = Number(box.dataset.warnIn);
      if (!Number.isFinite(seconds)) return;
      window.setTimeout(() => { box.hidden = false; }, Math.max(0, seconds) * 1000);
    });
  }

  /** Printing needs a script, so its button appears only with one. */
  function printing() {
    each("[data-print]", (button) => {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    });
  }

  errors();
  textSize();
  readAloud();
  sendOnce();
  holdWarning();
  printing();
})();
