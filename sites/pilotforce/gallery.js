// The pictures: one's own, and those that others share.

import { busy, byId, say, size } from "./page.js";

const PAGE = 12;
const OWN = "own";
const TABS = {
  [OWN]: { title: "Mine", query: {}, roles: ["pilot", "admin"], empty: "You have not uploaded a picture yet." },
  pilot: { title: "Pilots", query: { sharedWith: "pilot" }, roles: ["pilot", "admin"] },
  viewer: { title: "Everyone", query: { sharedWith: "viewer" }, roles: ["viewer", "pilot", "admin"] },
};
const NOBODY = "An administrator has to add you to a group before you see pictures.";

export class Gallery {
  #api;
  #userId;
  #isAdmin;
  #tabs;
  #open;
  #cursor = null;

  constructor(api, userId, role) {
    this.#api = api;
    this.#userId = userId;
    this.#isAdmin = role === "admin";
    this.#tabs = Object.keys(TABS).filter((name) => TABS[name].roles.includes(role));
    this.#open = this.#tabs[0];
    byId("tabs").replaceChildren(...this.#tabs.map((name) => this.#tab(name)));
    byId("more").addEventListener("click", () => busy(byId("gallery"), () => this.#load()));
  }

  // Shows the first page of the open tab.
  async open(name = this.#open) {
    this.#open = name;
    this.#cursor = null;
    for (const button of byId("tabs").children) {
      button.setAttribute("aria-pressed", String(button.value === name));
    }
    byId("gallery").replaceChildren();
    if (name) {
      await this.#load();
    } else {
      this.#say(NOBODY);
    }
  }

  // Puts a new picture of one's own first.
  async add(picture) {
    if (this.#open === OWN) {
      byId("gallery").prepend(this.#card(picture));
      this.#say("");
    } else {
      await this.open(OWN);
    }
  }

  #tab(name) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", value: name, textContent: TABS[name].title });
    button.addEventListener("click", () => busy(byId("tabs"), () => this.open(name)));
    return button;
  }

  async #load() {
    const { query, empty } = TABS[this.#open];
    const cursor = this.#cursor ? { cursor: this.#cursor } : {};
    const { items, nextCursor } = await this.#api.pictures({ ...query, ...cursor, limit: PAGE });
    this.#cursor = nextCursor ?? null;
    byId("gallery").append(...items.map((picture) => this.#card(picture)));
    byId("more").hidden = !nextCursor;
    this.#say(byId("gallery").children.length ? "" : (empty ?? "Nobody has shared a picture here yet."));
  }

  #card(picture) {
    const card = byId("picture").content.cloneNode(true).firstElementChild;
    const [link, image] = [card.querySelector("a"), card.querySelector("img")];
    if (picture.url) {
      link.href = picture.url;
      Object.assign(image, { src: picture.url, alt: picture.fileName });
    } else {
      link.remove();
    }
    const day = new Date(picture.createdAt).toLocaleDateString(undefined, { dateStyle: "medium" });
    const waiting = picture.status === "available" ? "" : " · not uploaded yet";
    card.querySelector(".file-name").textContent = picture.fileName;
    card.querySelector(".file-name").title = picture.fileName;
    card.querySelector(".facts").textContent = `${size(picture.size)} · ${day}${waiting}`;
    this.#let(card, picture);
    return card;
  }

  // Lets the owner, or an admin, share and delete it.
  #let(card, picture) {
    if (picture.ownerId !== this.#userId && !this.#isAdmin) {
      card.querySelector(".owner").remove();
      return;
    }
    const [audience, remove] = [card.querySelector("select"), card.querySelector("button")];
    audience.value = picture.sharedWith ?? "";
    audience.addEventListener("change", () => busy(card, () => this.#share(picture, audience)));
    remove.setAttribute("aria-label", `Delete ${picture.fileName}`);
    remove.addEventListener("click", () => busy(card, () => this.#remove(card, picture)));
  }

  async #share(picture, audience) {
    const chosen = audience.value;
    audience.value = picture.sharedWith ?? ""; // until it is so
    const { sharedWith } = await this.#api.share(picture.mediaId, chosen);
    picture.sharedWith = sharedWith;
    audience.value = sharedWith ?? "";
    const who = audience.selectedOptions[0].textContent.toLowerCase();
    say(`“${picture.fileName}” can be seen by ${who}.`);
  }

  async #remove(card, picture) {
    if (!(await confirmed(`Delete “${picture.fileName}” for good?`))) {
      return;
    }
    await this.#api.remove(picture.mediaId);
    card.remove();
    say(`“${picture.fileName}” is deleted.`);
    this.#say(byId("gallery").children.length ? "" : "No pictures are left here.");
  }

  #say(text) {
    byId("empty").textContent = text;
    byId("empty").hidden = !text;
  }
}

function confirmed(question) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
