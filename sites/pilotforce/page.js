// Small things that every part of the page needs.

const VIEWS = ["sign-in", "challenge", "home"];

export function byId(id) {
  return document.getElementById(id);
}

// Shows one view, and hides the others.
export function show(view) {
  for (const id of VIEWS) {
    byId(id).hidden = id !== view;
  }
}

// Tells people what happened; screen readers read it out.
export function say(text, { isError = false } = {}) {
  const notice = byId("notice");
  notice.textContent = text;
  notice.classList.toggle("error", isError);
  notice.hidden = !text;
}

// Does something that takes a while: buttons of that part rest meanwhile, and what goes wrong is told.
export async function busy(part, act) {
  const buttons = [...part.querySelectorAll("button, select")].filter((button) => !button.disabled);
  say("");
  part.setAttribute("aria-busy", "true");
  for (const button of buttons) {
    button.disabled = true;
  }
  try {
    await act();
  } catch (error) {
    say(error.message, { isError: true });
  } finally {
    part.removeAttribute("aria-busy");
    for (const button of buttons) {
      button.disabled = false;
    }
  }
}

// `1.4 MB`.
export function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const value = bytes / 1024 ** step;
  return `${step && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}
