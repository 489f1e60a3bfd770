/**
 * Every tab and every stop of the tour in Firefox: what its console calls an error, answers of 4xx and 5xx, and stops
 * that are not shown.
 *
 *   npm install --no-save puppeteer-core
 *   node benchmarks/firefox.mjs ADDRESS [FIREFOX] [SECONDS]
 *
 * ADDRESS: where the page runs, with a server or without one. FIREFOX: the program, `firefox` if not said; it is
 * spoken to by WebDriver BiDi. SECONDS: for which each stop is looked at, 1.2 if not said. Ends with 1 where there was
 * a fault.
 */
import puppeteer from 'puppeteer-core';

const PATIENCE_MS = 20_000;
const [address, firefox = 'firefox', seconds = '1.2'] = process.argv.slice(2);
if (!address) throw new Error('Usage: node benchmarks/firefox.mjs ADDRESS [FIREFOX] [SECONDS]');
const root = address.endsWith('/') ? address : `${address}/`;

const browser = await puppeteer.launch({browser: 'firefox', executablePath: firefox, headless: true});
const page = await browser.newPage();
await page.setViewport({width: 1280, height: 900});
const faults = [];
let place = '';
const note = fault => faults.push(`${place}: ${fault}`);
page.on('console', line => line.type() === 'error' && note(line.text()));
page.on('pageerror', error => note(String(error)));
page.on('response', answer => answer.status() >= 400 && note(`${answer.status()} ${answer.url()}`));

const stops = await (await fetch(`${root}live/stops.json`)).json();
const rest = () => new Promise(done => setTimeout(done, 1000 * Number(seconds)));
for (const tab of [...new Set(stops.map(stop => stop.tab))]) {
  place = tab;
  await page.goto(`${root}?tab=${tab}`);
  await page
    .waitForSelector(`#tab-${tab} canvas`, {visible: true, timeout: PATIENCE_MS})
    .catch(() => note('is not shown'));
  await page.waitForNetworkIdle({timeout: PATIENCE_MS}).catch(() => note('never rests'));
}
await page.goto(`${root}?present`);
for (const [index, {title}] of stops.entries()) {
  place = `${index + 1} ${title}`;
  if (index) await page.keyboard.press('ArrowRight');
  await page
    .waitForFunction(
      wanted => document.querySelector('.vd-stops [data-part=title]')?.textContent === wanted,
      {timeout: PATIENCE_MS},
      title,
    )
    .catch(() => note('is not shown'));
  await rest();
}
console.log(`${await browser.version()}, ${stops.length} stops, ${faults.length} faults`);
console.log(faults.join('\n'));
await browser.close();
process.exitCode = Number(faults.length > 0);
