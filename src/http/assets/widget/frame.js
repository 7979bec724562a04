// In GET /embed/frame: tells the page round it how high the mentions are, whenever that changes. That
// page needs three lines for it, in docs/embedding.md.

const box = document.querySelector(".linkback");
new ResizeObserver(() => {
  const { bottom } = box.getBoundingClientRect();
  // The height is no secret, and whose page it is we do not know.
  parent.postMessage({ linkback: "height", height: Math.ceil(bottom + scrollY) }, "*");
}).observe(box);
