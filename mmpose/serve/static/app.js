// Sends pictures to the server one at a time and draws the answers; nothing comes from elsewhere.
'use strict';

const $ = (id) => document.getElementById(id);
const canvas = $('canvas');
const frame = document.createElement('canvas'); // the pixels that the shown poses belong to
const video = document.createElement('video');
video.muted = video.playsInline = true;

const ASKED_BOX_SCORE = 0.1; // boxes below are never asked for, so the slider begins there
const KEPT_FRAMES = 2000; // of the camera
const SHARP_SIDE = 1280; // small pictures are drawn larger, for smooth lines
const JPEG_QUALITY = 0.92;

let model = null;
let name = 'poses'; // of what is shown, for downloads
let records = []; // all answers of the current picture, camera or video
let record = null; // the one that is shown
let chosen = null; // number of the highlighted pose
let session = new AbortController(); // of the current picture, camera or video

// ---- the server ----

class ServerError extends Error {
  constructor(message, retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Error('The server does not answer. Is it still running?');
  }
  const answer = await response.json().catch((error) => {
    if (error.name === 'AbortError') throw error;
    return null;
  });
  if (response.ok && answer) return answer;
  const message = answer?.error?.message ?? `The server answered with an error (${response.status}).`;
  throw new ServerError(message, Number(response.headers.get('Retry-After')));
}

async function predict(blob, signal) {
  const path = `api/predict?bbox_thr=${ASKED_BOX_SCORE}`;
  const options = { method: 'POST', body: blob, headers: { 'Content-Type': blob.type }, signal };
  for (;;) {
    try {
      return await ask(path, options);
    } catch (error) {
      if (!error.retryAfter) throw error;
      tell('The server is busy; waiting for it.');
      await new Promise((done) => setTimeout(done, 1000 * error.retryAfter));
      signal.throwIfAborted();
    }
  }
}

// ---- what is told ----

function tell(text) {
  if ($('status').textContent !== text) $('status').textContent = text;
}

function fail(error) {
  if (error.name === 'AbortError') return;
  $('error').textContent = error.message;
  $('error').hidden = false;
  document.body.dataset.state = 'error';
}

const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

// ---- drawing ----

const confident = (conf) => conf >= Number($('kpt-thr').value);
const score = (instance) => instance.bbox_score ?? 1;
const label = (instance, i) => (instance.track_id >= 0 ? instance.track_id : i + 1);

function visible() {
  const least = Number($('box-thr').value);
  const numbered = (record?.instances ?? []).map((instance, i) => ({ instance, i }));
  return numbered.filter(({ instance }) => score(instance) >= least);
}

function colour(rgb, fallback = [255, 128, 0]) {
  return `rgb(${(rgb ?? fallback).join(',')})`;
}

function text(ctx, words, x, y, size, back) {
  ctx.font = `600 ${size}px system-ui, sans-serif`;
  ctx.textBaseline = 'bottom';
  const width = ctx.measureText(words).width + size * 0.6;
  const left = Math.min(Math.max(x, 0), ctx.canvas.width - width);
  const bottom = Math.max(y, size * 1.3);
  ctx.fillStyle = back;
  ctx.fillRect(left, bottom - size * 1.3, width, size * 1.3);
  ctx.fillStyle = '#fff';
  ctx.fillText(words, left + size * 0.3, bottom - size * 0.12);
}

// The measure of lines and letters: a pixel of the screen in those of the canvas, less on a phone.
function screenUnit() {
  const shown = Math.min(canvas.clientWidth, (canvas.clientHeight * canvas.width) / canvas.height);
  return (canvas.width / Math.max(shown, 1)) * Math.min(Math.max(shown / 800, 0.65), 1);
}

// Draws the picture and its poses, and returns how many keypoints that are.
function paint(target, zoom, unit) {
  target.width = Math.round(frame.width * zoom);
  target.height = Math.round(frame.height * zoom);
  const ctx = target.getContext('2d');
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(frame, 0, 0, target.width, target.height);
  const line = Number($('width').value) * unit;
  const size = 15 * unit;
  let drawn = 0;
  for (const { instance, i } of visible()) {
    ctx.globalAlpha = chosen === null || chosen === i ? 1 : 0.25;
    drawn += paintPose(ctx, instance, zoom, line);
    if ($('names').checked && (chosen === null || chosen === i)) paintNames(ctx, instance, zoom, size);
    if (!instance.bbox) continue;
    const [left, top, right, bottom] = instance.bbox[0].map((value) => value * zoom);
    if ($('boxes').checked) {
      ctx.lineWidth = Math.max(line * 0.7, 1);
      ctx.strokeStyle = '#3d7be0';
      ctx.strokeRect(left, top, right - left, bottom - top);
    }
    if ($('ids').checked) text(ctx, `${label(instance, i)}`, left, top, size, '#1f5fbf');
  }
  ctx.globalAlpha = 1;
  return drawn;
}

// Where the keypoints are on the canvas; null for those that are not shown.
function placed(instance, zoom) {
  return instance.keypoints.map(([x, y], k) =>
    (x !== null && y !== null && confident(instance.keypoint_conf[k]) ? [x * zoom, y * zoom] : null));
}

function paintNames(ctx, instance, zoom, size) {
  placed(instance, zoom).forEach((point, k) => {
    const words = model.metainfo.keypoint_names[k].replaceAll('_', ' ');
    if (point) text(ctx, words, point[0] + size / 3, point[1], size * 0.75, 'rgb(0 0 0 / .55)');
  });
}

function paintPose(ctx, instance, zoom, line) {
  const { skeleton_links: links, skeleton_link_colors: linkColours, keypoint_colors: colours } =
    model.metainfo;
  const points = placed(instance, zoom);
  ctx.lineCap = 'round';
  ctx.lineWidth = line;
  links.forEach(([a, b], i) => {
    if (!points[a] || !points[b]) return;
    ctx.strokeStyle = colour(linkColours[i]);
    ctx.beginPath();
    ctx.moveTo(...points[a]);
    ctx.lineTo(...points[b]);
    ctx.stroke();
  });
  let drawn = 0;
  points.forEach((point, k) => {
    if (!point) return;
    drawn += 1;
    ctx.beginPath();
    ctx.arc(...point, line * 1.5, 0, 2 * Math.PI);
    ctx.fillStyle = colour(colours[k]);
    ctx.fill();
    ctx.lineWidth = Math.max(line / 3, 0.75);
    ctx.strokeStyle = 'rgb(0 0 0 / .6)';
    ctx.stroke();
  });
  return drawn;
}

function show() {
  if (!frame.width) return;
  const zoom = Math.min(Math.max(SHARP_SIDE / Math.max(frame.width, frame.height), 1), 4);
  canvas.hidden = false;
  $('empty').hidden = true;
  [canvas.width, canvas.height] = [frame.width * zoom, frame.height * zoom].map(Math.round);
  const drawn = paint(canvas, zoom, screenUnit());
  const count = visible().length;
  canvas.dataset.keypoints = drawn;
  canvas.dataset.poses = count;
  canvas.setAttribute('aria-label', record
    ? `Picture with ${plural(count, 'pose')}, ${plural(drawn, 'keypoint')} shown` : 'Picture');
  listPoses();
}

function listPoses() {
  const list = $('poses');
  const poses = visible();
  const hidden = (record?.instances.length ?? 0) - poses.length;
  $('count').textContent = record ? `${poses.length}${hidden ? `, ${hidden} hidden` : ''}` : '';
  while (list.children.length > poses.length) list.lastChild.remove();
  while (list.children.length < poses.length) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(document.createElement('span'), document.createElement('small'));
    button.addEventListener('click', () => choose(Number(button.dataset.pose)));
    list.appendChild(document.createElement('li')).append(button);
  }
  poses.forEach(({ instance, i }, row) => {
    const button = list.children[row].firstChild;
    const kept = instance.keypoint_conf.filter(confident);
    button.dataset.pose = i;
    button.setAttribute('aria-pressed', chosen === i);
    button.firstChild.textContent = `Pose ${label(instance, i)}`;
    const words = [`${kept.length} of ${instance.keypoints.length} keypoints`];
    if (instance.bbox_score !== undefined) words.unshift(`box ${score(instance).toFixed(2)}`);
    button.lastChild.textContent = words.join(' \u00b7 ');
  });
  listKeypoints(poses.find(({ i }) => i === chosen)?.instance);
}

function listKeypoints(instance) {
  $('details').hidden = !instance;
  if (!instance) return;
  const rows = instance.keypoints.map(([x, y], k) => {
    const row = document.createElement('tr');
    const conf = instance.keypoint_conf[k];
    const words = model.metainfo.keypoint_names[k].replaceAll('_', ' ');
    for (const value of [words, x?.toFixed(1) ?? '', y?.toFixed(1) ?? '', conf.toFixed(2)]) {
      row.appendChild(document.createElement('td')).textContent = value;
    }
    row.classList.toggle('faint', !confident(conf));
    return row;
  });
  $('keypoints').replaceChildren(...rows);
}

function choose(i) {
  chosen = chosen === i ? null : i;
  show();
}

// ---- pictures, camera, video ----

// Ends what was before and begins something new; what comes late for the old is dropped.
function begin(newName) {
  session.abort();
  session = new AbortController();
  video.pause();
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  if (video.src) URL.revokeObjectURL(video.src);
  video.removeAttribute('src');
  [name, records, record, chosen] = [newName, [], null, null];
  for (const id of ['transport', 'progress', 'stop', 'error']) $(id).hidden = true;
  for (const id of ['json', 'csv', 'png', 'play', 'seek']) $(id).disabled = true;
  frame.width = 0;
  canvas.hidden = true;
  $('empty').hidden = false;
  for (const key of ['keypoints', 'poses']) delete canvas.dataset[key];
  $('rate').textContent = '';
  $('poses').replaceChildren();
  $('count').textContent = '';
  $('details').hidden = true;
  document.body.dataset.state = 'busy';
  return session.signal;
}

function take(answer) {
  record = answer;
  records.push(answer);
  for (const id of ['json', 'csv', 'png']) $(id).disabled = false;
  show();
}

function done(words) {
  $('stop').hidden = $('progress').hidden = true;
  document.body.dataset.state = 'done';
  tell(words);
}

// Copies a source into `frame`, made smaller where the server takes no such size.
function grab(source, width, height, shrink = 1) {
  const { max_megapixels: millions, max_side: side } = model.limits;
  const fit = Math.min(1, side / width, side / height, Math.sqrt((millions * 1e6) / (width * height)));
  const scale = fit * shrink;
  frame.width = Math.max(Math.floor(width * scale), 1);
  frame.height = Math.max(Math.floor(height * scale), 1);
  frame.getContext('2d').drawImage(source, 0, 0, frame.width, frame.height);
  return scale < 1;
}

const jpeg = () => new Promise((resolve) => { frame.toBlob(resolve, 'image/jpeg', JPEG_QUALITY); });

async function openPicture(file, signal) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${file.name} is no picture that this browser can show; open a JPEG or PNG.`);
  }
  signal.throwIfAborted();
  const limit = model.limits.max_mb * 1e6;
  let smaller = grab(bitmap, bitmap.width, bitmap.height);
  let blob = file;
  if (smaller || file.size > limit || !model.picture_types.includes(file.type)) {
    blob = await jpeg();
    for (let shrink = 0.8; blob.size > limit && shrink > 0.05; shrink *= 0.8) {
      smaller = grab(bitmap, bitmap.width, bitmap.height, shrink);
      blob = await jpeg();
    }
  }
  const size = `${bitmap.width} \u00d7 ${bitmap.height}`;
  bitmap.close();
  show();
  tell('Looking for poses\u2026');
  const answer = await predict(blob, signal);
  signal.throwIfAborted();
  answer.source = file.name;
  take(answer);
  const { model_ms: modelMs } = answer.timing;
  const note = smaller ? ` The picture of ${size} was made smaller to ${frame.width} \u00d7 ` +
    `${frame.height}, which is what the server takes.` : '';
  done(`${plural(answer.instances.length, 'pose')} in ${Math.round(modelMs)} ms.${note}`);
}

async function useCamera() {
  const signal = begin('camera');
  try {
    if (!navigator.mediaDevices) {
      throw new Error('Browsers open the camera only for https and for pages of this machine ' +
        '(http://127.0.0.1).');
    }
    tell('Waiting for the camera\u2026');
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 960 } } })
      .catch((error) => { throw new Error(cameraFault(error)); });
    if (signal.aborted) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    $('stop').hidden = false;
    $('rate').textContent = '';
    video.srcObject = stream;
    await video.play();
    tell('The camera is on.');
    await watchCamera(signal);
  } catch (error) {
    if (error.name === 'AbortError') return;
    stop();
    fail(error);
  }
}

function cameraFault(error) {
  if (error.name === 'NotAllowedError') return 'The browser was not allowed to use the camera; allow it and try again.';
  if (error.name === 'NotFoundError') return 'There is no camera.';
  return `The camera cannot be used: ${error.message}`;
}

async function watchCamera(signal) {
  const began = performance.now();
  let smooth = 0;
  for (let i = 0; ; i += 1) {
    const started = performance.now();
    grab(video, video.videoWidth, video.videoHeight);
    const answer = await predict(await jpeg(), signal);
    signal.throwIfAborted();
    Object.assign(answer, { source: 'camera', frame_index: i, timestamp: (started - began) / 1000 });
    if (records.length >= KEPT_FRAMES) records.shift();
    take(answer);
    await new Promise(requestAnimationFrame);
    signal.throwIfAborted();
    const spent = performance.now() - started;
    smooth = smooth ? 0.9 * smooth + 0.1 * spent : spent;
    $('rate').textContent = `${(1000 / smooth).toFixed(1)} frames per second`;
  }
}

const event = (target, type, signal) => new Promise((resolve, reject) => {
  target.addEventListener(type, resolve, { once: true });
  target.addEventListener('error', () => reject(new Error(
    'This browser cannot play the video; open an MP4 (H.264) or a WebM.')), { once: true });
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
});

async function seekTo(seconds, signal) {
  const seeked = event(video, 'seeked', signal);
  video.currentTime = seconds;
  await seeked;
}

async function openVideo(file, signal) {
  const loaded = event(video, 'loadeddata', signal);
  video.src = URL.createObjectURL(file);
  await loaded;
  if (!Number.isFinite(video.duration)) await seekTo(1e7, signal); // recordings without a length
  $('transport').hidden = false;
  await analyse(signal);
}

async function analyse(signal) {
  const fps = Number($('fps').value);
  const count = Math.max(Math.ceil(video.duration * fps - 1e-6), 1);
  const frames = Math.min(count, model.limits.max_frames);
  $('stop').hidden = $('progress').hidden = false;
  $('seek').max = video.duration;
  tell(`Looking at ${plural(frames, 'frame')}\u2026`);
  for (let i = 0; i < frames; i += 1) {
    // the middle between two frames, so that rounding does not matter
    await seekTo(Math.min((i + 0.5) / fps, video.duration - 1e-3), signal);
    grab(video, video.videoWidth, video.videoHeight);
    const answer = await predict(await jpeg(), signal);
    signal.throwIfAborted();
    take(Object.assign(answer, { source: name, frame_index: i, timestamp: i / fps, fps }));
    $('progress').value = (i + 1) / frames;
    clock();
  }
  const cut = frames < count ? ` The video has ${count}; the server takes ${frames}.` : '';
  videoDone(`${plural(frames, 'frame')} done.${cut}`);
}

function videoDone(words) {
  $('play').disabled = $('seek').disabled = records.length === 0;
  done(words);
}

// Draws the frame where the video is, with the poses that were found nearest to it.
function showMoment() {
  if (!records.length || !video.videoWidth) return;
  grab(video, video.videoWidth, video.videoHeight);
  const i = Math.floor(video.currentTime * records[0].fps);
  record = records[Math.min(i, records.length - 1)];
  show();
  clock();
}

function clock() {
  $('seek').value = video.currentTime;
  $('clock').textContent = `${video.currentTime.toFixed(1)} s`;
}

function play() {
  if (!video.paused) {
    video.pause();
    return;
  }
  if (video.ended) video.currentTime = 0;
  video.play();
}

function follow() {
  if (video.paused || video.srcObject) return;
  showMoment();
  requestAnimationFrame(follow);
}

// Ends the camera or the look at a video; what was found stays.
function stop() {
  session.abort();
  session = new AbortController();
  const camera = video.srcObject;
  camera?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  $('rate').textContent = '';
  if (camera) done(`The camera is off; ${plural(records.length, 'frame')} kept.`);
  else if (video.src) videoDone(`Stopped after ${plural(records.length, 'frame')}.`);
  else done('Stopped.');
}

async function open(file) {
  if (!file || !model) return;
  const signal = begin(file.name);
  tell('Reading the file\u2026');
  try {
    await (file.type.startsWith('video/') ? openVideo : openPicture)(file, signal);
  } catch (error) {
    if (error.name === 'AbortError') return;
    done('');
    fail(error);
  }
}

// ---- downloads ----

function save(blob, suffix) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/\.[^.]*$/, '') || 'poses'}${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// As `mmpose.results` writes and reads it: the keypoint definition is in the first record.
function toJson() {
  const plain = records.map(({ timing, fps, ...rest }, i) => {
    const { instances, ...head } = rest;
    return { ...head, ...(i === 0 ? { metainfo: model.metainfo } : {}), instances };
  });
  return `[\n${plain.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`;
}

const cell = (value) => {
  const words = `${value ?? ''}`;
  return /[",\r\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
};

function toCsv() {
  const rows = ['frame,source,timestamp,instance,track,keypoint,x,y,score,conf,' +
    'left,top,right,bottom,box_score,height,width'];
  for (const one of records) {
    const head = [one.frame_index, one.source, one.timestamp];
    if (!one.instances.length) rows.push([...head, ...Array(12).fill(null), ...one.size].map(cell).join(','));
    one.instances.forEach((instance, i) => {
      const box = instance.bbox?.[0] ?? Array(4).fill(null);
      instance.keypoints.forEach(([x, y], k) => {
        const point = [model.metainfo.keypoint_names[k], x, y, instance.keypoint_scores[k], instance.keypoint_conf[k]];
        rows.push([...head, i, instance.track_id, ...point, ...box, instance.bbox_score, ...one.size]
          .map(cell).join(','));
      });
    });
  }
  return `${rows.join('\n')}\n`;
}

function savePicture() {
  const copy = document.createElement('canvas');
  paint(copy, 1, Math.max(frame.width, frame.height) / 900);
  copy.toBlob((blob) => save(blob, '-poses.png'), 'image/png');
}

// ---- the start ----

function listen() {
  $('file').addEventListener('change', () => {
    open($('file').files[0]);
    $('file').value = ''; // the same file can be opened again
  });
  $('camera').addEventListener('click', useCamera);
  $('stop').addEventListener('click', stop);
  $('play').addEventListener('click', play);
  video.addEventListener('play', () => { $('play').textContent = 'Pause'; follow(); });
  video.addEventListener('pause', () => { $('play').textContent = 'Play'; });
  $('seek').addEventListener('input', () => { video.currentTime = $('seek').value; });
  video.addEventListener('seeked', () => { if (document.body.dataset.state === 'done') showMoment(); });
  $('fps').addEventListener('change', async () => {
    if (!video.src) return;
    session.abort();
    session = new AbortController();
    video.pause();
    records = [];
    document.body.dataset.state = 'busy';
    $('play').disabled = $('seek').disabled = true;
    try { await analyse(session.signal); } catch (error) { fail(error); }
  });
  for (const id of ['kpt-thr', 'box-thr', 'width']) {
    $(id).addEventListener('input', () => {
      $(`${id}-value`).textContent = Number($(id).value).toFixed(id === 'width' ? 1 : 2);
      show();
    });
  }
  for (const id of ['boxes', 'ids', 'names']) $(id).addEventListener('change', show);
  $('json').addEventListener('click', () => save(new Blob([toJson()], { type: 'application/json' }), '.json'));
  $('csv').addEventListener('click', () => save(new Blob([toCsv()], { type: 'text/csv' }), '.csv'));
  $('png').addEventListener('click', savePicture);
  for (const type of ['dragover', 'dragleave', 'drop']) {
    window.addEventListener(type, (moved) => {
      moved.preventDefault();
      $('drop').classList.toggle('over', type === 'dragover');
      if (type === 'drop') open(moved.dataTransfer.files[0]);
    });
  }
}

async function start() {
  listen();
  new ResizeObserver(show).observe($('drop'));
  try {
    model = await ask('api/model');
  } catch (error) {
    $('model').textContent = '';
    fail(error);
    return;
  }
  const { dataset_name: dataset, keypoint_names: names } = model.metainfo;
  $('model').textContent = `${model.name} \u00b7 ${names.length} keypoints (${dataset})`;
  $('file').disabled = $('camera').disabled = false;
  document.body.dataset.state = 'ready';
}

start();
