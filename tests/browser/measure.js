// Reads from the open page what senior-first design puts numbers on: every visible text with its
// size, line height and contrast, every target with its box, the gaps between targets, and facts of
// the page as a whole. Walks open shadow roots too. Evaluated in the page; changes nothing.
() => {
  const TARGETS =
    'a[href], button, select, textarea, input:not([type="hidden"]), summary, [role="button"], ' +
    '[role="link"], [role="tab"], [role="checkbox"], [role="radio"], [onclick], [tabindex="0"]';
  const FIELDS = 'input:not([type="hidden"]):not([type="submit"]):not([type="button"]), select, textarea';

  const BODY = "p, li, label, legend, dt, dd, td, th, caption";

  const parse = (colour) => {
    const [r, g, b, a = "1"] = (colour.match(/[\d.]+/g) || ["0", "0", "0", "0"]);
    return { r: +r, g: +g, b: +b, a: +a };
  };
  const over = (top, base) => ({
    r: top.r * top.a + base.r * (1 - top.a),
    g: top.g * top.a + base.g * (1 - top.a),
    b: top.b * top.a + base.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((v) => {
      const c = v / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const parentOf = (el) => el.parentElement || (el.getRootNode() instanceof ShadowRoot ? el.getRootNode().host : null);
  const backdrop = (el) => {
    const layers = [];
    for (let at = el; at; at = parentOf(at)) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a === 1) break;
    }
    return layers.reverse().reduce((base, top) => over(top, base), { r: 255, g: 255, b: 255, a: 1 });
  };
  const contrast = (el) => {
    const base = backdrop(el);
    const ink = over(parse(getComputedStyle(el).color), base);
    const [hi, lo] = [luminance(base), luminance(ink)].sort((p, q) => q - p);
    return (hi + 0.05) / (lo + 0.05);
  };
  const box = (el) => {
    const { left, top, right, bottom, width, height } = el.getBoundingClientRect();
    return { left: left + scrollX, top: top + scrollY, right: right + scrollX, bottom: bottom + scrollY, width, height };
  };
  // Hidden from sight with everything inside it: not rendered, clipped to nothing, or parked outside.
  const gone = (el, style) => {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: false })) return style.display !== "contents";
    if (style.clipPath === "inset(50%)" || style.clip === "rect(0px, 0px, 0px, 0px)") return true;
    const at = box(el);
    return at.width > 0 && at.height > 0 && (at.right <= 0 || at.bottom <= 0);
  };
  const path = (el) =>
    el.tagName.toLowerCase() + (el.id ? `#${el.id}` : "") + (el.classList.length ? `.${[...el.classList].join(".")}` : "");
  const words = (el) => (el.innerText || el.value || el.getAttribute("aria-label") || "").trim().replace(/\s+/g, " ").slice(0, 40);
  const languageOf = (el) => {
    for (let at = el; at; at = parentOf(at)) if (at.lang) return at.lang;
    return "";
  };

  const texts = [];
  const targets = [];
  const fields = [];
  const hidden = [];
  const seen = [];

  const readText = (el, style, own) => {
    const size = parseFloat(style.fontSize);
    texts.push({
      where: path(el), words: own.slice(0, 40), size,
      ratio: style.lineHeight === "normal" ? 1.15 : parseFloat(style.lineHeight) / size,
      contrast: contrast(el), lang: languageOf(el), chinese: /[\u3400-\u9fff]/.test(own),
      body: el.matches(BODY) && !el.closest("header, nav"),
      across: own.length > 20 ? box(el).width / size : 0,
    });
  };
  const readTarget = (el, style) => {
    const ticking = el.matches('input[type="radio"], input[type="checkbox"]');
    const shown = (ticking && el.closest("label")) || el;
    const running = style.display === "inline" && el.closest("p, li, td, dd") && !el.closest("nav");
    const rect = box(shown);
    if (running || rect.width === 0 || rect.height === 0) return;
    const primary = el.matches(".btn--primary, [data-primary]");
    targets.push({
      where: path(el), words: words(shown), primary, nav: Boolean(el.closest("nav, header")),
      tel: (el.getAttribute("href") || "").startsWith("tel:"), ...rect,
    });
    seen.push(shown);
  };
  // Words that no eye sees: choices of a closed list, and what a screen reader says.
  const readHidden = (el) => {
    const attributes = ["aria-label", "alt", "placeholder", "title"].map((name) => el.getAttribute(name));
    const choices = el.tagName === "SELECT" ? [...el.options].map((one) => one.label) : [];
    for (const said of [...attributes, ...choices]) {
      if (said && /[\u3400-\u9fff]/.test(said)) hidden.push({ where: path(el), words: said.slice(0, 40), lang: languageOf(el) });
    }
  };
  const readField = (el) => {
    const labels = [...(el.labels || [])];
    const named = labels.some((label) => label.checkVisibility() && label.innerText.trim() !== "");
    const group = el.type === "radio" || el.type === "checkbox" ? `${el.type}:${el.name}` : `one:${fields.length}`;
    fields.push({ where: path(el), name: el.name, group, labelled: named });
  };
  // A form's own properties are hidden by inputs of the same name, so its children are asked for plainly.
  const childrenOf = (root) => (root instanceof ShadowRoot ? root.children : Reflect.get(Element.prototype, "children", root));
  const walk = (root) => {
    for (const el of childrenOf(root)) {
      if (["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "OPTION"].includes(el.tagName)) continue;
      const style = getComputedStyle(el);
      if (gone(el, style)) continue;
      if (style.visibility === "visible") {
        const own = [...el.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.data).join("").trim();
        if (own && el.getClientRects().length) readText(el, style, own);
        else if (el.matches("input, select, textarea") && !["radio", "checkbox"].includes(el.type)) {
          // A control holds one line, and browsers fix its line height: only size and colour count.
          const size = style.fontSize;
          readText(el, { fontSize: size, lineHeight: `${1.6 * parseFloat(size)}px` }, el.value || "");
        }
        readHidden(el);
        if (el.matches(TARGETS)) readTarget(el, style);
        if (el.matches(FIELDS)) readField(el);
      }
      if (el.shadowRoot) walk(el.shadowRoot);
      walk(el);
    }
  };
  walk(document.body);

  const gaps = [];
  for (let i = 0; i < targets.length; i += 1) {
    for (let j = i + 1; j < targets.length; j += 1) {
      if (seen[i].contains(seen[j]) || seen[j].contains(seen[i])) continue;
      const [a, b] = [targets[i], targets[j]];
      const x = Math.max(0, Math.max(a.left, b.left) - Math.min(a.right, b.right));
      const y = Math.max(0, Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom));
      const gap = Math.hypot(x, y);
      if (gap < 16) gaps.push({ first: a.words || a.where, second: b.words || b.where, gap });
    }
  }

  const summary = document.querySelector('[data-error-summary], .errors[role="alert"]');
  const link = summary && summary.querySelector('a[href^="#"]');
  const meta = document.querySelector('meta[name="viewport"]');
  return {
    texts, targets, gaps, fields, hidden,
    page: {
      lang: document.documentElement.lang,
      title: document.title,
      viewport: meta ? meta.content : "",
      scrollWidth: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
      rootSize: parseFloat(getComputedStyle(document.body).fontSize),
      h1: document.querySelectorAll("h1").length,
      elements: document.querySelectorAll("*").length,
      summary: Boolean(summary),
      summaryFocused: Boolean(summary) && document.activeElement === summary,
      summaryTarget: !link || Boolean(document.getElementById(link.hash.slice(1))),
      formsWithoutButton: [...document.forms].filter((f) => !f.querySelector('button:not([type="button"]), input[type="submit"], input[type="image"]')).length,
      scriptLinks: document.querySelectorAll('a[href="#"], a[href^="javascript:"], [onclick]').length,
      refreshes: document.querySelectorAll('meta[http-equiv="refresh" i]').length,
      strangers: [...document.querySelectorAll("script[src], link[rel=stylesheet], img[src], iframe[src]")]
        .map((el) => el.src || el.href)
        .filter((url) => /^https?:/.test(url) && new URL(url).origin !== location.origin),
    },
  };
}
