// The style sheet of the pages that are not there from the start.

/** @type {Promise<void> | undefined} */
let loading;

/**
 * Loads it once. Without it a page is plain but works, so a failure is no error; where modules run
 * unlinked there is one sheet alone.
 */
export function laterSheet() {
  loading ??= new Promise((resolve) => {
    const first = document.querySelector("link[rel=stylesheet]");
    if (!(first instanceof HTMLLinkElement)) return resolve();
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = first.href.replace(/style\.css$/, "later.css");
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
  return loading;
}
