// Rich text over a textarea, which keeps the value and is what is sent. Without this script the textarea is there as it is.
//
// What is stored may come from anybody. It is shown in a frame whose sandbox runs no script, of an element or of an attribute,
// and sends no form; a policy of its own lets it load nothing from elsewhere. It is parsed in a document that is inert, and
// is never given to this page as markup. What is not changed here is sent as it was stored, to the letter.
(function () {
  "use strict";
  const FOREIGN = "script, style, link, meta, base, title, iframe, frame, object, embed, form, input, button, select, textarea, " +
    "template, noscript, svg, math, video, audio, portal, dialog";
  const ADDRESS = /^(https?:|mailto:|tel:|\/|#|[\w.-]+(\/|$|#|\?))/i;
  const FRAME = '<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; ' +
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'\"><style>html { height: 100% } body { margin: 0; padding: .6rem .75rem; " +
    "min-height: 100%; box-sizing: border-box; overflow-wrap: anywhere; line-height: 1.5; outline: 0 } img { max-width: 100% } " +
    "body > :first-child { margin-top: 0 } blockquote { margin-left: 0; padding-left: 1rem; border-left: 3px solid } a { color: inherit }</style><body>";
  const TOOLS = [
    ["Bold", "B", "bold"],
    ["Italic", "I", "italic"],
    ["Heading", "H", "formatBlock", "h2"],
    ["Paragraph", "¶", "formatBlock", "p"],
    ["List", "•", "insertUnorderedList"],
    ["Numbered list", "1.", "insertOrderedList"],
    ["Quote", "❝", "formatBlock", "blockquote"],
    ["Link", "Link"],
    ["Clear formatting", "Clear", "removeFormat"],
  ];

  function make(name, attributes, text) {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text) made.textContent = text;
    return made;
  }

  // The nodes of a text as they can be edited, and the names of what was left out.
  function parsed(text) {
    const body = new DOMParser().parseFromString(text, "text/html").body;
    const dropped = new Set();
    body.querySelectorAll(FOREIGN).forEach((each) => {
      dropped.add("<" + each.localName + ">");
      each.remove();
    });
    body.querySelectorAll("*").forEach((each) => {
      [...each.attributes].forEach(({ name, value }) => {
        const runs = /^on/i.test(name) || (/^(href|src|action|formaction|xlink:href)$/i.test(name) && /^\s*(javascript|vbscript):/i.test(value));
        if (runs) {
          dropped.add(name);
          each.removeAttribute(name);
        }
      });
    });
    return { nodes: [...body.childNodes], dropped: [...dropped] };
  }

  function enhance(area) {
    if (area.name.includes("__prefix__") || area.dataset.pocketEditor === "on") return;
    area.dataset.pocketEditor = "on";
    const label = document.querySelector('label[for="' + CSS.escape(area.id) + '"]');
    const title = label ? label.textContent.replace("*", "").replace(":", "").trim() : area.name;
    const box = make("div", { class: "pocket-editor" });
    const bar = make("div", { role: "toolbar", "aria-label": "Format " + title });
    const link = make("span", { hidden: "" });
    const address = make("input", { type: "text", "aria-label": "Address of the link", placeholder: "https://", autocomplete: "off" });
    const note = make("p", { role: "status", hidden: "" });
    const frame = make("iframe", { sandbox: "allow-same-origin", title: title + ", rich text", srcdoc: FRAME });
    const view = make("div", { class: "pocket-editor-view" });
    const source = make("button", { type: "button", "aria-pressed": "false" }, "HTML");
    let body = null; // kept: what is stored may be named like a property of the document
    let watch = null;

    function run(command, value) {
      frame.contentWindow.focus();
      body.focus();
      Document.prototype.execCommand.call(frame.contentDocument, command, false, value);
    }

    function keep() {
      const empty = body.textContent.trim() === "" && !body.querySelector("img, hr, table");
      area.value = empty ? "" : body.innerHTML;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function load() {
      const { nodes, dropped } = parsed(area.value);
      watch.disconnect();
      body.replaceChildren(...nodes);
      watch.observe(body, { subtree: true, childList: true, characterData: true, attributes: true });
      note.textContent = "This text has " + dropped.join(", ") + ", which is left out as soon as you change it outside of HTML.";
      note.hidden = dropped.length === 0;
      return dropped.length === 0;
    }

    function show(raw) {
      source.setAttribute("aria-pressed", String(raw));
      area.hidden = !raw;
      view.hidden = raw;
      bar.querySelectorAll("[data-tool]").forEach((each) => { each.disabled = raw; });
      link.hidden = true;
    }

    function colour() {
      const style = getComputedStyle(area.closest("form") || document.body);
      body.style.color = style.color;
      body.style.fontFamily = style.fontFamily;
      body.style.fontSize = style.fontSize;
    }

    function apply() {
      const value = address.value.trim();
      link.hidden = true;
      if (value === "") run("unlink");
      else if (ADDRESS.test(value)) run("createLink", value);
      else run("createLink", "https://" + value.replace(/^[\w+.-]*:\/*/, ""));
    }

    TOOLS.forEach(([name, text, command, value]) => {
      const button = make("button", { type: "button", title: name, "aria-label": name, "data-tool": "" }, text);
      button.addEventListener("click", () => {
        if (command) return run(command, value);
        link.hidden = !link.hidden;
        if (!link.hidden) address.focus();
      });
      bar.append(button);
    });
    address.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); apply(); }
      if (event.key === "Escape") { link.hidden = true; body.focus(); }
    });
    const set = make("button", { type: "button" }, "Set");
    set.addEventListener("click", apply);
    link.append(address, set);
    source.addEventListener("click", () => {
      const raw = area.hidden;
      if (!raw) load();
      show(raw);
      if (raw) area.focus();
      else body.focus();
    });
    bar.append(source, link);

    frame.addEventListener("load", () => {
      body = frame.contentDocument.body;
      watch = new MutationObserver(keep);
      body.contentEditable = "true";
      body.setAttribute("role", "textbox");
      body.setAttribute("aria-multiline", "true");
      body.setAttribute("aria-label", title);
      ["styleWithCSS", "defaultParagraphSeparator"].forEach((name, at) =>
        Document.prototype.execCommand.call(frame.contentDocument, name, false, ["false", "p"][at]));
      colour();
      new MutationObserver(colour).observe(document.documentElement, { attributes: true });
      const whole = load();
      const plain = /\n/.test(area.value.trim()) && !/[<&]/.test(area.value); // lines that HTML would join
      show(!whole || plain);
    }, { once: true });
    if (label) label.addEventListener("click", () => { if (area.hidden && body) body.focus(); });
    area.before(box);
    view.append(frame);
    box.append(bar, note, view, area);
  }

  function all(root) {
    root.querySelectorAll("textarea[data-pocket-editor]").forEach(enhance);
  }
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("formset:added", (event) => all(event.target));
})();
