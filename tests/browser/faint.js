// The texts of a page that are hard to read: whose contrast to what they stand on is below 3.
(() => {
  const dot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  function rgba(color) {
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = color;
    dot.fillRect(0, 0, 1, 1);
    return [...dot.getImageData(0, 0, 1, 1).data];
  }
  function light(color) {
    const parts = color.slice(0, 3).map((each) => each / 255);
    const linear = parts.map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return linear[0] * 0.2126 + linear[1] * 0.7152 + linear[2] * 0.0722;
  }
  function ground(element) {
    for (let each = element; each; each = each.parentElement) {
      const found = rgba(getComputedStyle(each).backgroundColor);
      if (found[3] > 128) return found;
    }
    return [255, 255, 255, 255];
  }
  function contrast(element) {
    const [low, high] = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }
  const shown = (each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const says = (each) => [...each.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  return [...document.querySelectorAll("#content *")]
    .filter((each) => shown(each) && says(each) && !each.closest(".pocket-hidden, .material-symbols-outlined, option, script, style"))
    .filter((each) => contrast(each) < 3)
    .map((each) => each.outerHTML.slice(0, 200));
})();
