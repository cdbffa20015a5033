// What is on the page, and what happens when somebody uses it.

import { Api } from "./api.js";
import { Gallery } from "./gallery.js";
import { Session } from "./session.js";
import { busy, byId, say, show } from "./page.js";
import { Upload } from "./upload.js";

const ROLES = ["viewer", "pilot", "admin"];
const CHALLENGES = {
  NEW_PASSWORD_REQUIRED: {
    title: "Choose a password",
    label: "New password",
    type: "password",
    autocomplete: "new-password",
  },
  SOFTWARE_TOKEN_MFA: {
    title: "Confirm that it’s you",
    label: "Code from your authenticator app",
    type: "text",
    autocomplete: "one-time-code",
  },
};

class App {
  #session;
  #api;
  #config;
  #challenge = null;
  #gallery = null;

  constructor(config) {
    this.#config = config;
    this.#session = new Session(config);
    this.#api = new Api(this.#session);
    onSubmit("sign-in-form", (fields) => this.#signIn(fields));
    onSubmit("challenge-form", (fields) => this.#answer(fields));
    onSubmit("profile-form", (fields) => this.#saveProfile(fields));
    byId("sign-out").addEventListener("click", () => this.#signOut());
  }

  async start() {
    if (this.#session.signedIn) {
      await this.#enter();
    } else {
      show("sign-in");
      byId("email").focus();
    }
  }

  async #signIn({ email, password }) {
    await this.#proceed(await this.#session.signIn(email.trim(), password));
  }

  async #answer({ answer }) {
    await this.#proceed(await this.#session.answer(this.#challenge, answer));
  }

  async #proceed(challenge) {
    byId("sign-in-form").reset();
    byId("challenge-form").reset();
    this.#challenge = challenge;
    if (challenge === null) {
      await this.#enter();
      return;
    }
    const { title, label, type, autocomplete } = CHALLENGES[challenge.name];
    byId("challenge-title").textContent = title;
    byId("challenge-label").textContent = label;
    Object.assign(byId("challenge-answer"), { type, autocomplete });
    show("challenge");
    byId("challenge-answer").focus();
  }

  async #signOut() {
    await this.#session.signOut().catch(() => undefined); // signed out here, whatever the pool says
    window.location.reload();
  }

  async #enter() {
    const { id, email, groups } = this.#session.user;
    const role = ROLES.findLast((name) => groups.includes(name)) ?? "";
    byId("who-email").textContent = email;
    byId("who-role").textContent = role;
    byId("who-role").hidden = !role;
    byId("who").hidden = false;
    show("home");
    byId("main").focus();
    this.#gallery ??= new Gallery(this.#api, id, role);
    if (role === "pilot" || role === "admin") {
      this.#upload ??= new Upload(this.#api, this.#config.media, (picture) => this.#gallery.add(picture));
      byId("upload").hidden = false;
    }
    await Promise.all([this.#showProfile(id, email), this.#gallery.open()]);
  }

  #upload = null;

  async #showProfile(id, email) {
    try {
      this.#fill(await this.#api.profile(id), email);
    } catch (error) {
      if (error.status !== 404) {
        throw error;
      }
      this.#fill({ name: "" }, email);
      byId("profile-hint").textContent = "Tell your crew who you are.";
    }
  }

  async #saveProfile({ name, callSign, bio }) {
    const { id, email } = this.#session.user;
    const saved = await this.#api.saveProfile(id, {
      name: name.trim(),
      callSign: callSign.trim() || null,
      bio: bio.trim() || null,
    });
    this.#fill(saved, email);
    say("Your profile is saved.");
  }

  #fill(profile, email) {
    byId("name").value = profile.name;
    byId("call-sign").value = profile.callSign ?? "";
    byId("bio").value = profile.bio ?? "";
    byId("profile-hint").textContent = profile.callSign ? `“${profile.callSign}” on the radio` : "";
    const words = (profile.name || email).split(/[\s@.]+/).filter(Boolean);
    byId("initials").textContent = words
      .slice(0, 2)
      .map(([letter]) => letter.toUpperCase())
      .join("");
  }
}

function onSubmit(id, act) {
  const form = byId(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, () => act(Object.fromEntries(new FormData(form))));
  });
}

async function configuration() {
  const answer = await fetch("/config.json");
  if (!answer.ok) {
    throw new Error("The site is not set up yet: there is no config.json.");
  }
  return answer.json();
}

try {
  await new App(await configuration()).start();
} catch (error) {
  say(error.message, { isError: true });
}
