// The little of a browser that modules ask for while they load, so that they run in Node. Import it first.

const address = new URL("https://mail.example.org/mail/activity?outcome=failed");

/** Notes nothing and changes nothing: what a test does not watch. */
const ignore = () => undefined;

const parts = {
  document: { documentElement: { dataset: { base: "/mail" }, lang: "en" }, addEventListener: ignore },
  location: address,
  history: {
    /** @param {unknown} _state @param {string} _title @param {string} to */
    pushState: (_state, _title, to) => (address.href = new URL(to, address).href),
    /** @param {unknown} _state @param {string} _title @param {string} to */
    replaceState: (_state, _title, to) => (address.href = new URL(to, address).href),
  },
  navigator: { languages: ["fr", "en"] },
  localStorage: { getItem: () => null, setItem: ignore },
  scrollTo: ignore,
};
for (const [name, value] of Object.entries(parts)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
