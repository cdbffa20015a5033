// Choosing a picture, and sending it.

import { busy, byId, say, size } from "./page.js";

export class Upload {
  #api;
  #limits;
  #added;
  #shown = "";

  // `limits` are the media types and the largest size that the API takes; `added` gets each new picture.
  constructor(api, limits, added) {
    this.#api = api;
    this.#limits = limits;
    this.#added = added;
    const input = byId("file");
    input.accept = limits.contentTypes.join(",");
    input.addEventListener("change", () => this.#choose());
    this.#listenForDrops(document.querySelector(".drop"), input);
    byId("upload-form").addEventListener("submit", (event) => {
      event.preventDefault();
      busy(event.target, () => this.#send());
    });
    this.#choose();
  }

  #listenForDrops(target, input) {
    for (const [name, isOver] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
      target.addEventListener(name, (event) => {
        event.preventDefault();
        target.classList.toggle("over", isOver);
      });
    }
    target.addEventListener("drop", (event) => {
      input.files = event.dataTransfer.files;
      this.#choose();
    });
  }

  #choose() {
    const file = byId("file").files[0];
    const mistake = file && this.#mistake(file);
    URL.revokeObjectURL(this.#shown);
    this.#shown = file && !mistake ? URL.createObjectURL(file) : "";
    byId("preview").hidden = !this.#shown;
    if (this.#shown) {
      byId("preview").src = this.#shown;
    }
    byId("file").setCustomValidity(mistake || "");
    byId("file-hint").textContent = file
      ? `${file.name}, ${size(file.size)}`
      : `Choose a picture or drop it here: ${this.#types()}, up to ${size(this.#limits.maxBytes)}`;
    say(mistake || "", { isError: Boolean(mistake) });
  }

  #mistake(file) {
    if (!this.#limits.contentTypes.includes(file.type)) {
      return `“${file.name}” is not a picture of a kind that can be shown here: ${this.#types()}.`;
    }
    if (file.size > this.#limits.maxBytes) {
      return `“${file.name}” has ${size(file.size)}; ${size(this.#limits.maxBytes)} is the most.`;
    }
    return file.size ? "" : `“${file.name}” is empty.`;
  }

  #types() {
    return this.#limits.contentTypes.map((type) => type.split("/")[1].toUpperCase()).join(", ");
  }

  async #send() {
    const picture = await this.#api.upload(byId("file").files[0], byId("audience").value);
    byId("upload-form").reset();
    this.#choose();
    say(`“${picture.fileName}” is uploaded.`);
    this.#added(picture);
  }
}
