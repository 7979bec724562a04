// As docs/embedding.md has it: a frame with mentions says how high it would like to be.
addEventListener("message", ({ source, data }) => {
  const frame = [...document.querySelectorAll("iframe")].find((one) => one.contentWindow === source);
  if (frame && data?.linkback === "height") frame.height = Number(data.height) || 400;
});
