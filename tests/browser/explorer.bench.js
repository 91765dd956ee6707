// How long the Explorer takes on a scope, in Chromium, beside stateright's own on the same one: until the page can be used, a step, and an
// answer to a search. `npm run bench`; `SCOPE` names the scope, the largest unless told.
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

const kickproof = process.env.KICKPROOF ?? '../../target/release/kickproof';
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const scope = process.env.SCOPE ?? 'limit-change-cut';
const rounds = Number(process.env.ROUNDS ?? 5), steps = 20;
const questions = ['a1 told KICKED_OUT', 'online a: nobody and no kick on record', 'X kicked and X ready', 'KICK-8 acts', 'a1 told KICKED_OUT preceded by a1.logout'];

const explorer = () => new Promise((resolve, reject) => {
    const server = spawn(kickproof, ['explore', '--scope', scope, '--address', '127.0.0.1:0']);
    server.stdout.on('data', said => resolve({ address: /http:\S+/.exec(said)[0], server }));
    server.stderr.on('data', said => reject(new Error(String(said))));
});
const since = begun => performance.now() - begun;
const quantile = (all, part) => all.toSorted((one, other) => one - other)[Math.min(all.length - 1, Math.floor(all.length * part))];

/** Until a move can be made, from the start of the process on. */
const ours = async (browser, times) => {
    const begun = performance.now();
    const { address, server } = await explorer();
    const page = await browser.newPage();
    await page.goto(address);
    await page.locator('.move').first().waitFor();
    times.open.push(since(begun));
    for (let made = 1; made <= steps; made++) {
        await page.locator('#verdict', { hasText: 'agree' }).waitFor();
        times.step.push(await page.evaluate(made => new Promise(done => {
            const begun = performance.now();
            const moves = document.querySelectorAll('.move');
            new MutationObserver((_, observer) => document.querySelectorAll('#steps li').length > made
                && requestAnimationFrame(() => (observer.disconnect(), done(performance.now() - begun))))
                .observe(document.getElementById('groups'), { childList: true });
            moves[made % Math.min(moves.length, 3)].click();
        }), made));
    }
    for (const question of questions) {
        times.search.push(await page.evaluate(question => new Promise(done => {
            document.getElementById('hits').replaceChildren();
            const begun = performance.now();
            new MutationObserver((_, observer) => requestAnimationFrame(() => (observer.disconnect(), done(performance.now() - begun))))
                .observe(document.getElementById('hits'), { childList: true });
            document.getElementById('question').value = question;
            document.getElementById('search').requestSubmit();
        }), question));
    }
    await page.close();
    server.kill();
};

const stateright = async (browser, times) => {
    const begun = performance.now();
    const { address, server } = await explorer();
    const page = await browser.newPage();
    await page.goto(`${address}/stateright`);
    const moves = page.locator('a[href^="#/steps/"]');
    await moves.first().waitFor();
    times.open.push(since(begun));
    for (let made = 1; made <= steps; made++) {
        const hash = await page.evaluate(() => location.hash);
        const timed = performance.now();
        await page.evaluate(() => [...document.querySelectorAll('a[href^="#/steps/"]')].at(-1).click());
        await page.waitForFunction(hash => location.hash !== hash, hash);
        await page.waitForFunction(() => [...document.querySelectorAll('a[href^="#/steps/"]')].some(a => a.hash.startsWith(location.hash.replace(/\/?(\?.*)?$/, '/'))), null, { timeout: 10_000 }).catch(() => {});
        times.step.push(since(timed));
    }
    await page.close();
    server.kill();
};

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const measured = {};
for (const [name, run] of Object.entries({ ours, stateright })) {
    measured[name] = { open: [], step: [], search: [] };
    for (let round = 0; round < rounds; round++) await run(browser, measured[name]);
}
await browser.close();
const row = (what, times, most) => times.length && console.log(`${what.padEnd(44)}${[0.5, 0.95].map(part => quantile(times, part).toFixed(0).padStart(8)).join('')}${(most ?? '').toString().padStart(10)}`);
console.log(`${scope.padEnd(44)}${'p50'.padStart(8)}${'p95'.padStart(8)}${'at most'.padStart(10)}   milliseconds`);
row('until a move can be made', measured.ours.open, 3000);
row('a step', measured.ours.step, 50);
row('an answer to a search', measured.ours.search, 200);
row('stateright: until a move can be made', measured.stateright.open);
row('stateright: a step', measured.stateright.step);
