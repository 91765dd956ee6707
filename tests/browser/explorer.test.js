// Nine questions of people, each answered in a real browser from the start page with at most three clicks or one search; the page at
// every width and in both colours; bad input. It needs Chromium (`CHROMIUM` says where it is) and a kickproof built with debug assertions
// (`KICKPROOF`).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const kickproof = process.env.KICKPROOF ?? '../../target/debug/kickproof';
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** A folder for pictures of the page, if anybody wants them. */
const pictures = process.env.PICTURES;
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const story = 'page-story: a1.login a1.open a1.up a2.login a2.open a2.up a3.login a3.open a3.up';

const servers = [];
/** Starts an Explorer; its address. */
const explorer = (...args) => new Promise((resolve, reject) => {
    const server = spawn(kickproof, ['explore', '--address', '127.0.0.1:0', ...args]);
    servers.push(server);
    server.stdout.on('data', said => {
        const found = /http:\S+/.exec(said);
        if (found) resolve({ address: found[0], server });
    });
    server.stderr.on('data', said => reject(new Error(String(said))));
});

let browser, plain, planted;
before(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    plain = await explorer();
    planted = await explorer('--planted', 'kick2-newest-kicked');
});
after(async () => {
    await browser?.close();
    servers.forEach(server => server.kill());
});

/** A page that counts what a person does, and on which nothing may go wrong in the console. */
const open = async ({ address } = plain, settings = {}) => {
    const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, ...settings });
    const page = await context.newPage();
    page.troubles = [];
    page.on('console', message => message.type() === 'error' && page.troubles.push(message.text()));
    page.on('pageerror', error => page.troubles.push(error.message));
    await page.goto(address);
    await page.locator('.move').first().waitFor();
    return page;
};
const find = async (page, question) => {
    await page.fill('#question', question);
    await page.press('#question', 'Enter');
};
const text = (page, place) => page.locator(place).innerText();
const clean = page => assert.deepEqual(page.troubles, []);

test('how is a1 kicked by the third login in page-story?', async () => {
    const page = await open();
    await find(page, 'a1 told KICKED_OUT multipleAccount');
    await page.locator('#hits button').first().click();
    await page.locator('#steps .here', { hasText: 'deliver the notice to a1' }).waitFor();
    const way = await text(page, '#steps');
    assert.match(way, /a3 login as a \(good\)[\s\S]*deliver a3's login to the server\s+[\s\S]*notice multipleAccount[\s\S]*KICK-2/);
    assert.match(way, /a1: KICKED_OUT multipleAccount/);
    clean(page);
});

test('which states have both pages offline with no kick on record?', async () => {
    const page = await open();
    await page.selectOption('#scope', 'page-default');
    await page.locator('#about').getByText('23,911 states').waitFor();
    await find(page, 'online a: nobody and no kick on record');
    await page.locator('#count').getByText(/of 23,911 states/).waitFor();
    assert.match(await text(page, '#count'), /^[\d,]+ of 23,911 states/);
    assert.match(await text(page, '#hits'), /0 steps: the beginning/);
    clean(page);
});

test('what does KICK-8 forbid here, and why?', async () => {
    const page = await open();
    await find(page, 'KICK-8 acts');
    await page.locator('#hits button').first().click();
    await page.getByText('deliver a3\'s login to the server').first().waitFor();
    await page.keyboard.press('u');
    await page.locator('#groups .rule', { hasText: 'KICK-8' }).first().click();
    await page.locator('#answer h3').waitFor();
    const answer = await text(page, '#answer');
    assert.match(answer, /KICK-8 \(D\): a kick leaves a record until it is acknowledged/);
    assert.match(answer, /with KICK-8: a1: kicked from a: multipleAccount/);
    assert.match(answer, /KICK-8 forbids: server: no kick on record/);
    clean(page);
});

test('which rule keeps a kicked page from coming back?', async () => {
    const page = await open();
    await find(page, `${story} a1.down a1.down`);
    const line = page.locator('#groups li', { hasText: 'open a1\'s link' });
    await line.waitFor();
    assert.equal(await line.locator('.rule').innerText(), 'KICK-7');
    clean(page);
});

test('what differs between these two states?', async () => {
    const page = await open();
    await page.click('#pin');
    await page.locator('.move', { hasText: 'a1 login as a (good)' }).click();
    await page.locator('#compared').getByText('a1: logging in as a').waitFor();
    const differs = await text(page, '#compared');
    assert.match(differs, /only here[\s\S]*a1: logging in as a[\s\S]*only there[\s\S]*a1: logged out/);
    assert.doesNotMatch(differs, /a2:/);
    clean(page);
});

test('from which step on was this divergence unavoidable?', async () => {
    const page = await open(planted);
    await find(page, story);
    await page.locator('#verdict', { hasText: 'differs at step 9' }).waitFor();
    await page.locator('#verdict button').click();
    await page.locator('#answer').getByText(/unavoidable from step 9 on/).waitFor();
    clean(page);
});

test('who can still kick a2 from here?', async () => {
    const page = await open();
    await find(page, 'page-story: a2.login a2.open a2.up');
    await page.locator('#steps .here', { hasText: 'deliver a2\'s login' }).waitFor();
    await page.getByRole('button', { name: 'who can still kick a2?' }).click();
    await page.locator('#answer h3').waitFor();
    const answer = await text(page, '#answer');
    assert.match(answer, /a3, within \d+ steps/);
    assert.match(answer, /a1, within \d+ steps/);
    clean(page);
});

test('is there a state in which a kicked page is ready?', async () => {
    const page = await open();
    await find(page, 'X kicked and X ready');
    await page.locator('#count').getByText('of 43,200 states').waitFor();
    assert.match(await text(page, '#count'), /^1,392 of 43,200 states/);
    await find(page, 'X kicked and X ready and not X link: kicked');
    await page.locator('#count').getByText('none of 43,200 states').waitFor();
    clean(page);
});

test('open this trace', async () => {
    const page = await open();
    await find(page, story);
    await page.locator('#verdict', { hasText: 'agree in all 9 steps' }).waitFor();
    assert.equal(await page.locator('#steps li').count(), 10);
    clean(page);
});

test('a link holds the place, and back and forth go through it', async () => {
    const page = await open();
    await find(page, story);
    await page.locator('#steps li').nth(9).waitFor();
    await page.click('#pin');
    await page.keyboard.press('u');
    await page.locator('#steps li').nth(9).waitFor({ state: 'detached' });
    await page.locator('#compared').getByText('What differs').waitFor();
    const other = await browser.newPage();
    await other.goto(page.url());
    await other.locator('#compared').getByText('What differs').waitFor();
    assert.equal(await text(other, '#steps'), await text(page, '#steps'));
    await page.goBack();
    await page.locator('#steps li').nth(9).waitFor();
    await page.goForward();
    await page.locator('#compared').getByText('What differs').waitFor();
    clean(page);
});

test('a place is copied as a link, a command, a test and a picture', async () => {
    const page = await open(plain, { permissions: ['clipboard-read', 'clipboard-write'] });
    await find(page, story);
    await page.locator('#verdict', { hasText: 'agree in all 9 steps' }).waitFor();
    const copied = async what => {
        await page.click(`[data-copy=${what}]`);
        await page.locator('#said', { hasText: `${what} copied` }).waitFor();
        return page.evaluate(() => navigator.clipboard.readText());
    };
    assert.equal(await copied('link'), page.url());
    assert.equal(await copied('command'), `kickproof replay ${story}`);
    assert.match(await copied('test'), /#\[test\]\nfn [\s\S]*a3\.login a3\.open a3\.up/);
    assert.match(await copied('svg'), /^<svg /);
    clean(page);
});

test('somebody else\'s system stands beside the model, and is drawn to where it differs', async () => {
    const example = readFileSync('../foreign/example.py', 'utf8');
    const [right, wrong] = ['over = counted[:max(', 'over = counted[::-1][:max('];
    assert.ok(example.includes(right));
    const broken = join(mkdtempSync(join(tmpdir(), 'kickproof-')), 'broken.py');
    writeFileSync(broken, example.replace(right, wrong));
    for (const [child, verdict] of [['../foreign/example.py', 'agree in all 9 steps'], [broken, 'differs at step 9']]) {
        const page = await open(await explorer('--foreign', 'python3', child));
        await find(page, story);
        await page.locator('#verdict', { hasText: verdict }).waitFor();
        if (child === broken) {
            await page.locator('#verdict button').click();
            await page.locator('#answer').getByText('It shows at step 9, and could be avoided until step 9.').waitFor();
        }
        clean(page);
    }
});

test('stateright\'s own page is there, too', async () => {
    const page = await browser.newPage();
    await page.goto(`${plain.address}/stateright`);
    await page.locator('a[href^="#/steps/"]').first().click();
    await page.getByText('a1 login as a (good)').first().waitFor();
});

test('it is used without a mouse', async () => {
    const page = await open();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const name = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press('Enter');
    await page.locator('#steps .here', { hasText: name }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('a1 ready');
    await page.keyboard.press('Enter');
    await page.locator('#count').getByText('of 43,200 states').waitFor();
    await page.locator('#hits button').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('#lanes').getByText('ready', { exact: true }).first().waitFor();
    await page.keyboard.press('?');
    assert.ok(await page.locator('#keys').isVisible());
    clean(page);
});

for (const colorScheme of ['light', 'dark']) {
    for (const width of [400, 1600]) {
        test(`at ${width} px, ${colorScheme}, nothing sticks out and all can be read`, async () => {
            const page = await open(plain, { viewport: { width, height: 1000 }, colorScheme });
            await page.evaluate(at => location.hash = new URLSearchParams({ at, for: 'a1 told KICKED_OUT', show: 'threats a2', pin: 'page-story:' }), story);
            await page.locator('#verdict', { hasText: 'agree' }).waitFor();
            await page.locator('#answer h3').waitFor();
            await page.locator('#hits button').first().waitFor();
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it is too wide');
            await page.addScriptTag({ path: axe });
            const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] }));
            assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)]), []);
            if (pictures) {
                mkdirSync(pictures, { recursive: true });
                await page.screenshot({ path: `${pictures}/${width}-${colorScheme}.png`, fullPage: true });
            }
            clean(page);
        });
    }
}

test('what is wrong is told in one line, and nothing is lost', async () => {
    const going = await explorer();
    const page = await open(going);
    await find(page, story);
    await page.locator('#steps li').nth(9).waitFor();
    const told = async (what, line) => {
        await what();
        await page.locator('#trouble', { hasText: line }).waitFor();
        assert.equal((await text(page, '#trouble')).split('\n').length, 1);
        assert.equal(await page.locator('#steps li').count(), 10, 'the place stays');
    };
    await told(() => find(page, 'page-story: a1.login a1.opne'), 'step 2 of the trace is \'a1.opne\'; did you mean \'a1.open\'?');
    await told(() => page.evaluate(() => location.hash = 'at=page-stroy:'), 'unknown scope \'page-stroy\'; did you mean \'page-story\'?');
    await told(() => find(page, 'a1 raedy'), 'no state and no move of page-story has the words \'a1 raedy\'; did you mean \'ready\'?');
    await told(() => find(page, 'a1 ready and'), 'something must follow \'and\'');
    going.server.kill();
    await told(() => find(page, 'a1 ready'), 'the Explorer\'s server does not answer; start it again');
});
