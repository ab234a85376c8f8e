/**
 * RapiDoc writes styles into its templates, which the page's policy (no inline style) would refuse.
 * This takes them out of the markup before the browser reads them, and sets them through the CSSOM,
 * which the policy allows: style attributes one by one, style elements as sheets of their root.
 * To be imported before RapiDoc is.
 */

const markup = /** @type {PropertyDescriptor} */ (
  Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML")
);
/** Where Lit puts a value into the text of a style: a comment does the same in any element. */
const PLACES = /lit\$\d+\$/g;

Object.defineProperty(HTMLTemplateElement.prototype, "innerHTML", {
  get() {
    return markup.get?.call(this);
  },
  set(text) {
    const without = String(text)
      .replace(/<style>([\s\S]*?)<\/style>/g, (_, css) => {
        return `<style-sheet hidden>${css.replace(PLACES, "<?$&>")}</style-sheet>`;
      })
      .replace(/\sstyle\s*=\s*(["'])([\s\S]*?)\1/g, " data-style=$1$2$1");
    markup.set?.call(this, without);
  },
});

const setAttribute = Element.prototype.setAttribute;
/** @this {Element} @param {string} name @param {string} value */
Element.prototype.setAttribute = function (name, value) {
  if (name === "style") /** @type {any} */ (this).style.cssText = value;
  else setAttribute.call(this, name, value);
};

const importNode = Document.prototype.importNode;
/** @type {typeof importNode} */
Document.prototype.importNode = function (node, deep) {
  const made = importNode.call(this, node, deep);
  if (made instanceof DocumentFragment) {
    /** @type {NodeListOf<HTMLElement>} */
    const styled = made.querySelectorAll("[data-style]");
    for (const one of styled) one.style.cssText = one.getAttribute("data-style") ?? "";
  }
  return /** @type {any} */ (made);
};

class RootSheet extends HTMLElement {
  sheet = new CSSStyleSheet();
  /** @type {Document | ShadowRoot | null} */
  root = null;
  changes = new MutationObserver(() => this.read());

  read() {
    this.sheet.replaceSync(this.textContent ?? "");
  }

  connectedCallback() {
    this.read();
    this.root = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    // In front, as an element's sheet would stand before those that its root has adopted.
    this.root.adoptedStyleSheets = [this.sheet, ...this.root.adoptedStyleSheets];
    this.changes.observe(this, { childList: true, characterData: true, subtree: true });
  }

  disconnectedCallback() {
    this.changes.disconnect();
    if (this.root)
      this.root.adoptedStyleSheets = this.root.adoptedStyleSheets.filter(
        (one) => one !== this.sheet,
      );
  }
}

customElements.define("style-sheet", RootSheet);
