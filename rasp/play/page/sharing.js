// Programs in addresses, and what is saved as files.
// Text only ever enters the document as text nodes.
"use strict";

function packed() {
  const now = given();
  const data = { p: now.source, n: ownName(), i: now.input, v: now.vocab, l: now.length, c: now.causal };
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** What an address holds after its #; null if that is no program. */
function unpacked(fragment) {
  try {
    const bytes = Uint8Array.from(atob(fragment.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const { p, n = "", i = "", v = "", l = null, c = null } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const texts = [p, n, i, v].every((each) => typeof each === "string");
    return texts && (l === null || Number.isInteger(l)) && (c === null || typeof c === "boolean") ? { source: p, name: n, input: i, vocab: v, length: l, causal: c } : null;
  } catch { return null; }
}

function openAddress() {
  const fragment = location.hash.slice(1);
  const shared = fragment ? unpacked(fragment) : null;
  if (fragment && !shared) toast("What this address holds is no program.");
  if (!shared) return false;
  leaveExercise();
  load(shared);
  return true;
}

async function share() {
  const fragment = `#${packed()}`;
  history.replaceState(null, "", fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    toast("The address is copied. Whoever has a playground of their own opens it with rasp play ADDRESS.");
  } catch {
    toast("The address of this page now holds the program, its input and settings.");
  }
}

function download(name, type, content) {
  const link = el("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function save(kind) {
  const found = await ask(kind, { given: given() });
  if (!found) return;
  if (found.error || found.stopped) { toast(found.error ?? found.stopped); return; }
  if (kind === "page") download(`${found.name}.html`, "text/html", found.html);
  else download(`${found.name}-model.zip`, "application/zip", Uint8Array.from(atob(found.zip), (c) => c.charCodeAt(0)));
}
