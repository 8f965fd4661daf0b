// Making elements. Whatever comes from data becomes text, never markup.

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** An HTML element; attributes that begin with `on` are listeners. */
const make = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);

