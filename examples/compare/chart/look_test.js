Object.fromEntries([...document.querySelectorAll("iframe")].map(frame => {
  const doc = frame.contentDocument, win = frame.contentWindow;
  const rgb = color => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0); // WCAG 2.2's relative luminance
  const behind = e => {
    for (; e; e = e.parentElement) {
      const color = rgb(win.getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
  };
  const texts = [...doc.body.querySelectorAll("*")].filter(e => e.getClientRects().length &&
    [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const faint = texts.filter(e => {
    const style = win.getComputedStyle(e);
    const pair = [light(rgb(e.closest("svg") ? style.fill : style.color)), light(behind(e))];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < 4.5;
  });
  const cut = texts.filter(e => {
    const range = doc.createRange();
    range.selectNodeContents(e);
    const box = range.getBoundingClientRect();
    return !e.closest("thead") && (box.left < 0 || box.right > doc.documentElement.clientWidth);
  });
  const name = e => (e.closest("[class]")?.getAttribute("class") ?? e.tagName) + ": " + e.textContent;
  return [frame.title, {
    dark: win.matchMedia("(prefers-color-scheme: dark)").matches,
    scrolls: doc.documentElement.scrollWidth > doc.documentElement.clientWidth,
    faint: faint.map(name), cut: cut.map(name), texts: texts.length,
  }];
}))
