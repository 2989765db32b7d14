// A PDF, page by page: a picture to see, and its words to select, search and hear.

import { getDocument, GlobalWorkerOptions, TextLayer } from "../vendor/pdfjs-dist-5.6.205/pdf.min.mjs";
import { say, words } from "./words.js";

GlobalWorkerOptions.workerSrc = new URL(
  "../vendor/pdfjs-dist-5.6.205/pdf.worker.min.mjs",
  import.meta.url,
).href;
const SHARPEST = 2;

export async function begin(stage, player, tracker, strip, started) {
  let pdf;
  try {
    pdf = await getDocument({ url: player.url, isEvalSupported: false }).promise;
  } catch {
    stage.textContent = words.document_failed;
    return;
  }
  const pages = await layOut(stage, pdf);
  drawWhenNear(stage, pdf, pages);
  const page = player.unconfirmed?.page ?? Math.round(player.position);
  // Only the stage scrolls, not the page around it.
  if (page > 1) stage.scrollTop = pages[Math.min(page, pages.length) - 1].offsetTop - stage.offsetTop;
  tracker.addEventListener("page", ({ detail }) => strip?.mark(detail.page));
  await started;
  tracker.watchPages(pages, player.content_id);
}

// Boxes of the right shape first, so that nothing moves while pages are drawn.
async function layOut(stage, pdf) {
  const pages = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { width, height } = (await pdf.getPage(number)).getViewport({ scale: 1 });
    const page = document.createElement("div");
    page.className = "page";
    page.style.aspectRatio = `${width} / ${height}`;
    page.setAttribute("role", "group");
    page.setAttribute("aria-label", say(words.page, { page: number, pages: pdf.numPages }));
    pages.push(page);
  }
  stage.replaceChildren(...pages);
  stage.tabIndex = 0;
  return pages;
}

function drawWhenNear(stage, pdf, pages) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || target.hasChildNodes()) continue;
        observer.unobserve(target);
        draw(pdf, pages.indexOf(target) + 1, target);
      }
    },
    { root: stage, rootMargin: "100%" },
  );
  pages.forEach((page) => observer.observe(page));
}

async function draw(pdf, number, box) {
  const page = await pdf.getPage(number);
  const natural = page.getViewport({ scale: 1 });
  const scale = box.clientWidth / natural.width;
  const sharp = page.getViewport({ scale: scale * Math.min(devicePixelRatio, SHARPEST) });
  const canvas = document.createElement("canvas");
  canvas.width = sharp.width;
  canvas.height = sharp.height;
  canvas.setAttribute("aria-hidden", "true");
  const text = document.createElement("div");
  text.className = "words";
  text.style.setProperty("--total-scale-factor", scale);
  box.replaceChildren(canvas, text);
  await page.render({ canvas, viewport: sharp }).promise;
  await new TextLayer({
    textContentSource: page.streamTextContent(),
    container: text,
    viewport: page.getViewport({ scale }),
  }).render();
}
