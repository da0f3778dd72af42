// Parts of a page that refresh themselves carry data-live. All pages work without this file.
const isLive = (event) => event.detail.elt.matches("[data-live]");

// They rest while the page is hidden, and catch up at once when it is seen again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && isLive(event)) {
    event.preventDefault();
  }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    document.querySelectorAll("[data-live]").forEach((live) => htmx.trigger(live, "seen"));
  }
});

// A part that is still what is shown comes as 304, and stays: what is selected or has the focus in it too.
const shown = new Map();
document.addEventListener("htmx:configRequest", (event) => {
  const last = shown.get(event.detail.elt.id);
  if (isLive(event) && last?.etag && last.path === event.detail.path) {
    event.detail.headers["If-None-Match"] = last.etag;
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, xhr, pathInfo } = event.detail;
  if (!isLive(event)) {
    return;
  }
  if (xhr.status === 304) {
    event.detail.shouldSwap = false;
  }
  // Also a 304 brings a new one: it says since when the part is known to be the same.
  if (xhr.status === 304 || event.detail.shouldSwap) {
    shown.set(elt.id, { path: pathInfo.requestPath, etag: xhr.getResponseHeader("ETag") });
  }
});

// A whole page instead of a part means that the session has ended: load it, and the sign-in page comes.
// What a person has unfolded stays unfolded.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isLive(event) && event.detail.serverResponse.trimStart().startsWith("<!doctype")) {
    event.preventDefault();
    location.reload();
  }
  unfolded = [...event.detail.target.querySelectorAll("details")].map((details) => details.open);
});
document.addEventListener("htmx:afterSwap", (event) => {
  event.target.querySelectorAll("details").forEach((details, place) => {
    details.open ||= unfolded[place] ?? false;
  });
});

// Leaving a page breaks off what it asks, in some browsers with an event that htmx takes for an error.
const underWay = new Set();
document.addEventListener("htmx:beforeSend", (event) => underWay.add(event.detail.xhr));
document.addEventListener("htmx:afterRequest", (event) => underWay.delete(event.detail.xhr));
["beforeunload", "pagehide"].forEach((name) => addEventListener(name, () => underWay.forEach((xhr) => (xhr.onabort = null))));

// An open menu is closed by Esc, which goes back to its button, and by a click beside it.
const openMenus = () => [...document.querySelectorAll("details.menu[open]")];
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    openMenus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
});
document.addEventListener("click", (event) => {
  openMenus().filter((menu) => !menu.contains(event.target)).forEach((menu) => (menu.open = false));
});

// What is typed is kept until the form is sent; after that nothing of it is.
document.addEventListener("submit", (event) => event.target.toggleAttribute("data-sent", true));
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-sent] [data-keeps]")) {
    event.preventDefault();
  }
});

// A mail's frame is as high as the mail. Nothing in it runs, so the page around it measures.
const fit = (frame) => {
  const mail = frame.contentDocument?.documentElement;
  if (mail) {
    frame.style.height = "0";
    frame.style.height = `${mail.scrollHeight + frame.offsetHeight - frame.clientHeight}px`;
    frame.style.height = `${frame.offsetHeight + mail.scrollHeight - mail.clientHeight}px`;
  }
};
const fitAll = () => document.querySelectorAll(".mail-frame").forEach(fit);
document.querySelectorAll(".mail-frame").forEach((frame) => frame.addEventListener("load", () => fit(frame)));
addEventListener("load", fitAll);
addEventListener("resize", fitAll);

// A person is told when what they see may be old.
const sayStale = (isStale) => (event) => {
  if (isLive(event)) {
    document.getElementById("stale").hidden = !isStale;
  }
};
["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => document.addEventListener(name, sayStale(true)));
document.addEventListener("htmx:beforeSwap", sayStale(false));

// A passkey that was cancelled, or that this device does not have, is said on the page.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-trouble]").forEach((line) => (line.hidden = false));
});
