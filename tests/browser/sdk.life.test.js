// The SDK where a page does not go on as it began: put aside, frozen, kicked meanwhile; without a server, with bad options, without
// storage. What it needs says `sdk.test.js`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { app, kick, launch, links, loaded, online, serve, site, told, userSig } from './site.js';

let browser, server, pages;
before(async () => {
    [browser, server, pages] = await Promise.all([launch(), serve(), site()]);
});
after(async () => {
    await browser?.close();
    await server?.stop();
    pages?.stop();
});

const tab = async (options = {}, prepare = () => {}) => {
    const context = await browser.newContext();
    await context.addInitScript(prepare);
    const page = await context.newPage();
    await page.goto(pages.address);
    await loaded(page);
    await page.evaluate(options => begin(options), { SDKAppID: app, server: server.url, ...options });
    return page;
};
const login = (page, userID) => page.evaluate(([userID, userSig]) => login(userID, userSig), [userID, userSig(userID)]);
const ready = async userID => {
    const page = await tab();
    await login(page, userID);
    await told(page, 'SDK_READY');
    return page;
};
const back = ['SDK_READY', 'NET_STATE_CHANGE connecting', 'NET_STATE_CHANGE connected'];

test('a page that was put aside for going back has no link, keeps its place, and goes on with its session', async () => {
    const before = await links(server);
    const page = await ready('bob');
    assert.equal(await links(server), before + 1);
    await page.goto(`${pages.address}/other`);
    await links(server, before);
    assert.equal(await online(server, 'bob'), 1);
    await page.goBack({ waitUntil: 'commit' });
    assert.deepEqual(await told(page, 'NET_STATE_CHANGE connected'), back);
    assert.equal(await online(server, 'bob'), 1);
});

test('a page that was kicked while it was put aside learns it when it wakes', async () => {
    const page = await ready('fay');
    await page.goto(`${pages.address}/other`);
    await kick(server, 'fay');
    await page.goBack({ waitUntil: 'commit' });
    const heard = await told(page, 'KICKED_OUT REST_API_Kick');
    assert.deepEqual(heard, ['SDK_READY', 'NET_STATE_CHANGE connecting', 'SDK_NOT_READY', 'KICKED_OUT REST_API_Kick']);
});

test('the next page of a tab has the place of the one that was put aside, which learns it as it comes back', async () => {
    const page = await ready('nell');
    await page.goto(`${pages.address}/other`);
    await loaded(page);
    await page.evaluate(options => begin(options), { SDKAppID: app, server: server.url });
    assert.equal((await login(page, 'nell')).actionStatus, 'OK');
    assert.equal(await online(server, 'nell'), 1);
    await page.goBack({ waitUntil: 'commit' });
    const heard = await told(page, 'KICKED_OUT multipleAccount');
    assert.deepEqual(heard, ['SDK_READY', 'NET_STATE_CHANGE connecting', 'SDK_NOT_READY', 'KICKED_OUT multipleAccount']);
    assert.equal(await online(server, 'nell'), 1);
});

test('a page that is frozen gives its link up at once, and asks for the next one as it wakes', async () => {
    const page = await ready('fred');
    const seen = await page.evaluate(() => {
        document.dispatchEvent(new Event('freeze'));
        const frozen = [sockets.length, sockets[0].readyState === WebSocket.CLOSING];
        document.dispatchEvent(new Event('resume'));
        return [...frozen, sockets.length];
    });
    assert.deepEqual(seen, [1, true, 2]);
    assert.deepEqual(await told(page, 'NET_STATE_CHANGE connected'), back);
});

test('the links of a page are numbered above those before it was loaded again, whatever its clock says then', async () => {
    const page = await ready('zoe');
    await page.addInitScript(() => { Date.now = () => 1; });
    await page.reload();
    await loaded(page);
    await page.evaluate(options => begin(options), { SDKAppID: app, server: server.url });
    assert.equal((await login(page, 'zoe')).actionStatus, 'OK');
    assert.equal(await online(server, 'zoe'), 1);
});

test('an option that is bad is refused in one line', async () => {
    const page = await tab();
    const refused = options => page.evaluate(options => {
        try {
            return TIM.create(options);
        } catch (imError) {
            return [imError.code, imError.message];
        }
    }, options);
    assert.deepEqual(await refused(), [70402, 'TIM.create: SDKAppID must be a whole number, and is undefined']);
    assert.deepEqual(await refused({ SDKAppID: '1' }), [70402, 'TIM.create: SDKAppID must be a whole number, and is "1"']);
    const server = 'TIM.create: server must be an address like wss://host:port, and is "here"';
    assert.deepEqual(await refused({ SDKAppID: 1, server: 'here' }), [70402, server]);
});

test('a call that is bad is refused in one line, and after destroy each is', async () => {
    const page = await tab();
    const refused = (call, ...words) => page.evaluate(async ([call, words]) => {
        try {
            return await tim[call](...words);
        } catch (imError) {
            return [imError.code, imError.message];
        }
    }, [call, words]);
    assert.deepEqual(await refused('login', { userID: 'alice' }), [70402, 'login: userSig must be a string, and is undefined']);
    assert.deepEqual(await refused('login'), [70402, 'login: userID must be a string, and is undefined']);
    assert.equal((await refused('login', { userID: 'alice', userSig: '' }))[0], 70002);
    assert.equal((await refused('sendMessage', { ID: '0'.repeat(32), to: 'bob', payload: { text: 'hi' } }))[0], 2024);
    assert.deepEqual(await refused('on', 'kickedOut'), [70402, 'on: the listener must be a function, and is undefined']);
    assert.match((await refused('off', 'sdkReady'))[1], /^on, off: no event is named "sdkReady"; TIM.EVENT has SDK_READY, /);
    await page.evaluate(() => tim.destroy());
    for (const call of ['login', 'logout']) {
        assert.equal((await refused(call, { userID: 'alice', userSig: 'x' }))[0], 6013, call);
    }
    assert.deepEqual(await page.evaluate(() => [tim.isReady(), tim.getLoginUser()]), [false, '']);
});

test('a UserSig for another app is refused, and so is an app that is not the server\'s', async () => {
    const page = await tab({ SDKAppID: 7 });
    assert.equal((await login(page, 'alice')).code, 70014);
});

test('without a server a login fails, and says where there is none', async () => {
    const gone = await site();
    gone.stop();
    const { code, message } = await login(await tab({ server: gone.address }), 'alice');
    const where = `${gone.address.replace('http', 'ws')}/v1/ws`;
    assert.deepEqual([code, message], [2800, `the link cannot be opened; nothing was sent (no WebSocket to ${where})`]);
});

test('without storage a login fails, and says why', async () => {
    const page = await tab({}, () => Object.defineProperty(window, 'sessionStorage', {
        get() { throw new DOMException('access is denied for this document', 'SecurityError'); },
    }));
    const { code, message } = await login(page, 'alice');
    assert.equal(code, 2800);
    assert.match(message, /nothing was sent \(the browser keeps no key: access is denied for this document\)/);
});

test('what is no identity in the storage is replaced', async () => {
    for (const kept of ['{', 'null', '{"key":"1","epoch":1}']) {
        const page = await tab({}, `new URL(location.href).protocol === 'http:' && (Storage.prototype.getItem = () => ${JSON.stringify(kept)})`);
        assert.equal((await login(page, 'nora')).actionStatus, 'OK', kept);
        await page.close();
    }
});

test('what comes over a link and is no frame ends the link, and the session goes on over the next', async () => {
    const page = await ready('fritz');
    await page.evaluate(() => sockets.at(-1).onmessage({ data: '{"v":1}' }));
    assert.deepEqual(await told(page, 'NET_STATE_CHANGE connected'), back);
});
