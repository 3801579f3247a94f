/**
 * Upload a photo to `url`, and call `onProgress` with the share that is sent. Resolves to the server's answer in JSON,
 * or to { status } if the server answers with a page. Rejects if the server can't be reached.
 */
export function sendPhoto(url, token, blob, onProgress) {
  // fetch doesn't report the progress of an upload.
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("photo", blob, "photo");
  request.open("POST", url);
  request.responseType = "json";
  request.setRequestHeader("X-CSRFToken", token);
  request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => resolve(request.response ?? { status: request.status }));
    request.addEventListener("error", reject);
    request.send(body);
  });
}
