// Which module shows which path. Pages are loaded when they are first wanted; Now is there from the start.

import { Now } from "../pages/now.js";

/**
 * @typedef {object} Route
 * @property {RegExp} path its groups are given to the page as `name`
 * @property {() => Promise<any>} load resolves to the component
 * @property {boolean} [entry] shown to whoever is not logged in
 * @property {boolean} [first] what the first sheet of styles is enough for
 */

/** @type {Route[]} */
export const ROUTES = [
  { path: /^\/$/, load: async () => Now, first: true },
  { path: /^\/activity$/, load: async () => (await import("../pages/activity.js")).Activity },
  { path: /^\/activity\/([^/]+)$/, load: async () => (await import("../pages/mail.js")).Mail },
  { path: /^\/accounts$/, load: async () => (await import("../pages/accounts.js")).Accounts },
  { path: /^\/accounts\/([^/]+)$/, load: async () => (await import("../pages/accounts.js")).Account },
  { path: /^\/logs$/, load: async () => (await import("../pages/logs.js")).Logs },
  { path: /^\/system$/, load: async () => (await import("../pages/system.js")).System },
  {
    path: /^\/login$/,
    load: async () => (await import("../pages/login.js")).Login,
    entry: true,
    first: true,
  },
  {
    path: /^\/setup$/,
    load: async () => (await import("../pages/setup.js")).Setup,
    entry: true,
    first: true,
  },
];
