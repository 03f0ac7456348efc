// Sends a file in pieces, so that a lost connection costs one of them, and pasted cells as a file: a form holds few.
// Without a script the form brings the file whole.
"use strict";

(() => {
  const form = document.querySelector("form[data-uploads]");
  if (!form) return;
  const PIECE = 5 * 1024 * 1024;
  // Seconds between attempts; after the last one the person is asked.
  const PAUSES = [1, 2, 4, 8, 15, 30, 30, 30, 30];
  const BUSY = [408, 429, 500, 502, 503, 504];
  const input = form.querySelector("input[type='file']");
  const pasted = form.querySelector("textarea[name='pasted']");
  const hint = form.querySelector("[data-hint]");
  if (hint) {
    hint.hidden = false;
    input.multiple = true;
  }
  const sendButton = form.querySelector("[data-send]");
  const panel = form.querySelector("[data-upload]");
  const bar = panel.querySelector("progress");
  const label = panel.querySelector("label");
  const sentText = panel.querySelector("[data-sent]");
  const said = form.querySelector("[data-said]");
  const uploading = label.textContent;
  const { lang } = document.documentElement;
  const megabytes = new Intl.NumberFormat(lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });

  // Worth another attempt; `seconds` where the server says when.
  class Lost extends Error {
    constructor(seconds) {
      super("lost");
      this.seconds = seconds;
    }
  }
  // The server has forgotten the upload.
  class Gone extends Error {}

  let running = null;
  let stopped = false;
  let wakeUp = null;

  function filled(text, values) {
    return text.replace(/%\((\w+)\)s/g, (_whole, name) => values[name]);
  }

  function refusal(request) {
    if (request.status < 400) return form.dataset.signedOut;
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    return answer.querySelector("[data-code]")?.textContent.trim() || form.dataset.failed;
  }

  // The request once it is answered with the status; an error otherwise.
  function ask(method, address, { wanted, body = null, headers = {}, onProgress = null }) {
    return new Promise((resolve, reject) => {
      if (stopped) {
        reject(new Error(form.dataset.stopped));
        return;
      }
      const request = new XMLHttpRequest();
      running = request;
      request.open(method, address);
      request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded);
      request.onload = () => {
        if (request.status === wanted) resolve(request);
        else if (BUSY.includes(request.status)) reject(new Lost(Number(request.getResponseHeader("Retry-After"))));
        else if (request.status === 404) reject(new Gone());
        else reject(Object.assign(new Error(refusal(request)), { status: request.status }));
      };
      request.onerror = () => reject(new Lost());
      request.onabort = () => reject(new Error(form.dataset.stopped));
      request.send(body);
    });
  }

  function pause(seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000 * seconds * (1 + Math.random() / 4));
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  window.addEventListener("online", () => wakeUp?.());

  // Tries again for some minutes where the connection is lost or the server busy.
  async function insist(attempt) {
    for (let failures = 0; ; failures += 1) {
      try {
        const result = await attempt();
        said.textContent = "";
        return result;
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        if (failures === PAUSES.length) throw new Error(form.dataset.failed);
        if (failures) said.textContent = form.dataset.waiting;
        await pause(error.seconds || PAUSES[failures]);
      }
    }
  }

  const offsetOf = (request) => Number(request.getResponseHeader("Upload-Offset"));

  async function begin(file) {
    const body = new URLSearchParams({ name: file.name, size: file.size, modified: file.lastModified });
    const request = await insist(() => ask("POST", form.dataset.uploads, { wanted: 201, body }));
    return { address: request.getResponseHeader("Location"), offset: offsetOf(request) };
  }

  // A piece that the server does not take (another window was faster, it came in part) is like one that was lost.
  async function sendPiece(file, upload, show) {
    const body = file.slice(upload.offset, upload.offset + PIECE);
    const headers = { "Upload-Offset": upload.offset, "Content-Type": "application/offset+octet-stream" };
    const onProgress = (sent) => show(upload.offset + Math.min(sent, body.size));
    try {
      return offsetOf(await ask("PATCH", upload.address, { wanted: 204, body, headers, onProgress }));
    } catch (error) {
      throw [400, 409].includes(error.status) ? new Lost() : error;
    }
  }

  async function sendPieces(file, show) {
    const upload = await begin(file);
    while (upload.offset < file.size) {
      show(upload.offset);
      let isSure = true;
      upload.offset = await insist(async () => {
        if (!isSure) upload.offset = offsetOf(await ask("HEAD", upload.address, { wanted: 204 }));
        isSure = false;
        return upload.offset < file.size ? sendPiece(file, upload, show) : upload.offset;
      });
    }
    show(file.size);
    return upload.address.split("/").at(-2);
  }

  async function sendFile(file, show) {
    try {
      return await sendPieces(file, show);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      return sendPieces(file, show);
    }
  }

  function showFile(files, index, before, total) {
    const values = { number: index + 1, files: files.length, name: files[index].name };
    label.textContent = files.length > 1 ? filled(form.dataset.file, values) : uploading;
    bar.max = Math.max(total, 1);
    return (sent) => {
      const [soFar, all] = [before + sent, total].map((bytes) => megabytes.format(bytes / 1024 / 1024));
      bar.value = total ? before + sent : 1;
      sentText.textContent = filled(form.dataset.progress, { sent: soFar, size: all });
    };
  }

  async function sendFiles(files) {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const ids = [];
    let before = 0;
    for (const [index, file] of files.entries()) {
      ids.push(await sendFile(file, showFile(files, index, before, total)));
      before += file.size;
    }
    return ids;
  }

  function submitWith(ids) {
    for (const former of form.querySelectorAll("input[name='upload']")) former.remove();
    for (const id of ids) {
      const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "upload", value: id });
      form.append(hidden);
    }
    input.value = "";
    if (pasted) pasted.disabled = true;
    form.submit();
  }

  function setBusy(busy) {
    panel.hidden = !busy;
    sendButton.disabled = busy;
    input.disabled = busy;
  }

  form.addEventListener("submit", async (event) => {
    const files = [...input.files];
    const uploads = form.querySelector("input[name='upload']");
    if (!files.length && !uploads && pasted?.value.trim()) files.push(new File([pasted.value], form.dataset.pasted));
    if (!files.length || sendButton.disabled) return;
    event.preventDefault();
    stopped = false;
    said.textContent = "";
    setBusy(true);
    try {
      const ids = await sendFiles(files);
      input.disabled = false;
      submitWith(ids);
    } catch (error) {
      said.textContent = error instanceof Gone ? form.dataset.failed : error.message;
      sendButton.hidden = false;
      setBusy(false);
    }
  });

  if ("atOnce" in form.dataset) {
    sendButton.hidden = true;
    input.multiple = true;
    input.addEventListener("change", () => {
      if (input.files.length) form.requestSubmit();
    });
  }

  panel.querySelector("[data-stop]").addEventListener("click", () => {
    stopped = true;
    running?.abort();
    wakeUp?.();
  });

  // Back from the next page the form is as new.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
