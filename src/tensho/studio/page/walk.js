// A walk from noise to a character: its frames, and its path over the land of real characters.

import { tile } from "./glyphs.js";
import { fetched } from "./studio.js";

const CONTOURS = 14;
const RELIEF = 3;
const FRAME_TIME = 90;

const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const channels = (name) => colour(name).split(" ").map(Number);

/** Heights between the points of a square grid, by bilinear interpolation; x and y in [0, 1]. */
function sampler(heights, side) {
  return (x, y) => {
    const [u, v] = [Math.min(Math.max(x * side - 0.5, 0), side - 1.001), Math.min(Math.max(y * side - 0.5, 0), side - 1.001)];
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [a, b] = [u - i, v - j];
    const row = (k) => heights[k * side + i] * (1 - a) + heights[k * side + i + 1] * a;
    return row(j) * (1 - b) + row(j + 1) * b;
  };
}

/** Shade the land as a map is shaded: light from the upper left, and contour lines. */
function shaded(context, { grid, energy }) {
  const { width, height } = context.canvas;
  const at = sampler(bytes(energy).map(Number), grid);
  const image = context.createImageData(width, height);
  const [valley, hill] = [channels("--valley"), channels("--hill")];
  const level = (x, y) => at(x / width, y / height) / 255;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = level(x, y);
      const [right, below] = [level(x + 2, y), level(x, y + 2)];
      const light = 1 + RELIEF * (right + below - 2 * here);
      const band = Math.floor(here * CONTOURS);
      const line = Math.floor(level(x + 1, y) * CONTOURS) !== band || Math.floor(level(x, y + 1) * CONTOURS) !== band ? (here < 0.97 ? 0.9 : 1) : 1;
      for (let k = 0; k < 3; k++) image.data[4 * (y * width + x) + k] = (valley[k] * (1 - here) + hill[k] * here) * light * line;
      image.data[4 * (y * width + x) + 3] = 255;
    }
  }
  return image;
}

export function walking(panel) {
  const find = (name) => panel.querySelector(name);
  const land = find("#land").getContext("2d");
  const [slider, play, viewer] = [find("#step"), find("#play"), find("#frames")];
  let map, background, frames = [], playing;

  const placed = ([x, y]) => {
    const { width, height } = land.canvas;
    return [((x / map.reach + 1) / 2) * width, ((1 - y / map.reach) / 2) * height];
  };

  function scene() {
    background = shaded(land, map);
    paint();
  }

  function paint() {
    if (!background) return;
    land.putImageData(background, 0, 0);
    land.fillStyle = colour("--ink");
    land.globalAlpha = 0.55;
    land.font = `22px ${colour("--cjk")}`;
    land.textAlign = "center";
    land.textBaseline = "middle";
    for (const [char, x, y] of map.landmarks) land.fillText(char, ...placed([x, y]));
    land.globalAlpha = 1;
    path(frames.slice(0, Number(slider.value) + 1));
  }

  function path(walked) {
    const points = walked.filter((frame) => frame.place).map((frame) => placed(frame.place));
    if (!points.length) return;
    land.strokeStyle = land.fillStyle = colour("--accent");
    land.lineJoin = "round";
    for (let k = 1; k < points.length; k++) {
      land.globalAlpha = 0.2 + 0.7 * (k / points.length) ** 2;
      land.lineWidth = 2.5;
      land.beginPath();
      land.moveTo(...points[k - 1]);
      land.lineTo(...points[k]);
      land.stroke();
    }
    land.globalAlpha = 1;
    land.beginPath();
    land.arc(...points[0], 6, 0, 2 * Math.PI);
    land.stroke();
    land.beginPath();
    land.arc(...points.at(-1), 9, 0, 2 * Math.PI);
    land.fill();
  }

  function picture(name, text) {
    const context = find(name).getContext("2d");
    const ink = bytes(text);
    const side = Math.sqrt(ink.length);
    context.canvas.width = context.canvas.height = side;
    const image = context.createImageData(side, side);
    const shade = matchMedia("(prefers-color-scheme: dark)").matches ? [23, 216] : [255, -227];
    ink.forEach((value, k) => image.data.set([...Array(3).fill(shade[0] + (shade[1] * value) / 255), 255], 4 * k));
    context.putImageData(image, 0, 0);
  }

  function turn(k) {
    const frame = frames[k];
    slider.value = k;
    picture("#noisy", frame.noisy);
    picture("#clean", frame.clean);
    find("#step-says").textContent = `Cycle ${frame.cycle + 1}, step ${frame.step + 1}: noise ${frame.level.toFixed(2)}`;
    paint();
  }

  function stopped() {
    clearInterval(playing);
    playing = undefined;
    play.textContent = "Play";
  }

  slider.addEventListener("input", () => {
    stopped();
    turn(Number(slider.value));
  });
  play.addEventListener("click", () => {
    if (playing) return stopped();
    let k = Number(slider.value) + 1 < frames.length ? Number(slider.value) : -1;
    play.textContent = "Pause";
    playing = setInterval(() => (++k < frames.length ? turn(k) : stopped()), FRAME_TIME);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (map) scene();
    if (frames.length) turn(Number(slider.value));
  });

  async function survey() {
    map = await fetched("/api/landscape");
    scene();
  }

  return {
    first: survey,
    begin: () => {
      stopped();
      frames = [];
      find("#arrived").replaceChildren();
    },
    frame: (frame) => {
      frames.push(frame);
      slider.max = frames.length - 1;
      viewer.hidden = false;
      turn(frames.length - 1);
    },
    glyph: (glyph) => find("#arrived").append(tile(glyph)),
  };
}
